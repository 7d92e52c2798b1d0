"""The page of a booking, and the actions that lead back to it; other pages are in other modules."""

from __future__ import annotations

from collections.abc import Sequence

from quart import Blueprint, redirect, render_template, url_for
from quart.typing import ResponseReturnValue

from core.bookings import Booking, BookingId
from core.errors import Conflict, Invalid
from core.files import Purpose, StoredFile
from core.jobs import WORKING
from core.payments import Payment
from ports.payments import GatewayRefused, GatewayUnavailable
from services.payments import method_name
from services.timeline import BookingDetails
from web.bookings.dashboards import pictures_of
from web.bookings.meetings import meeting_is_next
from web.bookings.money import clearing_of, money_of, money_words
from web.bookings.outcomes import outcome
from web.bookings.payouts import payout_steps
from web.bookings.wording import badge
from web.payments import money_summary
from web.shared.access import Who, allow
from web.shared.context import dependencies, me, services, site
from web.shared.forms import FormFields, read_form, typed
from web.shared.kept_forms import refilled
from web.shared.sides import Side
from web.shared.timeline import line

blueprint = Blueprint("bookings", __name__, template_folder="templates")


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
        payout=clearing,
        payout_steps=await payout_steps(clearing),
        lines=[(entry, line(entry, details, side)) for entry in details.entries],
        foreign=details.payment.checkout_url if not local_checkout(details.payment) else None,
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


def local_checkout(payment: Payment) -> str | None:
    """The address of the checkout, if it is on this site."""
    url = payment.checkout_url or ""
    return url if url.startswith((f"{site().base_url}/", "/")) else None


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
    return redirect(local_checkout(payment) or url_for(".show", booking_id=booking.id), 303)


@blueprint.post("/bookings/<booking_id>/release")
@allow(Who.CLIENT, page="bookings.show")
async def release(booking_id: str) -> ResponseReturnValue:
    try:
        await services().bookings.release(BookingId(booking_id), by=me().id)
    except Conflict as error:
        return await booking_page(booking_id, problem=error.message), 409
    return back_to(booking_id)


@blueprint.post("/bookings/<booking_id>/accept")
@allow(Who.DEVELOPER, page="bookings.show")
async def accept(booking_id: str) -> ResponseReturnValue:
    try:
        await services().answers.accept(BookingId(booking_id), by=me().id)
    except Conflict as error:
        return await booking_page(booking_id, problem=error.message), 409
    return back_to(booking_id)


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
    return back_to(booking_id)


def back_to(booking_id: str) -> ResponseReturnValue:
    return redirect(url_for("bookings.show", booking_id=booking_id), 303)
