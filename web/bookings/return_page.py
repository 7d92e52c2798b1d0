"""The page to which the checkout returns: it asks the provider and shows what it knows."""

from __future__ import annotations

from quart import render_template, request
from quart.typing import ResponseReturnValue

from core.bookings import Booking, BookingId, Status
from core.errors import NotFound, Unavailable
from core.payments import Payment, PaymentId
from core.payments import Status as Paying
from web.bookings.outcomes import outcome
from web.bookings.pages import blueprint, picture_of
from web.shared.access import Who, allow
from web.shared.context import me, now, services
from web.shared.sides import Side

MAX_CHECKS = 4
"""How often the page checks the payment before it reports that nothing was paid."""
UNFINISHED = (Paying.PENDING, Paying.EXPIRED, Paying.REFUNDING)
"""The states in which the provider may have something new to tell the payer."""
CHECK_AGAIN_S = {"checking": (2, 5, 15), "unpaid": (10, 10, 30)}
"""Seconds until the page checks again: at first, after 5 checks, and after 20."""
USUALLY_S = (20, 20, 60)


@blueprint.get("/bookings/<booking_id>/return")
@allow(Who.CLIENT)
async def back(booking_id: str) -> ResponseReturnValue:
    return await _return("bookings/return.html", booking_id)


@blueprint.get("/bookings/<booking_id>/return/state")
@allow(Who.CLIENT)
async def back_state(booking_id: str) -> ResponseReturnValue:
    return await _return("bookings/_return.html", booking_id)


async def _return(template: str, booking_id: str) -> str:
    """The state of the payment, as the provider tells it now. For the client only."""
    booking = await services().bookings.get(BookingId(booking_id), by=me().id)
    if not Side(booking, me()).is_client:
        raise NotFound
    unavailable = await _ask_the_provider(PaymentId(booking.payment_id))
    details = await services().timeline.details(BookingId(booking_id), by=me().id)
    turn = request.args.get("turn", "0")
    turns = min(int(turn), 999) if turn.isascii() and turn.isdecimal() else 0
    state = return_state(details.booking, details.payment, silent=unavailable, turns=turns)
    side = Side(details.booking, me())
    return await render_template(
        template, booking=details.booking, payment=details.payment, details=details, side=side,
        state=state, turn=turns, silent=unavailable, picture=await picture_of(side),
        again_s=check_again_s(state, turns), outcome=outcome(details, side),
    )  # fmt: skip


async def _ask_the_provider(payment_id: PaymentId) -> bool:
    """Settle the payment, unless it is settled. Returns whether the provider is unavailable."""
    payment = await services().payments.get(payment_id)
    if payment.status not in UNFINISHED:
        return False
    try:
        await services().payments.refresh(payment_id)
    except Unavailable:
        return True
    return False


def check_again_s(state: str, turns: int) -> int:
    """The seconds until the page checks again by itself: longer and longer, because a page that is
    left open must not ask the provider for hours."""
    first, later, last = CHECK_AGAIN_S.get(state, USUALLY_S)
    return first if turns < 5 else later if turns < 20 else last


def return_state(booking: Booking, payment: Payment, *, silent: bool, turns: int) -> str:
    """`paid`, `refund`, `held_back`, `checking`, `unpaid` or `over`. `turns` is the number of
    checks so far; `silent`: the provider is unavailable."""
    if payment.status in (Paying.PAID, Paying.RECEIVED):
        return "paid"
    if payment.status in (Paying.REFUNDING, Paying.REFUNDED):
        return "refund"
    if payment.mismatch:
        return "held_back"
    if booking.status is not Status.HELD:
        return "over"
    tried = bool(payment.attempts) and not payment.has_open_attempt
    if payment.has_open_attempt or silent or (not tried and turns < MAX_CHECKS):
        return "checking"
    return "unpaid" if now() < booking.shown_until else "over"
