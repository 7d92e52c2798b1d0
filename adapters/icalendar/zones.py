"""The rules of a time zone as iCalendar writes them: one part for each change of the clocks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

from core.policy import DAY, SECOND
from core.timezones import ZoneName


@lru_cache(maxsize=256)
def rules_of(zone: ZoneName, first_year: int, last_year: int) -> bytes:
    """The VTIMEZONE with every change from the beginning of the first year to the end of the
    last one."""
    info = ZoneInfo(zone)
    begins = datetime(first_year, 1, 1, tzinfo=UTC)
    ends = datetime(last_year + 1, 1, 1, tzinfo=UTC)
    timezone = Timezone()
    timezone.add("tzid", zone)
    timezone.add_component(_part(info, begins, before=begins))
    for change in _changes(info, begins, ends):
        timezone.add_component(_part(info, change, before=change - SECOND))
    return bytes(timezone.to_ical())


def _changes(info: ZoneInfo, begins: datetime, ends: datetime) -> Iterator[datetime]:
    """The first moment after each change, in UTC."""
    day = begins
    while day < ends:
        following = day + DAY
        if _state(info, day) != _state(info, following):
            yield _change_between(info, day, following)
        day = following


def _change_between(info: ZoneInfo, low: datetime, high: datetime) -> datetime:
    while high - low > SECOND:
        middle = low + timedelta(seconds=(high - low) // SECOND // 2)
        if _state(info, middle) == _state(info, low):
            low = middle
        else:
            high = middle
    return high


def _state(info: ZoneInfo, moment: datetime) -> tuple[timedelta | None, str | None, bool]:
    local = moment.astimezone(info)
    return local.utcoffset(), local.tzname(), bool(local.dst())


def _part(
    info: ZoneInfo, start: datetime, *, before: datetime
) -> TimezoneStandard | TimezoneDaylight:
    """What holds from `start` on. Its time is that of the clocks before the change (RFC 5545,
    3.6.5)."""
    local, offset = start.astimezone(info), before.astimezone(info).utcoffset()
    assert offset is not None
    part = TimezoneDaylight() if local.dst() else TimezoneStandard()
    part.add("dtstart", (start + offset).replace(tzinfo=None))
    part.add("tzoffsetfrom", offset)
    part.add("tzoffsetto", local.utcoffset())
    part.add("tzname", local.tzname())
    return part
