"""The video call of a booking: when its room is open, who may enter, and who was there.

Attendance is worked out from stays. A stay is one connection of one person, and is noted again and
again while it lasts: notes may be lost, repeated or out of order, and the result is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType, Self

from core.bookings import Booking, BookingId, Status
from core.calls_policy import CallPolicy
from core.errors import Conflict, Forbidden
from core.policy import SECOND

RoomName = NewType("RoomName", str)

HEARTBEAT = 4 * SECOND
"""How often a page says that it is in the room."""
GONE_AFTER = 3 * HEARTBEAT
"""Somebody whose page has not said so for this long is not in the room now."""
SHORTEST_GAP = 60 * SECOND
"""A shorter time away, such as a reload of the page, does not end a presence."""
CONNECTION_MAXIMUM = 64
"""Characters of the name of a connection."""


class CallClosed(Conflict):
    """The room of this booking is not open."""

    code = "call_closed"


class TooManySignals(Forbidden):
    """This is too much at once. Wait a moment."""

    code = "too_many_signals"


@dataclass(frozen=True, slots=True)
class Window:
    """When the room of a booking is open."""

    opens_at: datetime
    closes_at: datetime

    @classmethod
    def of(cls, booking: Booking, policy: CallPolicy) -> Self:
        """`policy` is for bookings that have no terms of their own."""
        terms = call_terms(booking, policy)
        return cls(booking.start - terms.room_opens_before, booking.end + terms.room_closes_after)

    def is_open(self, now: datetime) -> bool:
        return self.opens_at <= now < self.closes_at


def call_terms(booking: Booking, policy: CallPolicy) -> CallPolicy:
    """The times of the meeting: as they were when it was booked, if they were stored then."""
    return booking.call_terms or policy


def has_room(booking: Booking) -> bool:
    """Whether the parties of the booking meet. Work that was approved early does not cancel it."""
    return booking.status in (Status.CONFIRMED, Status.COMPLETED)


def check_open(booking: Booking, *, now: datetime, policy: CallPolicy) -> Window:
    """When the room is open. Raises `CallClosed` with the reason if it is not open now."""
    window = Window.of(booking, policy)
    if not has_room(booking):
        raise CallClosed("This booking has no meeting: it is not confirmed, or it was cancelled.")
    if now < window.opens_at:
        raise CallClosed("The room of this booking is not open yet.")
    if now >= window.closes_at:
        raise CallClosed("The room of this booking has closed.")
    return window


@dataclass(frozen=True, slots=True)
class Call:
    """The room of a booking at a video provider; `id` is the id of the booking. Nobody can guess
    `room`, a name that is used once. `closes_at` is when it closes unless the booking moves."""

    id: BookingId
    room: RoomName
    provider: str
    opened_at: datetime
    closes_at: datetime
    ended_at: datetime | None = None
    version: int = 0

    def is_usable(self, provider: str) -> bool:
        """Whether the room exists, at this provider. Otherwise the call needs another one."""
        return self.ended_at is None and self.provider == provider

    def end(self, now: datetime) -> Self:
        return replace(self, ended_at=now)


@dataclass(frozen=True, slots=True)
class Stay:
    """One connection of one person to the room of a booking. Times are in UTC.

    `inside` is False while the person has only asked for admission. `trouble`: the connection
    failed, or the browser refused camera and microphone, by what the page or the provider says.
    """

    booking_id: BookingId
    account_id: str
    connection: str
    came_at: datetime
    seen_at: datetime
    left_at: datetime | None = None
    inside: bool = False
    trouble: bool = False

    @property
    def key(self) -> str:
        return f"{self.booking_id}:{self.account_id}:{self.connection}"

    @property
    def until(self) -> datetime:
        return max(self.seen_at, self.left_at or self.seen_at)

    def merged(self, other: Stay) -> Self:
        """Both notes of one stay, in any order."""
        left = [at for at in (self.left_at, other.left_at) if at]
        return replace(
            self,
            came_at=min(self.came_at, other.came_at),
            seen_at=max(self.seen_at, other.seen_at),
            left_at=max(left, default=None),
            inside=self.inside or other.inside,
            trouble=self.trouble or other.trouble,
        )

    def is_here(self, now: datetime) -> bool:
        """Whether the person is in the room now, as far as is known."""
        left = self.left_at is not None and self.left_at >= self.seen_at
        return self.inside and not left and now < self.seen_at + GONE_AFTER


class Verdict(StrEnum):
    """What is known about one side of a meeting."""

    EXPECTED = "expected"
    ATTENDED = "attended"
    LATE = "late"
    TROUBLE = "trouble"
    ABSENT = "absent"


CAME = frozenset({Verdict.ATTENDED, Verdict.LATE})


@dataclass(frozen=True, slots=True)
class Presence:
    """A time during which a person was in the room."""

    since: datetime
    until: datetime

    @property
    def length(self) -> timedelta:
        return self.until - self.since


@dataclass(frozen=True, slots=True)
class Attendance:
    """One side of a meeting: when it was in the room, and what follows. `here`: it is there now."""

    account_id: str
    verdict: Verdict
    presences: tuple[Presence, ...]
    here: bool

    @property
    def length(self) -> timedelta:
        return sum((each.length for each in self.presences), timedelta())


def attendance(
    booking: Booking, stays: Iterable[Stay], account_id: str, *, now: datetime, policy: CallPolicy
) -> Attendance:
    """What the stays say about one party. Trouble with the connection is no absence: who asked for
    admission, or whose connection failed, has tried to come."""
    own = [each for each in stays if each.account_id == account_id]
    presences = presences_of(own, Window.of(booking, policy))
    here = any(each.is_here(now) for each in own)
    return Attendance(
        account_id, _verdict(booking, own, presences, now=now, policy=policy), presences, here
    )


def presences_of(stays: Iterable[Stay], window: Window) -> tuple[Presence, ...]:
    """The times of one person in the room, in order and without short gaps."""
    found: list[Presence] = []
    inside = (each for each in stays if each.inside)
    for stay in sorted(inside, key=lambda each: each.came_at):
        since, until = max(stay.came_at, window.opens_at), min(stay.until, window.closes_at)
        if until < since:
            continue
        if found and since - found[-1].until <= SHORTEST_GAP:
            found[-1] = Presence(found[-1].since, max(until, found[-1].until))
        else:
            found.append(Presence(since, until))
    return tuple(found)


def together(one: Attendance, other: Attendance) -> timedelta:
    """How long both were in the room at the same time."""
    total = timedelta()
    for a in one.presences:
        for b in other.presences:
            total += max(min(a.until, b.until) - max(a.since, b.since), timedelta())
    return total


def _verdict(
    booking: Booking,
    stays: Sequence[Stay],
    presences: Sequence[Presence],
    *,
    now: datetime,
    policy: CallPolicy,
) -> Verdict:
    due = booking.start + call_terms(booking, policy).no_show_after
    came = [max(each.since, booking.start) for each in presences if each.until >= booking.start]
    if came:
        return Verdict.ATTENDED if min(came) <= due else Verdict.LATE
    if now < due:
        return Verdict.EXPECTED
    only_asked = bool(stays) and not any(each.inside for each in stays)
    tried = only_asked or any(each.trouble for each in stays)
    return Verdict.TROUBLE if tried else Verdict.ABSENT
