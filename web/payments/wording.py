"""Where the money of a booking is, and entries about money in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.money import Money
from core.payments import Payment, PaymentActivity, PaymentStep, Status
from core.timeline import Actor, Entry
from services.timeline import BookingDetails
from web.shared.sides import Badge, Side
from web.shared.timeline import Line, Wording, amount

MONEY_BADGES: Mapping[Status, Badge] = {
    Status.PENDING: Badge("loader", "Waiting for payment", "wait"),
    Status.PAID: Badge("lock", "Held", "held"),
    Status.RECEIVED: Badge("circle-check", "Released", "go"),
    Status.EXPIRED: Badge("clock-alert", "Not paid", "off"),
    Status.REFUNDING: Badge("undo-2", "Refund on its way", "wait"),
    Status.REFUNDED: Badge("undo-2", "Refunded", "go"),
}


@dataclass(frozen=True, slots=True)
class MoneySummary:
    """Where the money of a booking is, and the sums that prove it."""

    amount: Money
    where: str
    badge: Badge
    returned: Money
    """What has gone or is going back to the client."""
    released: Money
    """What is the developer's and ours."""
    fee: Money
    earning: Money
    """What the developer gets, of the released part once that is known."""


def money_summary(side: Side, payment: Payment) -> MoneySummary:
    booking, status = side.booking, payment.status
    back = sum((r.amount for r in payment.refunds if r.status != "failed"), Money(0))
    over = status in (Status.REFUNDING, Status.REFUNDED)
    released = booking.price - back if over else Money(0)
    if status is Status.RECEIVED:
        released = booking.price
    counted = released if over else booking.price
    fee = counted.percent(booking.terms.fee_percent)
    shown = MONEY_BADGES[status]
    if status is Status.REFUNDED and released:
        shown = Badge("undo-2", "Refunded in part", "go")
    amount = back if over and side.is_client else booking.price
    if side.is_developer:
        amount = counted - fee
    return MoneySummary(
        amount, _where(side, status, released), shown, back, released, fee, counted - fee
    )


def _where(side: Side, status: Status, released: Money) -> str:
    name, client = side.name, side.is_client
    match status:
        case Status.PENDING:
            return "Not paid yet" if client else f"{name} has not paid yet"
        case Status.PAID:
            until = "you approve" if client else f"{name} approves"
            return f"Held by the payment provider until {until}"
        case Status.RECEIVED:
            return f"Released to {name}" if client else "Released to you"
        case Status.EXPIRED:
            return "Nothing was charged" if client else f"{name} did not pay"
        case Status.REFUNDING | Status.REFUNDED if not client:
            return "Released to you, the rest goes back" if released else f"Goes back to {name}"
        case Status.REFUNDING:
            return "On its way back to you"
        case _:
            return "Returned to you, confirmed by the payment provider"


def _paid(entry: Entry, details: BookingDetails, side: Side) -> Line:
    who = side.who(Actor.CLIENT)
    return Line(f"{who} paid {amount(entry, details)}", "Held by the payment provider since then")


def _refunded(entry: Entry, details: BookingDetails, side: Side) -> Line:
    to = "you" if side.is_client else side.name
    return Line(f"{amount(entry, details)} returned to {to}", "Confirmed by the payment provider")


def _too_late(entry: Entry, details: BookingDetails, side: Side) -> Line:
    who = side.who(Actor.CLIENT)
    detail = "The time was no longer free, so all of it goes back"
    return Line(f"{who} paid {amount(entry, details)} too late", detail)


def _twice(entry: Entry, details: BookingDetails, side: Side) -> Line:
    who = side.who(Actor.CLIENT)
    detail = f"The payment provider returns the second {amount(entry, details)} by itself"
    return Line(f"{who} paid twice", detail)


TIMELINE: Mapping[str, Wording] = {
    PaymentStep.PAID: _paid,
    PaymentStep.PAID_TOO_LATE: _too_late,
    PaymentStep.PAID_TWICE: _twice,
    PaymentStep.REFUNDED: _refunded,
}
ACTIVITY: Mapping[str, str] = {
    PaymentActivity.BOOKING_PAID: "Payment received for a booking",
    PaymentActivity.PAID_TWICE: "Second payment received; the payment provider returns it",
    PaymentActivity.MONEY_HELD_BACK: "Payment of another amount received; it awaits a decision",
    PaymentActivity.MONEY_RELEASED: "Payment released",
    PaymentActivity.REFUND_STARTED: "Refund started",
    PaymentActivity.MONEY_REFUNDED: "Refund completed",
}
