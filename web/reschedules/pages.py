"""The pages of a move: choose and propose a time, answer, withdraw."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial

from quart import Blueprint, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.bookings import Booking, BookingId, HourTaken, NotOffered
from core.errors import Conflict, Errors, Invalid, NotFound
from core.jobs import FROZEN, JobId
from core.reschedules import check_movable, checked_move_reason, moves_left
from ports.extensions import Vetoed
from web.bookings import booking_page
from web.developers import Choice, time_picker
from web.shared.access import Who, allow
from web.shared.context import me, now, services
from web.shared.forms import FormFields, moment, read_form, typed
from web.shared.kept_forms import refilled
from web.shared.sides import Side

blueprint = Blueprint("reschedules", __name__, template_folder="templates")


@blueprint.get("/bookings/<booking_id>/reschedule")
@allow(Who.PARTY)
async def show(booking_id: str) -> ResponseReturnValue:
    booking = await services().bookings.get(BookingId(booking_id), by=me().id)
    return await _page(booking, refilled(request.path) or dict(request.args))


@blueprint.post("/bookings/<booking_id>/reschedule")
@allow(Who.PARTY, label="Propose this time")
async def propose(booking_id: str) -> ResponseReturnValue:
    form = await read_form()
    booking = await services().bookings.get(BookingId(booking_id), by=me().id)
    try:
        start, reason = _proposal(form)
        await services().reschedules.propose(booking.id, by=me().id, start=start, reason=reason)
    except Invalid as error:
        return await _page(booking, form, errors=error.fields), 422
    except (HourTaken, NotOffered, Vetoed) as error:
        return await _page(booking, form, problem=error.message), 409
    except Conflict as error:
        return await booking_page(booking_id, problem=error.message), 409
    return redirect(url_for("bookings.show", booking_id=booking_id), 303)


@blueprint.post("/bookings/<booking_id>/reschedule/answer")
@allow(Who.PARTY, page="bookings.show")
async def answer(booking_id: str) -> ResponseReturnValue:
    """Accept the time that was shown, or keep the booked one."""
    form = await read_form()
    service, shown = services().reschedules, moment(form.get("start", ""))
    if shown is None:
        return await booking_page(booking_id, problem="Select one of the two answers."), 422
    act = service.accept if form.get("accept") == "yes" else service.refuse
    try:
        await act(BookingId(booking_id), by=me().id, expecting=shown)
    except Conflict as error:
        return await booking_page(booking_id, problem=error.message), 409
    return redirect(url_for("bookings.show", booking_id=booking_id), 303)


@blueprint.post("/bookings/<booking_id>/reschedule/withdraw")
@allow(Who.PARTY, page="bookings.show")
async def withdraw(booking_id: str) -> ResponseReturnValue:
    try:
        await services().reschedules.withdraw(BookingId(booking_id), by=me().id)
    except Conflict as error:
        return await booking_page(booking_id, problem=error.message), 409
    return redirect(url_for("bookings.show", booking_id=booking_id), 303)


def _proposal(form: FormFields) -> tuple[datetime, str]:
    """Start and reason. Raises `Invalid` without a start, also with the error of the reason."""
    errors, start, reason = Errors(), moment(form.get("start", "")), form.get("reason", "")
    if start is None:
        errors.add(start="Select a time.")
        with errors:
            checked_move_reason(reason)
    errors.check()
    assert start
    return start, reason


async def _page(
    booking: Booking, form: FormFields, *, errors: FormFields | None = None, problem: str = ""
) -> str:
    """The free times of the developer, or why the booking cannot be moved."""
    side, policy = Side(booking, me()), services().reschedules.policy
    choice = replace(Choice.read(form), hours=booking.hours)
    developer = week = None
    refused = await _refused(booking)
    if not refused:
        with suppress(NotFound):  # a profile that is no longer published
            developer, week = await time_picker(booking.developer.id, choice, moving=booking)
    return await render_template(
        "reschedules/propose.html",
        booking=booking,
        side=side,
        policy=policy,
        refused=refused,
        number=policy.moves_maximum - moves_left(booking, policy) + 1,
        developer=developer,
        picker=week,
        choice=choice,
        times_url=partial(url_for, "reschedules.show", booking_id=booking.id),
        other=side.other,
        refund_steps=booking.terms.refund_steps if side.is_client else (),
        taken=problem,
        held=None,
        form=typed(form),
        errors=errors or {},
        problem=problem,
    )


async def _refused(booking: Booking) -> str:
    """Why no time can be proposed, or empty."""
    try:
        check_movable(booking, now=now(), policy=services().reschedules.policy)
    except Conflict as error:
        return error.message
    if booking.job_id:
        job = await services().jobs.get(JobId(booking.job_id), by=me().id)
        if job.status in FROZEN:
            return "A case about this booking is open. First it has to end."
    return ""
