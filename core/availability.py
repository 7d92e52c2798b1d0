"""When a developer can be booked: a weekly pattern in their own zone, turned into free hours.

A quarter hour is offered when the clock on the developer's wall shows a time inside a window,
so a change of the clocks moves the instant and not the hour on the wall. Inside, time is counted
in quarter hours since 1970 (a "cell"), which makes overlap a question of whole numbers.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from core.bookings_policy import BookingPolicy
from core.errors import Invalid
from core.policy import CELL, DAY, HOUR

QUARTER = int(CELL.total_seconds())
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
END_OF_DAY = "24:00"


@dataclass(frozen=True, slots=True)
class Window:
    """One stretch of a weekday: `day` 0 is Monday, times are minutes after local midnight."""

    day: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A free stretch somebody can book, in UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Availability:
    """A weekly offer in one IANA zone; notice and horizon say how near and far it reaches."""

    timezone: str
    weekly: tuple[Window, ...] = ()
    minimum_notice: timedelta = 4 * HOUR
    horizon: timedelta = 60 * DAY

    def offers(self, start: datetime, end: datetime, *, now: datetime) -> bool:
        """Whether that time lies wholly inside the offer, seen from `now`."""
        if not now + self.minimum_notice <= start < now + self.horizon:
            return False
        first, last = cell_of(start), _cell_from(end)
        return any(s.first <= first and last <= s.last for s in self._stretches(start, end))

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
        """The bookable starts in [since, until), in order, each `hours` long.

        `busy` are the cells other bookings hold; `step` is the distance between two
        offered starts in cells, counted from the developer's midnight (1: every quarter hour).
        """
        since = max(since, now + self.minimum_notice)
        until = min(until, now + self.horizon)
        length = int(hours * HOUR / CELL)
        taken = sorted(busy)
        slots: list[Slot] = []
        for stretch in self._stretches(since, until + hours * HOUR):
            wanted = replace(
                stretch,
                first=max(stretch.first, _cell_from(since)),
                last=min(stretch.last, _cell_from(until) + length - 1),
            )
            for free in wanted.without(taken):
                slots += free.slots(length, step)
        return slots

    def _stretches(self, since: datetime, until: datetime) -> Iterator[_Stretch]:
        """What is offered on the local days between the two instants, neighbours joined."""
        zone = ZoneInfo(self.timezone)
        day, last = since.astimezone(zone).date(), until.astimezone(zone).date()
        running: _Stretch | None = None
        while day <= last:
            for first, end in self._offered_on(day):
                if running and first <= running.last:
                    running = replace(running, last=max(end, running.last))
                    continue
                if running:
                    yield running
                running = _Stretch(first, end, origin=_midnight(day, self.timezone)[0])
            day += DAY
        if running:
            yield running

    def _offered_on(self, day: date) -> Iterator[tuple[int, int]]:
        """The offered cells of one local day, as ranges in order."""
        windows = [window for window in self.weekly if window.day == day.weekday()]
        midnight, even = _midnight(day, self.timezone)
        if even:
            for window in windows:
                yield midnight + window.start // 15, midnight + window.end // 15
            return
        for cell, minute in _wall(day, self.timezone):
            if any(window.start <= minute < window.end for window in windows):
                yield cell, cell + 1


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Cells in a row, [first, last); steps are counted from `origin`."""

    first: int
    last: int
    origin: int

    def without(self, taken: Sequence[int]) -> Iterator[_Stretch]:
        """What remains between the cells others have, which come in order."""
        first = self.first
        for cell in taken[bisect_left(taken, self.first) : bisect_left(taken, self.last)]:
            if first < cell:
                yield replace(self, first=first, last=cell)
            first = cell + 1
        if first < self.last:
            yield replace(self, first=first)

    def slots(self, length: int, step: int) -> Iterator[Slot]:
        """Every start from which `length` cells still fit."""
        times = [time_of(self.first)]
        for _ in range(self.first, self.last):
            times.append(times[-1] + CELL)
        for at in range(
            (self.origin - self.first) % step, self.last - self.first - length + 1, step
        ):
            yield Slot(times[at], times[at + length])


@lru_cache(maxsize=65_536)
def _midnight(day: date, timezone: str) -> tuple[int, bool]:
    """The cell a local day begins with, and whether its clocks run through without a change."""
    zone = ZoneInfo(timezone)
    begins = datetime.combine(day, time(0), zone)
    ends = datetime.combine(day + DAY, time(0), zone)
    return cell_of(begins), begins.utcoffset() == ends.utcoffset()


@lru_cache(maxsize=1024)
def _wall(day: date, timezone: str) -> tuple[tuple[int, int], ...]:
    """The cells of a day on which the clocks change, each with its minute on the wall.

    An hour the clocks skip has none, an hour they repeat has twice as many.
    """
    zone = ZoneInfo(timezone)
    about = _midnight(day, timezone)[0]
    moments = ((cell, time_of(cell).astimezone(zone)) for cell in range(about - 96, about + 192))
    return tuple((cell, m.hour * 60 + m.minute) for cell, m in moments if m.date() == day)


def _cell_from(moment: datetime) -> int:
    """The first cell that begins at that moment or after it."""
    return -((EPOCH - moment) // CELL)


def cell_of(moment: datetime) -> int:
    """The number of the quarter hour a moment lies in, counted from 1970 in UTC."""
    return int(moment.timestamp()) // QUARTER


def time_of(cell: int) -> datetime:
    return datetime.fromtimestamp(cell * QUARTER, UTC)


def cells_between(start: datetime, end: datetime) -> range:
    return range(cell_of(start), cell_of(end))


def checked_timezone(name: str) -> str:
    """The IANA name, if there is such a zone."""
    if name not in _zones():
        raise Invalid(timezone="We do not know this time zone. Use a name such as Asia/Kolkata.")
    return name


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(name for name in available_timezones() if "/" in name or name == "UTC")


def minutes_of(clock: str) -> int:
    """'09:30' as minutes after midnight; '24:00' is the end of the day."""
    hours, colon, minutes = clock.partition(":")
    if clock == END_OF_DAY:
        return 24 * 60
    if not (colon and len(hours) == len(minutes) == 2 and (hours + minutes).isdecimal()):
        raise Invalid(weekly="Write times as HH:MM, for example 09:30.")
    if int(hours) > 23 or int(minutes) > 59:
        raise Invalid(weekly=f"{clock} is not a time of day.")
    return int(hours) * 60 + int(minutes)


def clock_of(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def checked_weekly(windows: Iterable[Window]) -> tuple[Window, ...]:
    """The windows in order, if they are whole quarter hours that do not overlap."""
    ordered = tuple(sorted(windows, key=lambda w: (w.day, w.start)))
    for window in ordered:
        if not 0 <= window.day <= 6:
            raise Invalid(weekly="Days run from 0 (Monday) to 6 (Sunday).")
        if window.start % 15 or window.end % 15:
            raise Invalid(weekly="Times start and end on a quarter hour.")
        if window.end <= window.start:
            raise Invalid(weekly="Each stretch ends after it starts.")
        if window.start < 0 or window.end > 24 * 60:
            raise Invalid(weekly="Each stretch lies within one day, 00:00 to 24:00.")
    for one, other in zip(ordered, ordered[1:], strict=False):
        if one.day == other.day and other.start < one.end:
            raise Invalid(weekly="Two stretches of one day overlap.")
    return ordered


def checked_booking_range(
    *, notice_hours: int, horizon_days: int, policy: BookingPolicy
) -> tuple[timedelta, timedelta]:
    """Notice and horizon, if they lie within what the marketplace allows."""
    least = int(policy.minimum_notice / HOUR)
    most = int(policy.horizon / DAY)
    if not least <= notice_hours <= 14 * 24:
        raise Invalid(minimum_notice_h=f"Choose between {least} hours and 14 days.")
    if not 1 <= horizon_days <= most:
        raise Invalid(horizon_days=f"Choose between 1 and {most} days.")
    return notice_hours * HOUR, horizon_days * DAY
