"""When a developer can be booked: a weekly pattern in local time, turned into free slots.

A quarter hour is offered when its local time is inside a window. When the clocks change, the
local time stays the same and the UTC time changes. Internally, time is counted in cells: quarter
hours since 1970-01-01 in UTC. So two bookings overlap if they share a cell number.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.bookings_policy import BookingPolicy
from core.errors import Invalid
from core.policy import CELL, DAY, HOUR
from core.timezones import ZoneName

CELL_SECONDS = int(CELL.total_seconds())
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
END_OF_DAY = "24:00"


@dataclass(frozen=True, slots=True)
class Window:
    """Bookable time on one weekday: `day` 0 is Monday, times are minutes after local midnight."""

    day: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A free time that can be booked, from `start` to `end` in UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Availability:
    """The weekly windows of a developer in one IANA time zone.

    A slot can start `minimum_notice` from now at the earliest and before `horizon` from now.
    """

    timezone: ZoneName
    weekly: tuple[Window, ...] = ()
    minimum_notice: timedelta = 4 * HOUR
    horizon: timedelta = 60 * DAY

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
        since = max(since, now + self.minimum_notice)
        until = min(until, now + self.horizon)
        length = int(hours * HOUR / CELL)
        taken = sorted(busy)
        slots: list[Slot] = []
        for interval in self._intervals(since, until + hours * HOUR):
            wanted = replace(
                interval,
                first=max(interval.first, _cell_at_or_after(since)),
                last=min(interval.last, _cell_at_or_after(until) + length - 1),
            )
            for free in wanted.without(taken):
                slots += free.slots(length, step)
        return slots

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
        windows = [window for window in self.weekly if window.day == day.weekday()]
        midnight, unchanged = _midnight(day, self.timezone)
        if unchanged:
            for window in windows:
                yield midnight + window.start // 15, midnight + window.end // 15
            return
        for cell, minute in _cells_with_local_minutes(day, self.timezone):
            if any(window.start <= minute < window.end for window in windows):
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
                yield replace(self, first=first, last=cell)
            first = cell + 1
        if first < self.last:
            yield replace(self, first=first)

    def slots(self, length: int, step: int) -> Iterator[Slot]:
        """The slots of `length` cells that fit, one for each allowed start."""
        times = [time_of(self.first)]
        for _ in range(self.first, self.last):
            times.append(times[-1] + CELL)
        for at in range(
            (self.origin - self.first) % step, self.last - self.first - length + 1, step
        ):
            yield Slot(times[at], times[at + length])


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


def _cell_at_or_after(moment: datetime) -> int:
    """The first cell that starts at this time or later."""
    return -((EPOCH - moment) // CELL)


def cell_of(moment: datetime) -> int:
    """The cell that contains this time: the number of quarter hours since 1970-01-01 UTC."""
    return int(moment.timestamp()) // CELL_SECONDS


def time_of(cell: int) -> datetime:
    """The start of a cell, in UTC."""
    return datetime.fromtimestamp(cell * CELL_SECONDS, UTC)


def cells_between(start: datetime, end: datetime) -> range:
    """The cells from `start` up to `end`, which is not included."""
    return range(cell_of(start), cell_of(end))


def minutes_of(clock: str) -> int:
    """'09:30' as minutes after midnight; '24:00' is the end of the day. Raises `Invalid`."""
    hours, colon, minutes = clock.partition(":")
    if clock == END_OF_DAY:
        return 24 * 60
    if not (colon and len(hours) == len(minutes) == 2 and (hours + minutes).isdecimal()):
        raise Invalid(weekly="Write times as HH:MM, for example 09:30.")
    if int(hours) > 23 or int(minutes) > 59:
        raise Invalid(weekly=f"{clock} is not a time of day.")
    return int(hours) * 60 + int(minutes)


def clock_of(minutes: int) -> str:
    """Minutes after midnight as 'HH:MM'."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def checked_weekly(windows: Iterable[Window]) -> tuple[Window, ...]:
    """The windows in order. Raises `Invalid` unless they are quarter hours without overlap."""
    ordered = tuple(sorted(windows, key=lambda w: (w.day, w.start)))
    for window in ordered:
        if not 0 <= window.day <= 6:
            raise Invalid(weekly="Days run from 0 (Monday) to 6 (Sunday).")
        if window.start % 15 or window.end % 15:
            raise Invalid(weekly="Times start and end on a quarter hour.")
        if window.end <= window.start:
            raise Invalid(weekly="Each period must end after it starts.")
        if window.start < 0 or window.end > 24 * 60:
            raise Invalid(weekly="Each period must be within one day, 00:00 to 24:00.")
    for one, other in zip(ordered, ordered[1:], strict=False):
        if one.day == other.day and other.start < one.end:
            raise Invalid(weekly="Two periods of one day overlap.")
    return ordered


def checked_booking_range(
    *, notice_hours: int, horizon_days: int, policy: BookingPolicy
) -> tuple[timedelta, timedelta]:
    """Minimum notice and horizon as durations. Raises `Invalid` outside the policy's limits."""
    least = int(policy.minimum_notice / HOUR)
    most = int(policy.horizon / DAY)
    if not least <= notice_hours <= 14 * 24:
        raise Invalid(minimum_notice_h=f"Choose between {least} hours and 14 days.")
    if not 1 <= horizon_days <= most:
        raise Invalid(horizon_days=f"Choose between 1 and {most} days.")
    return notice_hours * HOUR, horizon_days * DAY
