"""Wording of notifications about payments and refunds."""

from __future__ import annotations

from collections.abc import Mapping

from core.notifications import Notification
from core.payments_facts import RETURNED, RefundStatus
from web.shared.context import formats
from web.shared.notices import BookingFacts, NoticeLine, NoticeWording, NoticeWords, booking_facts
from web.shared.templating import at, day, span


def _requested(entry: Notification, about: BookingFacts) -> NoticeLine:
    booking, name = about.details.booking, about.side.name
    until = f" Answer until {at(booking.accept_by)}." if booking.accept_by else ""
    detail = (
        f"{span(booking.start, booking.end)}. {formats().money(booking.earning)} is for you.{until}"
    )
    hours = formats().hours(booking.hours)
    return NoticeLine(f"{name} asks for {hours} of your time", detail, about.path, "hourglass")


def _paid(entry: Notification, about: BookingFacts) -> NoticeLine:
    booking, name = about.details.booking, about.side.name
    heading = f"Your {formats().money(booking.price)} is held for the booking with {name}"
    until = f" until {at(booking.accept_by)}" if booking.accept_by else ""
    detail = f"{name} answers{until}, otherwise all of it comes back."
    return NoticeLine(heading, detail, about.path, "lock")


def _paid_too_late(entry: Notification, about: BookingFacts) -> NoticeLine:
    detail = (
        f"The time on {day(about.details.booking.start)} was no longer free. "
        f"All {formats().money(about.details.payment.amount)} comes back to you."
    )
    return NoticeLine("Your payment came too late", detail, about.path, "undo-2")


def _paid_twice(entry: Notification, about: BookingFacts) -> NoticeLine:
    heading = f"You paid twice for the booking with {about.side.name}"
    detail = (
        f"The second {formats().money(about.details.payment.amount)} comes back to you. Your "
        "booking does not change."
    )
    return NoticeLine(heading, detail, about.path, "undo-2")


def _under_review(entry: Notification, about: BookingFacts) -> NoticeLine:
    heading = f"Your payment for the booking with {about.side.name} is under review"
    price = formats().money(about.details.booking.price)
    detail = (
        f"The payment provider reported another amount than {price}. Please do not pay again. "
        "We write to you when the review is done."
    )
    return NoticeLine(heading, detail, about.path, "circle-alert")


def _refunded(entry: Notification, about: BookingFacts) -> NoticeLine:
    booking, payment = about.details.booking, about.details.payment
    suspended = [r for r in payment.suspended_refunds if r.status in RETURNED]
    back = suspended[-1].amount if suspended and not payment.refunded else payment.refunded
    heading = f"Refund confirmed: {formats().money(back)}"
    detail = (
        f"For the booking with {about.side.name} on {day(booking.start)}. "
        "Banks show it within a few working days."
    )
    return NoticeLine(heading, detail, _receipt(about), "undo-2")


def _receipt(about: BookingFacts) -> str:
    """Money that did not pay the booking has no receipt."""
    return f"{about.path}/receipt" if about.details.payment.captured else about.path


def _refund_decided(entry: Notification, about: BookingFacts) -> NoticeLine:
    booking, payment, side = about.details.booking, about.details.payment, about.side
    refund = next((each for each in reversed(payment.refunds) if each.note), None)
    back = formats().money(refund.amount) if refund else ""
    to = "you" if side.is_client else side.name
    heading = f"We refund {back} to {to}"
    detail = f"For the booking with {side.name} on {day(booking.start)}. Its page says why."
    return NoticeLine(heading, detail, about.path, "undo-2")


def _paid_otherwise(entry: Notification, about: BookingFacts) -> NoticeLine:
    payment = about.details.payment
    paid = [each for each in payment.refunds if each.status is RefundStatus.PAID_OTHERWISE]
    back = formats().money(paid[-1].amount) if paid else ""
    reference = paid[-1].reference if paid else ""
    detail = (
        f"For the booking with {about.side.name} on {day(about.details.booking.start)}. "
        f"The reference of our transfer is {reference}."
    )
    heading = f"We have transferred your refund of {back}"
    return NoticeLine(heading, detail, _receipt(about), "undo-2")


WORDS: Mapping[str, NoticeWording] = {
    "requested": _requested,
    "paid": _paid,
    "paid_too_late": _paid_too_late,
    "paid_twice": _paid_twice,
    "under_review": _under_review,
    "refunded": _refunded,
    "refund_decided": _refund_decided,
    "refund_paid_otherwise": _paid_otherwise,
}
NOTICES = NoticeWords(WORDS, booking_facts)
