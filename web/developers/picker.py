"""The slot picker of a profile: seven days of free hours in the selected zone, from today on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

from core.availability import Slot, week_from_today
from core.bookings import Booking, Status
from core.developers import Developer, DeveloperId
from core.errors import Invalid
from core.policy import DAY, HOUR
from core.timezones import checked_timezone
from services.developers import MAX_SEARCH_RANGE
from web.developers.plugin_fields import plugin_fields
from web.shared.context import now, services, viewer
from web.shared.forms import calendar_day, moment
from web.shared.templating import zone as zone_of_viewer

HALF_HOURS = 2
WEEK = 7 * DAY
PARTS = (("Night", 0), ("Morning", 6), ("Afternoon", 12), ("Evening", 17))


@dataclass(frozen=True, slots=True)
class Choice:
    """The selection, from a URL or a form. `week` is any day of the week to show, `fields` are
    those of plugins."""

    hours: int
    zone: str
    start: datetime | None = None
    week: date | None = None
    brief: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Choice:
        """Malformed values are ignored."""
        text = given.get("hours", "")
        wanted = int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else 1
        most = services().bookings.policy.hours_maximum
        return cls(
            hours=min(max(wanted, 1), most),
            zone=_zone(given.get("zone", "")),
            start=moment(given.get("start", "")),
            week=calendar_day(given.get("week", "")),
            brief=given.get("brief", ""),
            fields=plugin_fields(given),
        )


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the picker: its free slots by part of the day, and the spans of the bar as
    (first quarter hour, length). `open`: this day is shown."""

    number: int
    date: date
    parts: tuple[tuple[str, tuple[Slot, ...]], ...]
    spans: tuple[tuple[int, int], ...]
    open: bool

    @property
    def count(self) -> int:
        return sum(len(slots) for _, slots in self.parts)


@dataclass(frozen=True, slots=True)
class Picker:
    choice: Choice
    first: date
    days: tuple[Day, ...]
    chosen: Slot | None
    unavailable: bool
    """The selected time is not free."""
    earlier: date | None
    later: date | None
    next_free: date | None
    """A day with free times, when this week has none."""

    @property
    def last(self) -> date:
        return self.first + 6 * DAY


async def picker(
    developer_id: str, choice: Choice, *, moving: Booking | None = None
) -> tuple[Developer, Picker]:
    """The profile with seven days of its free times, or of those that the booking which is
    `moving` can have instead of its own. Raises `NotFound`.

    Without a choice of day they are the first seven days with a free time. The stored next times
    say which those are; only if they do not fit, because they are of one hour or outdated, the
    whole calendar is read.
    """
    account = viewer()
    by = account.id if account else None
    developer = await services().developers.get(DeveloperId(developer_id), by=by)
    first = _first_day(developer, choice)
    free = partial(_free, developer, choice, by=by, moving=moving)
    slots = await free(first, first + WEEK)
    if not slots and choice.week is None and choice.start is None:
        today = _today(choice)
        slots = await free(today, _last_day(developer, choice) + DAY)
        first = week_from_today(_day_of(slots[0], choice), today=today) if slots else today
        slots = [slot for slot in slots if _day_of(slot, choice) < first + WEEK]
    return developer, _picker(developer, choice, first, slots)


async def _free(
    developer: Developer,
    choice: Choice,
    first: date,
    end: date,
    *,
    by: str | None,
    moving: Booking | None,
) -> list[Slot]:
    """The free times of the days from `first` to the one before `end`, in the chosen zone."""
    end = min(end, first + MAX_SEARCH_RANGE)
    _, slots = await services().developers.slots(
        developer.id, since=first, until=end, hours=choice.hours, step=HALF_HOURS,
        zone=choice.zone, by=by, moving=moving,
    )  # fmt: skip
    return slots


async def held_by_viewer(developer_id: str, choice: Choice) -> Booking | None:
    """The viewer's own hold of the selected time, if there is one."""
    account = viewer()
    if account is None:
        return None
    held, _ = await services().bookings.of_account(by=account.id, statuses=[Status.HELD], limit=100)
    own = (b for b in held if b.client.account_id == account.id and b.shown_until > now())
    return next(
        (b for b in own if b.developer.id == developer_id and b.start == choice.start), None
    )


def _picker(developer: Developer, choice: Choice, first: date, slots: Sequence[Slot]) -> Picker:
    zone = ZoneInfo(choice.zone)
    chosen = next((slot for slot in slots if slot.start == choice.start), None)
    shown = chosen or next(iter(slots), None)
    open_day = shown.start.astimezone(zone).date() if shown else None
    upcoming = developer.upcoming(now=now())
    return Picker(
        choice=choice,
        first=first,
        days=tuple(_day(first + n * DAY, n, slots, zone, open_day) for n in range(7)),
        chosen=chosen,
        unavailable=choice.start is not None and chosen is None,
        earlier=first - WEEK if first > _today(choice) else None,
        later=first + WEEK if first + WEEK <= _last_day(developer, choice) else None,
        next_free=upcoming[0].astimezone(zone).date() if upcoming and not slots else None,
    )


def _day(
    day: date, number: int, slots: Sequence[Slot], zone: ZoneInfo, open_day: date | None
) -> Day:
    of_day = [slot for slot in slots if slot.start.astimezone(zone).date() == day]
    parts = []
    for (name, begins), ends in zip(PARTS, (6, 12, 17, 24), strict=True):
        some = tuple(s for s in of_day if begins <= s.start.astimezone(zone).hour < ends)
        if some:
            parts.append((name, some))
    return Day(number, day, tuple(parts), _spans(of_day, zone), day == open_day)


def _spans(slots: Sequence[Slot], zone: ZoneInfo) -> tuple[tuple[int, int], ...]:
    """The free spans of the day as (first quarter hour, length); the day has 96."""
    spans: list[tuple[int, int]] = []
    for slot in slots:
        local = slot.start.astimezone(zone)
        first = local.hour * 4 + local.minute // 15
        end = min(first + int((slot.end - slot.start) / HOUR * 4), 96)
        if spans and first <= spans[-1][0] + spans[-1][1]:
            spans[-1] = (spans[-1][0], end - spans[-1][0])
        else:
            spans.append((first, end - first))
    return tuple(spans)


def _first_day(developer: Developer, choice: Choice) -> date:
    """The first day of the requested week, otherwise of that of the selected time or the next free
    one."""
    upcoming = developer.upcoming(now=now())
    first = choice.start or (upcoming[0] if upcoming else now())
    asked = choice.week or first.astimezone(ZoneInfo(choice.zone)).date()
    return week_from_today(min(asked, _last_day(developer, choice)), today=_today(choice))


def _today(choice: Choice) -> date:
    return now().astimezone(ZoneInfo(choice.zone)).date()


def _last_day(developer: Developer, choice: Choice) -> date:
    """The last day that can be booked."""
    return (now() + developer.availability.horizon).astimezone(ZoneInfo(choice.zone)).date()


def _day_of(slot: Slot, choice: Choice) -> date:
    return slot.start.astimezone(ZoneInfo(choice.zone)).date()


def _zone(name: str) -> str:
    try:
        return checked_timezone(name)
    except Invalid:
        return zone_of_viewer()
