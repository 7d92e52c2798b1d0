"""Wording of the state of the money, and of timeline and audit entries about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.bookings import BookingStep
from core.jobs import JobStep
from core.money import Money
from core.payments import Payment, PaymentActivity, PaymentStep, Status
from core.payments_facts import RefundStatus
from core.timeline import Actor, Entry
from services.timeline import BookingDetails
from web.shared.context import formats
from web.shared.sides import Badge, Side
from web.shared.templating import zone
from web.shared.timeline import Line, Wording, amount

MONEY_BADGES: Mapping[Status, Badge] = {
    Status.PENDING: Badge("loader", "Waiting for payment", "wait"),
    Status.PAID: Badge("lock", "Held", "held"),
    Status.RECEIVED: Badge("circle-check", "Released", "go"),
    Status.EXPIRED: Badge("clock-alert", "Not paid", "off"),
    Status.REFUNDING: Badge("undo-2", "Refund in progress", "wait"),
    Status.REFUNDED: Badge("undo-2", "Refunded", "go"),
}


@dataclass(frozen=True, slots=True)
class MoneySummary:
    """The state of the money of a booking, with its amounts."""

    amount: Money
    where: str
    badge: Badge
    returned: Money
    """Refunded to the client, or being refunded."""
    released: Money
    """Released to the developer, including our fee."""
    fee: Money
    earning: Money
    """The developer's share: of the released amount once it is known, otherwise of the price."""


def money_summary(side: Side, payment: Payment) -> MoneySummary:
    """The state of the money for one party of the booking."""
    booking, status = side.booking, payment.status
    refunded = payment.returning
    over = status in (Status.REFUNDING, Status.REFUNDED)
    released = booking.price - refunded if over else Money(0)
    if status is Status.RECEIVED:
        released = booking.price
    counted = released if over else booking.price
    fee = counted.percent(booking.terms.fee_percent)
    shown = MONEY_BADGES[status]
    if status is Status.REFUNDED and released:
        shown = Badge("undo-2", "Partly refunded", "go")
    amount = refunded if over and side.is_client else booking.price
    if side.is_developer:
        amount = counted - fee
    return MoneySummary(
        amount, _where(side, payment, released), shown, refunded, released, fee, counted - fee
    )


def _where(side: Side, payment: Payment, released: Money) -> str:
    name, client, status = side.name, side.is_client, payment.status
    match status:
        case Status.PENDING:
            return "Not paid yet" if client else f"{name} has not paid yet"
        case Status.PAID:
            until = "you approve" if client else f"{name} approves"
            return f"Held by the payment provider until {until}"
        case Status.RECEIVED:
            return f"Released to {name}" if client else "Released to you"
        case Status.EXPIRED:
            if payment.review_ended:
                return "Returned to you" if client else f"Returned to {name}"
            if payment.mismatch:
                return "On hold until we have reviewed it"
            if payment.has_open_attempt:
                return "An attempt to pay has not ended yet at the payment provider"
            return "Nothing was charged" if client else f"{name} did not pay"
        case Status.REFUNDING | Status.REFUNDED if not client:
            return "Partly released to you" if released else f"Refunded to {name}"
        case Status.REFUNDING:
            return "Being refunded to you"
        case _:
            outside = any(r.status is RefundStatus.PAID_OTHERWISE for r in payment.refunds)
            by = "paid by a transfer" if outside else "confirmed by the payment provider"
            return f"Refunded to you, {by}"


def why_ended(details: BookingDetails, side: Side) -> str:
    """Why a paid booking ended early, in a sentence. Empty if it did not."""
    entry, booking = details.ending, details.booking
    if entry is None:
        return ""
    at, other = formats().at(details.cancelled_at or entry.at, zone()), Actor.DEVELOPER
    match entry.what:
        case BookingStep.CANCELLED:
            before = formats().duration(booking.start - (details.cancelled_at or entry.at))
            return f"{side.who(entry.actor)} cancelled on {at}, {before} before the start."
        case BookingStep.DECLINED:
            return f"{side.who(other)} declined on {at}."
        case BookingStep.AUTO_CANCELLED:
            return f"{side.who(other)} did not answer in time. It was cancelled on {at}."
        case JobStep.NOT_DELIVERED:
            return f"{side.who(other)} did not deliver in time. It was cancelled on {at}."
        case _:
            return "The payment arrived when the time could not be booked any more."


def _paid(entry: Entry, details: BookingDetails, side: Side) -> Line:
    who = side.who(Actor.CLIENT)
    return Line(f"{who} paid {amount(entry, details)}", "Held by the payment provider")


def _refunded(entry: Entry, details: BookingDetails, side: Side) -> Line:
    to = "you" if side.is_client else side.name
    return Line(f"{amount(entry, details)} refunded to {to}", "Confirmed by the payment provider")


def _too_late(entry: Entry, details: BookingDetails, side: Side) -> Line:
    who = side.who(Actor.CLIENT)
    detail = "The time was no longer available. The full amount is refunded"
    return Line(f"{who} paid {amount(entry, details)} too late", detail)


def _twice(entry: Entry, details: BookingDetails, side: Side) -> Line:
    who = side.who(Actor.CLIENT)
    detail = f"The payment provider refunds the second {amount(entry, details)}"
    return Line(f"{who} paid twice", detail)


def _decided(entry: Entry, details: BookingDetails, side: Side) -> Line:
    to = "you" if side.is_client else side.name
    heading = f"An administrator refunds {amount(entry, details)} to {to}"
    return Line(heading, entry.detail)


def _stopped(entry: Entry, details: BookingDetails, side: Side) -> Line:
    to = "you" if side.is_client else side.name
    heading = f"The payment provider refused to refund {amount(entry, details)} to {to}"
    return Line(heading, "It was requested several times. An administrator acts next")


def _retried(entry: Entry, details: BookingDetails, side: Side) -> Line:
    to = "you" if side.is_client else side.name
    return Line(f"An administrator requests the refund to {to} again", entry.detail)


def _otherwise(entry: Entry, details: BookingDetails, side: Side) -> Line:
    to = "you" if side.is_client else side.name
    heading = f"{amount(entry, details)} refunded to {to} by a transfer of ours"
    return Line(heading, entry.detail)


TIMELINE: Mapping[str, Wording] = {
    PaymentStep.PAID: _paid,
    PaymentStep.PAID_TOO_LATE: _too_late,
    PaymentStep.PAID_TWICE: _twice,
    PaymentStep.REFUNDED: _refunded,
    PaymentStep.REFUND_DECIDED: _decided,
    PaymentStep.REFUND_STOPPED: _stopped,
    PaymentStep.REFUND_RETRIED: _retried,
    PaymentStep.PAID_OTHERWISE: _otherwise,
}
ACTIVITY: Mapping[str, str] = {
    PaymentActivity.BOOKING_PAID: "Payment received for a booking",
    PaymentActivity.PAID_TWICE: "Second payment received; the payment provider refunds it",
    PaymentActivity.MONEY_HELD_BACK: "Payment of an unexpected amount received; under review",
    PaymentActivity.MONEY_RELEASED: "Payment released",
    PaymentActivity.REFUND_STARTED: "Refund started",
    PaymentActivity.MONEY_REFUNDED: "Refund confirmed by the payment provider",
    PaymentActivity.REFUND_DECIDED: "Refund decided by an administrator",
    PaymentActivity.REFUND_RETRIED: "Refused refund requested again by an administrator",
    PaymentActivity.REFUND_PAID_OTHERWISE: "Refund paid outside of the payment provider",
}
