"""Wording of timeline entries about the work."""

from __future__ import annotations

from collections.abc import Mapping

from core.jobs import JobStep
from core.timeline import Actor, Entry
from services.timeline import BookingDetails
from web.shared.context import formats
from web.shared.sides import Side
from web.shared.timeline import Line, Wording, all_returned


def _delivered(entry: Entry, details: BookingDetails, side: Side) -> Line:
    earlier = (each for each in details.entries if each.what == JobStep.DELIVERED)
    number = next((n for n, each in enumerate(earlier, 1) if each.id == entry.id), None)
    name = f"Delivery {number}" if number else "Delivery"
    return Line(name if side.is_client else f"{name} by you")


def _changes(entry: Entry, details: BookingDetails, side: Side) -> Line:
    return Line(f"{side.who(Actor.CLIENT)} requested changes", quote=entry.detail)


def _send_again(entry: Entry, details: BookingDetails, side: Side) -> Line:
    heading = f"{side.who(Actor.CLIENT)} asked for the delivery again"
    return Line(heading, "A file is broken or missing. No round of changes is used", entry.detail)


def _approved(entry: Entry, details: BookingDetails, side: Side) -> Line:
    to = side.name if side.is_client else "you"
    booking, money = details.booking, formats().money
    shares = f"{money(booking.earning)} to {to}, {money(booking.fee)} fee"
    if entry.actor is Actor.DEADLINE:
        return Line("Released automatically", f"The time to review had ended. {shares}")
    return Line(f"{side.who(Actor.CLIENT)} approved the work", shares)


TIMELINE: Mapping[str, Wording] = {
    JobStep.DELIVERED: _delivered,
    JobStep.CHANGES_REQUESTED: _changes,
    JobStep.SEND_AGAIN: _send_again,
    JobStep.APPROVED: _approved,
    JobStep.NOT_DELIVERED: lambda entry, details, side: Line(
        f"{side.who(Actor.DEVELOPER)} did not deliver in time", all_returned(side, details)
    ),
}
