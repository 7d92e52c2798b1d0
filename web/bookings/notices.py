"""Wording of notifications about requests and answers."""

from __future__ import annotations

from collections.abc import Mapping

from core.notifications import Notification
from core.shares import Shares
from web.shared.context import formats
from web.shared.notices import BookingFacts, NoticeLine, NoticeWording, NoticeWords, booking_facts
from web.shared.templating import at, day, span


def _when(about: BookingFacts) -> str:
    booking = about.details.booking
    return span(booking.start, booking.end)


def all_back(about: BookingFacts) -> str:
    """That the client gets a full refund."""
    price = formats().money(about.details.booking.price)
    if about.side.is_client:
        return f"All {price} comes back to you."
    return f"{about.side.name} gets all {price} back, and you earn nothing."


def _accepted(entry: Notification, about: BookingFacts) -> NoticeLine:
    name, price = about.side.name, formats().money(about.details.booking.price)
    if about.side.is_client:
        heading, until = f"{name} accepted your booking", "you approve the work"
    else:
        heading, until = f"You accepted the booking of {name}", f"{name} approves the work"
    detail = f"{_when(about)}. {price} is held until {until}."
    return NoticeLine(heading, detail, about.path, "check")


def _declined(entry: Notification, about: BookingFacts) -> NoticeLine:
    name = about.side.name
    mine, own = f"{name} declined your booking", f"You declined the booking of {name}"
    heading = mine if about.side.is_client else own
    return NoticeLine(heading, f"{_when(about)}. {all_back(about)}", about.path, "x")


def _cancelled(entry: Notification, about: BookingFacts) -> NoticeLine:
    side, booking = about.side, about.details.booking
    shares, money = Shares.known(booking, about.details.payment), formats().money
    on = day(booking.start)
    if entry.actor == side.viewer.id:
        heading = f"You cancelled the booking with {side.name} on {on}"
    else:
        heading = f"{side.name} cancelled the booking on {on}"
    if not shares.released:
        detail = all_back(about)
    elif side.is_client:
        back = money(shares.refund) if shares.refund else "Nothing"
        detail = f"{back} of {money(booking.price)} comes back to you, by its terms."
    else:
        detail = f"{money(shares.earning)} is for you, by its terms."
    return NoticeLine(heading, detail, about.path, "ban")


def _auto_cancelled(entry: Notification, about: BookingFacts) -> NoticeLine:
    name = about.side.name
    if about.side.is_client:
        heading = f"{name} did not answer in time"
    else:
        heading = f"You did not answer the request of {name} in time"
    return NoticeLine(heading, f"{_when(about)}. {all_back(about)}", about.path, "clock-alert")


def _expired(entry: Notification, about: BookingFacts) -> NoticeLine:
    heading = f"Your time with {about.side.name} was not paid in time"
    detail = (
        f"The reservation of {_when(about)} has ended. If a payment still succeeds and the time is "
        "no longer free, all of it comes back."
    )
    return NoticeLine(heading, detail, about.path, "clock-alert")


def _remind_answer(entry: Notification, about: BookingFacts) -> NoticeLine:
    booking, name = about.details.booking, about.side.name
    until = f" until {at(booking.accept_by)}" if booking.accept_by else ""
    detail = (
        f"Accept or decline{until}, otherwise it is cancelled. "
        f"{formats().money(booking.earning)} is for you."
    )
    return NoticeLine(f"{name} still waits for your answer", detail, about.path, "clock")


WORDS: Mapping[str, NoticeWording] = {
    "accepted": _accepted,
    "declined": _declined,
    "cancelled": _cancelled,
    "auto_cancelled": _auto_cancelled,
    "expired": _expired,
    "remind_answer": _remind_answer,
}
NOTICES = NoticeWords(WORDS, booking_facts)
