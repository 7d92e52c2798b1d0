"""Socket events about bookings."""

from __future__ import annotations

from typing_extensions import TypedDict

from web.shared.live_events import LiveEvent


class BookingUpdate(TypedDict):
    """`booking` is the id of the booking, `what` the kind of the new entry of its timeline."""

    booking: str
    what: str


BOOKING_UPDATED = LiveEvent(
    name="booking:updated",
    data=BookingUpdate,
    summary="A booking has changed: for both of its parties.",
)
