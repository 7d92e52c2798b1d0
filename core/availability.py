"""When a developer can be booked: weekly hours in local time with exceptions, as free slots.

A quarter hour is offered when its local time is inside a span of its day. When the clocks change,
the local time stays the same and the UTC time changes. Internally, time is counted in cells:
quarter hours since 1970-01-01 in UTC. So two bookings overlap if they share a cell number.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.bookings_policy import BookingPolicy
from core.calendar_exceptions import CalendarException, spans_on
from core.errors import Errors
from core.policy import CELL, DAY, HOUR
from core.timezones import ZoneName
from core.weekly_hours import Window

CELL_SECONDS = int(CELL.total_seconds())
CELLS_OF_HOUR = int(HOUR / CELL)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Slot:
    """A free time that can be booked, from `start` to `end` in UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Availability:
    """The weekly windows of a developer in one IANA time zone.

    A slot can start `minimum_notice` from now at the earliest and before `horizon` from now.
    `exceptions` are days off and extra hours (core/calendar_exceptions.py).
    """

    timezone: ZoneName
    weekly: tuple[Window, ...] = ()
    minimum_notice: timedelta = 4 * HOUR
    horizon: timedelta = 60 * DAY
    exceptions: tuple[CalendarException, ...] = ()

    def today(self, now: datetime) -> date:
        """The date in the developer's zone."""
        return now.astimezone(ZoneInfo(self.timezone)).date()

    def offers(self, start: datetime, end: datetime, *, now: datetime) -> bool:
        """Whether the whole time from `start` to `end` can be booked at `now`."""
        if not now + self.minimum_notice <= start < now + self.horizon:
            return False
        first, last = cell_of(start), _cell_at_or_after(end)
        return any(s.first <= first and last <= s.last for s in self._intervals(start, end))

    def slots(
        self,
        *,
        since: datetime,
        until: datetime,
        hours: int,
        busy: Iterable[int],
        now: datetime,
        step: int = 1,
    ) -> list[Slot]:
        """The slots that start in [since, until), in order, each `hours` long.

        `busy` are the cells of other bookings. `step` is the distance between two starts in
        cells, counted from local midnight (1: every quarter hour).
        """
        starts = self.starts(since=since, until=until, hours=hours, busy=busy, now=now, step=step)
        length = hours * CELLS_OF_HOUR
        return [Slot(time_of(cell), time_of(cell + length)) for cell in starts]

    def starts(
        self,
        *,
        since: datetime,
        until: datetime,
        hours: int,
        busy: Iterable[int],
        now: datetime,
        step: int = 1,
    ) -> list[int]:
        """As `slots`: the cells in which they start."""
        since = max(since, now + self.minimum_notice)
        until = min(until, now + self.horizon)
        first, length = _cell_at_or_after(since), hours * CELLS_OF_HOUR
        last, taken = _cell_at_or_after(until) + length - 1, sorted(busy)
        starts: list[int] = []
        for interval in self._intervals(since, until + hours * HOUR):
            wanted = _Interval(
                max(interval.first, first), min(interval.last, last), interval.origin
            )
            for free in wanted.without(taken):
                starts += free.starts(length, step)
        return starts

    def _intervals(self, since: datetime, until: datetime) -> Iterator[_Interval]:
        """The offered intervals of the local days from `since` to `until`, adjacent ones merged."""
        zone = ZoneInfo(self.timezone)
        day, last = since.astimezone(zone).date(), until.astimezone(zone).date()
        current: _Interval | None = None
        while day <= last:
            for first, end in self._offered_on(day):
                if current and first <= current.last:
                    current = replace(current, last=max(end, current.last))
                    continue
                if current:
                    yield current
                current = _Interval(first, end, origin=_midnight(day, self.timezone)[0])
            day += DAY
        if current:
            yield current

    def _offered_on(self, day: date) -> Iterator[tuple[int, int]]:
        """The offered cells of one local day, as ranges in order."""
        spans = [(w.start, w.end) for w in self.weekly if w.day == day.weekday()]
        if self.exceptions:
            spans = spans_on(day, spans, self.exceptions)
        midnight, unchanged = _midnight(day, self.timezone)
        if unchanged:
            for start, end in spans:
                yield midnight + start // 15, midnight + end // 15
            return
        for cell, minute in _cells_with_local_minutes(day, self.timezone):
            if any(start <= minute < end for start, end in spans):
                yield cell, cell + 1


@dataclass(frozen=True, slots=True)
class _Interval:
    """Consecutive cells [first, last); steps are counted from the cell `origin`."""

    first: int
    last: int
    origin: int

    def without(self, taken: Sequence[int]) -> Iterator[_Interval]:
        """The parts without the cells in `taken`, which must be sorted."""
        first = self.first
        for cell in taken[bisect_left(taken, self.first) : bisect_left(taken, self.last)]:
            if first < cell:
                yield _Interval(first, cell, self.origin)
            first = cell + 1
        if first < self.last:
            yield _Interval(first, self.last, self.origin)

    def starts(self, length: int, step: int) -> range:
        """The allowed starts from which `length` cells fit."""
        return range(self.first + (self.origin - self.first) % step, self.last - length + 1, step)


@lru_cache(maxsize=65_536)
def _midnight(day: date, timezone: str) -> tuple[int, bool]:
    """The first cell of a local day, and whether the clocks do not change on it."""
    zone = ZoneInfo(timezone)
    begins = datetime.combine(day, time(0), zone)
    ends = datetime.combine(day + DAY, time(0), zone)
    return cell_of(begins), begins.utcoffset() == ends.utcoffset()


@lru_cache(maxsize=1024)
def _cells_with_local_minutes(day: date, timezone: str) -> tuple[tuple[int, int], ...]:
    """The cells of a day on which the clocks change, each with its local minute of the day.

    A skipped hour has no cells, a repeated hour has eight.
    """
    zone = ZoneInfo(timezone)
    about = _midnight(day, timezone)[0]
    moments = ((cell, time_of(cell).astimezone(zone)) for cell in range(about - 96, about + 192))
    return tuple((cell, m.hour * 60 + m.minute) for cell, m in moments if m.date() == day)


def start_of_day(day: date, timezone: str) -> datetime:
    """When a local day begins, in UTC."""
    return datetime.combine(day, time(0), ZoneInfo(timezone)).astimezone(UTC)


def week_from_today(asked: date, *, today: date) -> date:
    """The first of the seven days with `asked`: calendars begin today, and turn by weeks from
    there. A day that has passed is today."""
    return today + max((asked - today).days // 7, 0) * 7 * DAY


def _cell_at_or_after(moment: datetime) -> int:
    """The first cell that starts at this time or later."""
    return -((EPOCH - moment) // CELL)


def cell_of(moment: datetime) -> int:
    """The cell that contains this time: the number of quarter hours since 1970-01-01 UTC."""
    return int(moment.timestamp()) // CELL_SECONDS


@lru_cache(maxsize=65_536)
def time_of(cell: int) -> datetime:
    """The start of a cell, in UTC."""
    return datetime.fromtimestamp(cell * CELL_SECONDS, UTC)


def cells_between(start: datetime, end: datetime) -> range:
    """The cells from `start` up to `end`, which is not included."""
    return range(cell_of(start), cell_of(end))


def checked_booking_range(
    *, notice_hours: int, horizon_days: int, policy: BookingPolicy
) -> tuple[timedelta, timedelta]:
    """Minimum notice and horizon as durations. Raises `Invalid` outside the policy's limits."""
    least = int(policy.minimum_notice / HOUR)
    most = int(policy.horizon / DAY)
    errors = Errors()
    if not least <= notice_hours <= 14 * 24:
        errors.add(minimum_notice_h=f"Choose between {least} hours and 14 days.")
    if not 1 <= horizon_days <= most:
        errors.add(horizon_days=f"Choose between 1 and {most} days.")
    errors.check()
    return notice_hours * HOUR, horizon_days * DAY
