"""Wording of the timeline entries of a move."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from core.reschedules import RescheduleStep
from core.timeline import Entry
from services.timeline import BookingDetails
from web.shared.sides import Side
from web.shared.templating import at, span
from web.shared.timeline import Line, Wording


def time_of(start: datetime, details: BookingDetails) -> str:
    """The time from this start on, as long as the booking is."""
    booking = details.booking
    return span(start, start + (booking.end - booking.start))


def _kept(heading: Callable[[Entry, Side], str]) -> Wording:
    """A step after which the booked time stays."""

    def wording(entry: Entry, details: BookingDetails, side: Side) -> Line:
        stays = f"{time_of(entry.times.old, details)} stays" if entry.times else ""
        return Line(heading(entry, side), stays)

    return wording


def _new(entry: Entry) -> str:
    return at(entry.times.new) if entry.times else "another time"


def _proposed(entry: Entry, details: BookingDetails, side: Side) -> Line:
    asks = "You ask" if entry.actor is side.actor else f"{side.name} asks"
    booked = f"Booked is {time_of(entry.times.old, details)}" if entry.times else ""
    return Line(f"{asks} to move to {_new(entry)}", booked, entry.detail)


def _moved(entry: Entry, details: BookingDetails, side: Side) -> Line:
    was = f"{time_of(entry.times.old, details)} is free again" if entry.times else ""
    return Line(f"{side.who(entry.actor)} accepted: moved to {_new(entry)}", was)


TIMELINE: Mapping[str, Wording] = {
    RescheduleStep.PROPOSED: _proposed,
    RescheduleStep.MOVED: _moved,
    RescheduleStep.REFUSED: _kept(
        lambda entry, side: f"{side.who(entry.actor)} did not accept {_new(entry)}"
    ),
    RescheduleStep.WITHDRAWN: _kept(
        lambda entry, side: f"{side.who(entry.actor)} withdrew {_new(entry)}"
    ),
    RescheduleStep.EXPIRED: _kept(lambda entry, side: f"No answer to {_new(entry)}"),
    RescheduleStep.TAKEN: _kept(lambda entry, side: f"{_new(entry)} is no longer free"),
}
