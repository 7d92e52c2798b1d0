"""Outbox messages of calls: the end of a room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.bookings import BookingId
from core.calls import Call, RoomName
from core.outbox import OutboxMessage, Payload, message


@dataclass(frozen=True, slots=True)
class CloseRoom(Payload):
    """Deadline: the room is ended unless the booking has moved."""

    kind: ClassVar[str] = "calls.close"
    booking: BookingId
    room: RoomName


def closing(call: Call) -> OutboxMessage:
    """The message that ends the room of a call."""
    return message(CloseRoom(call.id, call.room), call.room, due_at=call.closes_at)
