"""Cancels a booking, with the refund that the page has shown."""

from __future__ import annotations

from quart import render_template, url_for
from quart.typing import ResponseReturnValue

from core.bookings import (
    Booking,
    BookingId,
    IllegalTransition,
    RefundChanged,
    Status,
)
from core.errors import Conflict, Invalid
from core.jobs import FROZEN, JobId
from core.money import Money
from web.bookings.pages import back_to, blueprint, booking_page
from web.shared.access import Who, allow
from web.shared.context import dependencies, me, now, services
from web.shared.forms import FormFields, read_form, typed
from web.shared.kept_forms import refilled
from web.shared.sides import Side


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
    return back_to(booking_id)


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
