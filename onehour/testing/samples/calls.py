"""Calls and stays in their rooms."""

from __future__ import annotations

from typing import Any

from core.bookings import BookingId
from core.calls import Call, RoomName, Stay
from core.policy import HOUR, MINUTE
from onehour.testing.samples.sample import NOW, Sample

BOOKING = BookingId("bkg_1")


def a_stay(**changes: Any) -> Stay:
    values: dict[str, Any] = {
        "booking_id": BOOKING,
        "account_id": "acc_1",
        "connection": "con_1",
        "came_at": NOW,
        "seen_at": NOW + MINUTE,
        "left_at": NOW + MINUTE,
        "inside": True,
        "trouble": True,
    }
    return Stay(**{**values, **changes})


def a_call(**changes: Any) -> Call:
    values: dict[str, Any] = {
        "id": BOOKING,
        "room": RoomName("room_1"),
        "provider": "peer",
        "opened_at": NOW,
        "closes_at": NOW + 2 * HOUR,
        "ended_at": NOW + HOUR,
    }
    return Call(**{**values, **changes})


SAMPLES = (
    Sample(
        "stays",
        (a_stay(),),
        lambda repositories: repositories.stays.note(a_stay()),
        lambda repositories: repositories.stays.of_booking(BOOKING),
    ),
)
