"""Wording of notifications about the work."""

from __future__ import annotations

from collections.abc import Mapping

from core.notifications import Notification
from web.shared.context import formats
from web.shared.notices import BookingFacts, NoticeLine, NoticeWording, NoticeWords, booking_facts
from web.shared.templating import at, day


def _until(entry: Notification) -> str:
    return f" until {at(entry.until)}" if entry.until else ""


def _booking(about: BookingFacts) -> str:
    return f"the booking of {day(about.details.booking.start)}"


def _price(about: BookingFacts) -> str:
    return formats().money(about.details.booking.price)


def _delivered(entry: Notification, about: BookingFacts) -> NoticeLine:
    name = about.side.name
    if about.side.is_client:
        heading, what = f"{name} has delivered", "Approve it or request changes"
    else:
        heading, what = f"You delivered to {name}", f"{name} approves it or requests changes"
    after = f" After that {_price(about)} is released." if entry.until else ""
    detail = f"{what}{_until(entry)}.{after}"
    return NoticeLine(heading, detail, about.path, "package-check")


def _changes(entry: Notification, about: BookingFacts) -> NoticeLine:
    name = about.side.name
    if about.side.is_client:
        heading, who = f"You requested changes from {name}", f"{name} delivers"
    else:
        heading, who = f"{name} requested changes", "Deliver"
    detail = f"{who} again{_until(entry)}, for {_booking(about)}."
    return NoticeLine(heading, detail, about.path, "rotate-ccw")


def _send_again(entry: Notification, about: BookingFacts) -> NoticeLine:
    name = about.side.name
    if about.side.is_client:
        heading, who = f"You asked {name} to send the delivery again", f"{name} sends it"
    else:
        heading, who = f"{name} asks you to send the delivery again", "Send it"
    detail = f"{who}{_until(entry)}, for {_booking(about)}. No round of changes is used."
    return NoticeLine(heading, detail, about.path, "rotate-ccw")


def _approved(entry: Notification, about: BookingFacts) -> NoticeLine:
    """For the client."""
    name, booking, money = about.side.name, about.details.booking, formats().money
    heading = f"The work of {name} was approved automatically"
    if entry.actor:
        heading = f"You approved the work of {name}"
    detail = (
        f"{money(booking.price)} is released: {money(booking.earning)} to {name}, "
        f"{money(booking.fee)} fee."
    )
    return NoticeLine(heading, detail, about.path, "circle-check")


def _released(entry: Notification, about: BookingFacts) -> NoticeLine:
    """For the developer."""
    name, booking = about.side.name, about.details.booking
    detail = f"The time to review {_booking(about)} had ended."
    if entry.actor:
        detail = f"{name} approved your work for {_booking(about)}."
    heading = f"{formats().money(booking.earning)} is released to you"
    return NoticeLine(heading, detail, about.path, "circle-check")


def _not_delivered(entry: Notification, about: BookingFacts) -> NoticeLine:
    name = about.side.name
    if about.side.is_client:
        heading, detail = (
            f"{name} did not deliver in time",
            f"All {_price(about)} comes back to you.",
        )
    else:
        heading = f"You did not deliver to {name} in time"
        detail = f"{name} gets all {_price(about)} back, and you earn nothing."
    return NoticeLine(heading, f"Cancelled: {_booking(about)}. {detail}", about.path, "clock-alert")


def _remind_review(entry: Notification, about: BookingFacts) -> NoticeLine:
    heading = f"Review the delivery of {about.side.name}"
    on = f" on {at(entry.until)}" if entry.until else ""
    detail = f"{_price(about)} is released{on}, if you do nothing."
    return NoticeLine(heading, detail, about.path, "clock")


def _remind_delivery(entry: Notification, about: BookingFacts) -> NoticeLine:
    heading = f"{about.side.name} waits for your delivery"
    detail = (
        f"Deliver{_until(entry)}, otherwise {_booking(about)} is cancelled and you earn nothing."
    )
    return NoticeLine(heading, detail, about.path, "clock")


WORDS: Mapping[str, NoticeWording] = {
    "delivered": _delivered,
    "changes_requested": _changes,
    "send_again": _send_again,
    "approved": _approved,
    "released": _released,
    "not_delivered": _not_delivered,
    "remind_review": _remind_review,
    "remind_delivery": _remind_delivery,
}
NOTICES = NoticeWords(WORDS, booking_facts)
