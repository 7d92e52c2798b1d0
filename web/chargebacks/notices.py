"""Wording of notifications about chargebacks."""

from __future__ import annotations

from collections.abc import Mapping

from core.chargebacks import ChargebackStep
from core.notifications import Notification
from web.shared.context import formats
from web.shared.notices import BookingFacts, NoticeLine, NoticeWording, NoticeWords, booking_facts


def _opened(entry: Notification, about: BookingFacts) -> NoticeLine:
    side, price = about.side, formats().money(about.details.booking.price)
    if side.is_client:
        heading = f"Your bank has questioned your payment of {price}"
    else:
        heading = f"The bank of {side.name} has questioned a payment of {price}"
    detail = "The money is set aside, and nothing moves until the bank has decided."
    return NoticeLine(heading, detail, about.path, "scale")


def _won(entry: Notification, about: BookingFacts) -> NoticeLine:
    price = formats().money(about.details.booking.price)
    heading = f"The payment of {price} stands"
    return NoticeLine(
        heading, "The bank has decided. The money is where it was before.", about.path, "scale"
    )


def _lost(entry: Notification, about: BookingFacts) -> NoticeLine:
    side, price = about.side, formats().money(about.details.booking.price)
    to = "you" if side.is_client else side.name
    heading = f"The bank has given money back to {to}"
    detail = f"It decided about the payment of {price} with {side.name}."
    return NoticeLine(heading, detail, about.path, "undo-2")


WORDS: Mapping[str, NoticeWording] = {
    ChargebackStep.OPENED: _opened,
    ChargebackStep.WON: _won,
    ChargebackStep.LOST: _lost,
}
NOTICES = NoticeWords(WORDS, booking_facts)
