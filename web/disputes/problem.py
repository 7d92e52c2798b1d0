"""The page "Something is wrong": it opens a case, asks for a file again, or reports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from quart import Blueprint, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.bookings import BookingId
from core.bookings import Status as BookingStatus
from core.chat_reports import AlreadyReported
from core.dispute_parts import CHOSEN, TEXT_MAXIMUM, Reason, WishKind, checked_statement
from core.errors import Conflict, Errors, Invalid
from core.files import Purpose
from core.jobs import FROZEN, Job, JobId
from core.jobs import Status as JobStatus
from core.money import Money
from web.disputes.wording import REASONS
from web.shared.access import Who, allow
from web.shared.context import me, services
from web.shared.forms import FormFields, page_fields, read_form, rupees, sent_file_ids, typed
from web.shared.kept_forms import refilled
from web.shared.sides import Side

blueprint = Blueprint("problems", __name__, template_folder="templates")

BROKEN_FILE, PRESSURE = "broken_file", "pressure"
CASES = CHOSEN
WISHES = (WishKind.PART, WishKind.ALL, WishKind.CHANGES, WishKind.OTHER)


@blueprint.get("/jobs/<job_id>/problem")
@allow(Who.PARTY)
async def show(job_id: str) -> ResponseReturnValue:
    job = await services().jobs.get(JobId(job_id), by=me().id)
    if job.status in FROZEN:
        return redirect(url_for(".case", job_id=job.id), 303)
    form = refilled(request.path) or {"why": request.args.get("why", "")}
    return await _page(job, form)


@blueprint.get("/jobs/<job_id>/case")
@allow(Who.PARTY)
async def case(job_id: str) -> ResponseReturnValue:
    """To the newest case of the job, or to the booking if there is none."""
    job = await services().jobs.get(JobId(job_id), by=me().id)
    dispute = await services().disputes.of_job(job.id)
    if dispute is None:
        return redirect(url_for("bookings.show", booking_id=job.booking_id), 303)
    return redirect(url_for("disputes.show", dispute_id=dispute.id), 303)


@blueprint.post("/jobs/<job_id>/problem")
@allow(Who.PARTY, label="Send what is wrong")
async def send(job_id: str) -> ResponseReturnValue:
    form = await read_form()
    job = await services().jobs.get(JobId(job_id), by=me().id)
    try:
        return redirect(await _sent(job, form), 303)
    except Invalid as error:
        return await _page(job, form, errors=error.fields), 422
    except Conflict as error:
        return await _page(job, form, problem=error.message), 409


async def _sent(job: Job, form: FormFields) -> str:
    """Do what was chosen; returns the page that follows."""
    why, text = form.get("why", ""), form.get("text", "")
    if why == PRESSURE:
        return await _report(job, text)
    if why == BROKEN_FILE:
        await services().jobs.send_again(job.id, by=me().id, notes=_text(text))
        return url_for("bookings.show", booking_id=job.booking_id)
    errors = Errors()
    if why not in CASES:
        errors.add(why="Choose what is wrong.")
    wish, amount = read_wish(form, WISHES, errors)
    with fields_of_page():
        dispute = await services().disputes.open(
            job.id,
            by=me().id,
            reason=Reason(why),
            wish=wish,
            amount=amount,
            text=text,
            files=await sent_file_ids(),
        )
    return url_for("disputes.show", dispute_id=dispute.id)


def _text(text: str) -> str:
    """The text of the page as the note of a job. Raises `Invalid` for the field of the page."""
    if not text.strip():
        raise Invalid(text="Say in a few sentences what happened.")
    return text


def read_wish(
    form: FormFields, kinds: tuple[WishKind, ...], errors: Errors
) -> tuple[WishKind, Money | None]:
    """What was wished, and the amount of a part. Raises `Invalid` for what cannot be read, together
    with `errors` and those of the text."""
    wish, amount = form.get("wish", ""), None
    if wish not in kinds:
        errors.add(wish="Choose what you wish.")
    if wish == WishKind.PART:
        with errors:
            amount = rupees(form.get("amount", ""), field="amount")
    if errors.fields:
        with errors:
            checked_statement(form.get("text", ""))
    errors.check()
    return WishKind(wish), amount


@contextmanager
def fields_of_page(**names: str) -> Iterator[None]:
    """Errors of use cases under the names that the fields have on the page: the part of a wish is
    its amount, and files have the name of the field to choose them."""
    try:
        yield
    except Invalid as error:
        known = {"refund": "amount", "files": f"files-{Purpose.EVIDENCE}", **names}
        raise Invalid(**page_fields(error, **known)) from error


async def _report(job: Job, text: str) -> str:
    """To the administrators alone: the other side is not told."""
    chat = await services().chats.open_for_booking(BookingId(job.booking_id), by=me().id)
    try:
        await services().chat_reports.report(chat.id, by=me().id, reason=text)
    except Invalid as error:
        raise Invalid(text=next(iter(error.fields.values()))) from error
    except AlreadyReported as error:
        raise Conflict(error.message) from error
    return url_for("chats.show", chat_id=chat.id, reported="yes")


async def _page(
    job: Job, form: FormFields, *, errors: FormFields | None = None, problem: str = ""
) -> str:
    booking = await services().bookings.get(BookingId(job.booking_id), by=me().id)
    side, held = Side(booking, me()), booking.status is BookingStatus.CONFIRMED
    find = services().uploads.unused
    return await render_template(
        "disputes/problem.html",
        job=job,
        booking=booking,
        side=side,
        reasons=[(reason, REASONS[reason]) for reason in CASES],
        held=held,
        unused=await find(by=me().id, purpose=Purpose.EVIDENCE) if held else (),
        requested=booking.status is BookingStatus.REQUESTED,
        sends_again=side.is_client and job.status is JobStatus.DELIVERED,
        form=typed(form),
        errors=errors or {},
        problem=problem,
        maximum=TEXT_MAXIMUM,
    )
