"""When a developer can be booked: a weekly pattern in their own zone, turned into free hours.

Local hours become UTC instants per calendar day, so a change of the clocks moves the
instant and not the hour on the wall. Inside, time is counted in quarter hours since 1970
(a "cell"), which makes overlap a question of whole numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from core.errors import Invalid
from core.policy import CELL, DAY, HOUR, Policy

QUARTER = int(CELL.total_seconds())
MIDNIGHT_AFTER = "24:00"


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
        wanted = range(cell_of(start), cell_of(end))
        open_cells = self._cells(start - DAY, end + DAY)
        return self._in_reach(start, now=now) and all(cell in open_cells for cell in wanted)

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
        offered starts in cells, counted from the hour (1: every quarter hour).
        """
        since = max(since, now + self.minimum_notice)
        until = min(until, now + self.horizon)
        length = int(hours * HOUR / CELL)
        free = self._cells(since - DAY, until + hours * HOUR + DAY) - set(busy)
        first, last = -(-int(since.timestamp()) // QUARTER), cell_of(until)
        starts = (cell for cell in range(first, last) if cell % step == 0 and cell in free)
        return [
            Slot(time_of(cell), time_of(cell + length))
            for cell in starts
            if all(cell + ahead in free for ahead in range(length))
        ]

    def _in_reach(self, start: datetime, *, now: datetime) -> bool:
        return now + self.minimum_notice <= start < now + self.horizon

    def _cells(self, since: datetime, until: datetime) -> set[int]:
        """Every offered quarter hour between the two instants."""
        return set().union(*(range(first, end) for first, end in self._spans(since, until)))

    def _spans(self, since: datetime, until: datetime) -> Iterator[tuple[int, int]]:
        zone = ZoneInfo(self.timezone)
        day, last = since.astimezone(zone).date(), until.astimezone(zone).date()
        while day <= last:
            for window in self.weekly:
                if window.day == day.weekday():
                    yield (
                        _cell_at(day, window.start, self.timezone),
                        _cell_at(day, window.end, self.timezone),
                    )
            day += DAY


@lru_cache(maxsize=65_536)
def _cell_at(day: date, minutes: int, timezone: str) -> int:
    """The cell that begins at that local time; an hour the clocks skip begins when they jump."""
    local = datetime.combine(day + timedelta(days=minutes // 1440), time(0)) + timedelta(
        minutes=minutes % 1440
    )
    return cell_of(local.replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC))


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
    return frozenset(available_timezones())


def minutes_of(clock: str) -> int:
    """'09:30' as minutes after midnight; '24:00' is the end of the day."""
    hours, colon, minutes = clock.partition(":")
    if clock == MIDNIGHT_AFTER:
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
    for one, other in zip(ordered, ordered[1:], strict=False):
        if one.day == other.day and other.start < one.end:
            raise Invalid(weekly="Two stretches of one day overlap.")
    return ordered


def checked_reach(
    *, notice_hours: int, horizon_days: int, policy: Policy
) -> tuple[timedelta, timedelta]:
    """Notice and horizon, if they lie within what the marketplace allows."""
    least = int(policy.minimum_notice / HOUR)
    most = int(policy.horizon / DAY)
    if not least <= notice_hours <= 14 * 24:
        raise Invalid(minimum_notice_h=f"Choose between {least} hours and 14 days.")
    if not 1 <= horizon_days <= most:
        raise Invalid(horizon_days=f"Choose between 1 and {most} days.")
    return notice_hours * HOUR, horizon_days * DAY
