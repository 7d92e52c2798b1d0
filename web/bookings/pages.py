"""The pages of bookings: dashboard, hold, booking, cancellation, return from the checkout."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from quart import Blueprint, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.accounts import Role
from core.bookings import (
    Booking,
    BookingId,
    HourTaken,
    IllegalTransition,
    RefundChanged,
    Status,
    checked_brief,
)
from core.developers import DeveloperId
from core.errors import Conflict, Errors, Invalid, OneHourError
from core.files import Purpose, StoredFile
from core.jobs import FROZEN, WORKING, JobId
from core.money import Money
from core.payments import Payment, PaymentId
from ports.payments import GatewayRefused, GatewayUnavailable
from services.bookings import Held
from services.payments import method_name
from services.timeline import BookingDetails
from web.bookings.dashboards import (
    booking_rows,
    held_earnings,
    monthly_earnings,
    pictures_of,
    week_of,
)
from web.bookings.meetings import meeting_is_next
from web.bookings.money import clearing_of, money_of, money_words
from web.bookings.outcomes import outcome
from web.bookings.payouts import payout_steps
from web.bookings.wording import badge
from web.developers import Choice, held_by_viewer, names_in_form, profile
from web.payments import money_summary
from web.shared.access import Who, allow
from web.shared.context import dependencies, me, now, services, site
from web.shared.forms import (
    FormFields,
    calendar_day,
    field_values,
    page_fields,
    read_form,
    split_list,
    typed,
)
from web.shared.kept_forms import refilled
from web.shared.paging import next_cursor, page_cursor
from web.shared.sides import Side
from web.shared.timeline import line

blueprint = Blueprint("bookings", __name__, template_folder="templates")


@blueprint.get("/dashboard")
@allow(Who.SIGNED_IN)
async def dashboard() -> ResponseReturnValue:
    """The dashboard of the role; an account with both roles selects one with `as`."""
    if me().roles == {Role.ADMIN}:
        return redirect(url_for("admin.overview"), 303)
    both = {Role.CLIENT, Role.DEVELOPER} <= me().roles
    asked = request.args.get("as")
    as_developer = Role.DEVELOPER in me().roles and not (both and asked == "client")
    return await (_for_developer(both) if as_developer else _for_client(both))


async def _for_developer(both: bool) -> str:
    cursor = page_cursor()
    current, past, following = await booking_rows(me(), as_client=False, cursor=cursor)
    developer = await services().developers.own_profile(by=me().id)
    months = await monthly_earnings(developer)
    waiting = [row for row in current if row.booking.status is Status.REQUESTED]
    return await render_template(
        "bookings/developer.html",
        both=both,
        developer=developer,
        waiting=sorted(waiting, key=lambda row: row.due),
        coming=sorted((r for r in current if r.is_ahead), key=lambda row: row.booking.start),
        working=sorted((row for row in current if row.at_work), key=lambda row: row.due),
        held=held_earnings(current),
        months=months if any(month.total for month in months) else [],
        total=sum((month.total for month in months), Money(0)),
        week=week_of(developer, [*current, *past], calendar_day(request.args.get("week", ""))),
        over=past,
        following=next_cursor(following),
    )


async def _for_client(both: bool) -> str:
    cursor = page_cursor()
    current, past, following = await booking_rows(me(), as_client=True, cursor=cursor)
    first = sorted((row for row in current if row.waits_for_client), key=lambda row: row.due)
    later = sorted((r for r in current if r not in first), key=lambda row: row.booking.start)
    return await render_template(
        "bookings/client.html",
        both=both,
        first=first,
        coming=[row for row in later if row.booking.end > now()],
        working=[row for row in later if row.booking.end <= now()],
        over=past,
        following=next_cursor(following),
        cursor=cursor,
    )


@blueprint.post("/developers/<developer_id>/book")
@allow(Who.CLIENT, page="developers.show")
async def hold(developer_id: str) -> ResponseReturnValue:
    """Hold the time and redirect to the payment. After an error, the input is shown again; with
    `show_price` also the price for what plugins have asked."""
    form = await read_form()
    choice, files = Choice.read(form), await _files()
    earlier = await field_values("earlier")
    page = partial(profile, developer_id, choice, chosen=files, earlier=earlier)
    if "show_price" in form:
        return await page()
    shown = form.get("price", "")
    expecting = Money(int(shown)) if shown.isdecimal() and len(shown) < 13 else None
    try:
        start = _checked_start(choice, [*files, *earlier])
        held = await _hold(developer_id, choice, start, expecting, files, earlier)
    except Invalid as error:
        return await page(errors=_named_as_in_form(error)), 422
    except Conflict as error:
        own = await held_by_viewer(developer_id, choice) if isinstance(error, HourTaken) else None
        if own is None:
            return await page(taken=error.message), 409
        payments = dependencies().store.repositories.payments
        held = Held(own, await payments.get(PaymentId(own.payment_id)))
    return redirect(_payment_page(held), 303)


def _named_as_in_form(error: Invalid) -> FormFields:
    return names_in_form(page_fields(error, files=f"files-{Purpose.BRIEF}"))


async def _hold(
    developer_id: str,
    choice: Choice,
    start: datetime,
    expecting: Money | None,
    files: Sequence[str],
    earlier: Sequence[str],
) -> Held:
    """With copies of the files of an earlier booking: those stay where they are."""
    if earlier:
        _check_written(Errors(), choice, [*files, *earlier])
    copies = await services().file_copies.copy(earlier, by=me().id, purpose=Purpose.BRIEF)
    try:
        return await services().bookings.hold(
            by=me().id,
            developer_id=DeveloperId(developer_id),
            start=start,
            hours=choice.hours,
            brief=choice.brief,
            files=[*files, *(copy.id for copy in copies)],
            expecting=expecting,
            fields=choice.fields,
            account=me(),
        )
    except OneHourError:
        await services().file_copies.discard(copies)
        raise


async def _files() -> list[str]:
    """The ids of files: those of check boxes, and the list of the script."""
    return [each for text in await field_values("files") for each in split_list(text)]


def _checked_start(choice: Choice, files: Sequence[str]) -> datetime:
    """The selected time. Raises `Invalid` without one, also with the errors of brief and files."""
    if choice.start is None:
        errors = Errors()
        errors.add(start="Select a time.")
        _check_written(errors, choice, files)
    assert choice.start
    return choice.start


def _check_written(errors: Errors, choice: Choice, files: Sequence[str]) -> None:
    """Raises `Invalid` with these errors and those of the brief and its files."""
    with errors:
        checked_brief(choice.brief)
    with errors:
        services().attachments.check_count(files, Purpose.BRIEF)
    errors.check()


def _payment_page(held: Held) -> str:
    """The checkout if it is on this site, otherwise the booking's page, which links to it."""
    return _local_checkout(held.payment) or url_for("bookings.show", booking_id=held.booking.id)


def _local_checkout(payment: Payment) -> str | None:
    url = payment.checkout_url or ""
    return url if url.startswith((f"{site().base_url}/", "/")) else None


@blueprint.get("/bookings/<booking_id>")
@allow(Who.PARTY)
async def show(booking_id: str) -> ResponseReturnValue:
    return await booking_page(booking_id)


async def booking_page(
    booking_id: str,
    *,
    problem: str = "",
    form: FormFields | None = None,
    errors: FormFields | None = None,
) -> str:
    """The page of one booking; `problem` is the reason why an action failed."""
    details = await services().timeline.details(BookingId(booking_id), by=me().id)
    side = Side(details.booking, me())
    form = form or refilled(*_actions(details), place="next") or {}
    clearing = await clearing_of(details)
    return await render_template(
        "bookings/show.html",
        details=details,
        booking=details.booking,
        payment=details.payment,
        job=details.job,
        side=side,
        badge=badge(side, details.job),
        outcome=outcome(details, side),
        meeting_next=meeting_is_next(side, details.job),
        method_name=method_name,
        money_summary=money_summary(side, details.payment),
        money=money_words(await money_of(details, clearing), side),
        payout_steps=await payout_steps(clearing),
        lines=[(entry, line(entry, details, side)) for entry in details.entries],
        foreign=details.payment.checkout_url if not _local_checkout(details.payment) else None,
        picture=await picture_of(side),
        unused=await _unused(details, side),
        brief_files=await brief_files(details.booking),
        problem=problem,
        form=typed(form),
        errors=errors or {},
    )


async def brief_files(booking: Booking) -> Sequence[StoredFile]:
    """The files of the brief that exist, for a party of the booking: at most one read."""
    repositories = dependencies().store.repositories
    found = await services().attachments.of(repositories, booking.files)
    return [found[each] for each in booking.files if each in found]


def _actions(details: BookingDetails) -> list[str]:
    """The forms of the page with a text field."""
    actions = [url_for("bookings.decline", booking_id=details.booking.id)]
    for name in ("jobs.deliver", "jobs.request_changes") if details.job else ():
        actions.append(url_for(name, job_id=details.booking.job_id))
    return actions


async def _unused(details: BookingDetails, side: Side) -> Sequence[StoredFile]:
    """The files that the developer has sent and not delivered, where there is a form to deliver."""
    job = details.job
    if job is None or not side.is_developer or job.status not in WORKING:
        return ()
    return await services().uploads.unused(by=me().id, purpose=Purpose.DELIVERY)


async def picture_of(side: Side) -> str | None:
    """The profile picture of the other party, if it has one."""
    return (await pictures_of([side])).get(side.other.account_id)


@blueprint.post("/bookings/<booking_id>/pay")
@allow(Who.CLIENT, page="bookings.show")
async def pay(booking_id: str) -> ResponseReturnValue:
    try:
        booking, payment = await services().bookings.checkout(BookingId(booking_id), by=me().id)
    except (GatewayUnavailable, GatewayRefused) as error:
        problem = f"{error.message} Your time is still reserved."
        return await booking_page(booking_id, problem=problem), 503
    except Conflict as error:
        return await booking_page(booking_id, problem=error.message), 409
    return redirect(_local_checkout(payment) or url_for(".show", booking_id=booking.id), 303)


@blueprint.post("/bookings/<booking_id>/release")
@allow(Who.CLIENT, page="bookings.show")
async def release(booking_id: str) -> ResponseReturnValue:
    try:
        await services().bookings.release(BookingId(booking_id), by=me().id)
    except Conflict as error:
        return await booking_page(booking_id, problem=error.message), 409
    return _back_to(booking_id)


@blueprint.post("/bookings/<booking_id>/accept")
@allow(Who.DEVELOPER, page="bookings.show")
async def accept(booking_id: str) -> ResponseReturnValue:
    try:
        await services().answers.accept(BookingId(booking_id), by=me().id)
    except Conflict as error:
        return await booking_page(booking_id, problem=error.message), 409
    return _back_to(booking_id)


@blueprint.post("/bookings/<booking_id>/decline")
@allow(Who.DEVELOPER, page="bookings.show")
async def decline(booking_id: str) -> ResponseReturnValue:
    form = await read_form()
    try:
        await services().answers.decline(
            BookingId(booking_id), by=me().id, reason=form.get("reason", "")
        )
    except Invalid as error:
        return await booking_page(booking_id, form=form, errors=error.fields), 422
    except Conflict as error:
        return await booking_page(booking_id, problem=error.message), 409
    return _back_to(booking_id)


@blueprint.get("/bookings/<booking_id>/cancel")
@allow(Who.PARTY)
async def cancel_page(booking_id: str) -> ResponseReturnValue:
    booking = await services().bookings.get(BookingId(booking_id), by=me().id)
    return await _cancel_page(booking, form=refilled(url_for(".cancel", booking_id=booking_id)))


@blueprint.post("/bookings/<booking_id>/cancel")
@allow(Who.PARTY)
async def cancel(booking_id: str) -> ResponseReturnValue:
    """Cancel with the refund that was shown; if it has changed, show the page again."""
    form = await read_form()
    booking = await services().bookings.get(BookingId(booking_id), by=me().id)
    shown = form.get("refund", "")
    expecting = Money(int(shown)) if shown.isdecimal() and len(shown) < 13 else Money(-1)
    try:
        await services().answers.cancel(
            booking.id, by=me().id, reason=form.get("reason", ""), expecting=expecting
        )
    except RefundChanged as error:
        current = await services().bookings.get(booking.id, by=me().id)
        return await _cancel_page(current, form=form, problem=error.message), 409
    except Invalid as error:
        return await _cancel_page(booking, form=form, errors=error.fields), 422
    except Conflict as error:
        return await booking_page(booking_id, problem=error.message), 409
    return _back_to(booking_id)


async def _cancel_page(
    booking: Booking,
    *,
    form: FormFields | None = None,
    errors: FormFields | None = None,
    problem: str = "",
) -> str:
    side = Side(booking, me())
    refund = booking.cancellation_refund(by=side.actor, now=now())
    changes = booking.terms.refund_changes_at(booking.start)
    jobs = dependencies().store.repositories.jobs
    job = await jobs.get(JobId(booking.job_id)) if booking.job_id else None
    frozen = job is not None and job.status in FROZEN
    confirmed = booking.status is Status.CONFIRMED and side.is_client
    return await render_template(
        "bookings/cancel.html",
        booking=booking,
        side=side,
        possible=_can_be_cancelled(booking) and not frozen,
        frozen=frozen,
        contestable=side.is_client and bool(job and job.deliveries) and bool(refund),
        contest_within=services().disputes.contest_within,
        refund=refund,
        changes=[(at, percent) for at, percent in changes if confirmed and at > now()],
        fell=[(at, percent) for at, percent in changes if confirmed and at <= now()],
        form=typed(form or {}),
        errors=errors or {},
        problem=problem,
    )


def _can_be_cancelled(booking: Booking) -> bool:
    try:
        booking.check_cancellable(now=now())
    except IllegalTransition:
        return False
    return True


def _back_to(booking_id: str) -> ResponseReturnValue:
    return redirect(url_for("bookings.show", booking_id=booking_id), 303)
