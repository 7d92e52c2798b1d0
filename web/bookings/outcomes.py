"""Wording of how a booking ended: who did what, and who gets which part of the money."""

from __future__ import annotations

from core.bookings import BookingStep, Status
from core.disputes import DisputeStep
from core.jobs import JobStep
from core.payments import Status as Paying
from core.shares import Shares
from core.timeline import Actor, Entry
from services.timeline import BookingDetails
from web.shared.context import formats
from web.shared.sides import Side
from web.shared.timeline import Line

NOTHING_CHARGED = "Nothing was charged. The time is available again."
RETURNED = "Another amount than the price arrived, and went back to the payer."
ON_HOLD = (
    "The payment provider reported another amount than the price. The payment is on hold until we "
    "have reviewed it."
)
STILL_PAYING = (
    "An attempt to pay has not ended yet at the payment provider. If it succeeds, the time is "
    "booked if it is free; otherwise the payment is refunded in full."
)


def outcome(details: BookingDetails, side: Side) -> Line:
    """How the booking ended, for one party. `quote` is the reason that a person wrote."""
    ending = details.ending
    if ending and ending.what == DisputeStep.SETTLED:
        heading = "The case about this booking is settled"
        return Line(heading, money_after_end(details, side), details.booking.reason)
    if details.booking.status is Status.COMPLETED:
        return _completed(details, side)
    if ending:
        typed = ending.actor in (Actor.CLIENT, Actor.DEVELOPER)
        quote = details.booking.reason if typed else ""
        return Line(_heading(ending, side), money_after_end(details, side), quote)
    if details.payment.review_ended:
        return Line("Paid with another amount", RETURNED)
    if details.payment.mismatch:
        return Line("Payment under review", ON_HOLD)
    if details.payment.has_open_attempt:
        return Line("Not paid in time", STILL_PAYING)
    if details.booking.status is Status.CANCELLED:
        return Line(f"{side.who(Actor.CLIENT)} released this time", NOTHING_CHARGED)
    return Line("Not paid in time", NOTHING_CHARGED)


def money_after_end(details: BookingDetails, side: Side) -> str:
    """What is refunded, what is released and to whom, of a booking that ended early."""
    shares = Shares.known(details.booking, details.payment)
    return f"{_refund(details, side, shares)} {_rest(side, shares)}".strip()


def _completed(details: BookingDetails, side: Side) -> Line:
    money, shares = formats().money, Shares.of(details.booking, details.booking.price * 0)
    approval = next((e for e in reversed(details.entries) if e.what == JobStep.APPROVED), None)
    by_itself = approval is not None and approval.actor is Actor.DEADLINE
    earned, fee = money(shares.earning), money(shares.fee)
    if side.is_client:
        why = "You did not answer the delivery in time." if by_itself else "You approved the work."
        heading = "Released automatically" if by_itself else f"You released {money(shares.price)}"
        return Line(heading, f"{why} {earned} is for {side.name} and {fee} is our fee.")
    why = "did not answer the delivery in time" if by_itself else "approved the work"
    detail = f"{side.name} {why}. Of {money(shares.price)}, {fee} is our fee."
    return Line(f"{earned} released to you", detail)


def _heading(ending: Entry, side: Side) -> str:
    developer = side.who(Actor.DEVELOPER)
    match ending.what:
        case BookingStep.DECLINED:
            return f"{developer} declined"
        case BookingStep.AUTO_CANCELLED:
            return f"{developer} did not answer in time"
        case JobStep.NOT_DELIVERED:
            return f"{developer} did not deliver in time"
        case BookingStep.CANCELLED:
            return f"{side.who(ending.actor)} cancelled this booking"
        case _:
            return "Paid too late"


def _refund(details: BookingDetails, side: Side, shares: Shares) -> str:
    to, amount = "you" if side.is_client else side.name, formats().money(shares.refund)
    if not shares.refund:
        if details.ending and details.ending.what == DisputeStep.SETTLED:
            return f"Nothing is refunded to {to}."
        return f"By the terms of the booking nothing is refunded to {to}."
    if details.payment.status is Paying.REFUNDED:
        return f"{amount} was refunded to {to}. The payment provider has confirmed it."
    if side.is_developer:
        return f"{amount} is being refunded to {to}."
    return (
        f"{amount} is being refunded to you, to the payment method you used. We will e-mail you "
        "when the payment provider confirms it."
    )


def _rest(side: Side, shares: Shares) -> str:
    earned, fee = formats().money(shares.earning), formats().money(shares.fee)
    if not shares.released:
        return "" if side.is_client else "You earn nothing from this booking."
    if side.is_client:
        return f"{earned} is released to {side.name} and {fee} is our fee."
    return f"{earned} is released to you and {fee} is our fee."
