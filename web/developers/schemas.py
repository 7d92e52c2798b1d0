"""API schemas of developers, their hours and free times."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from typing_extensions import TypedDict

from core.availability import CELLS_OF_HOUR, Availability, time_of
from core.calendar_exceptions import CalendarException, ExceptionKind, current
from core.developers import Developer
from core.policy import DAY, HOUR
from core.weekly_hours import Window, clock_of
from services.developers import Relaxed
from web.shared.assets import avatar_url
from web.shared.context import services
from web.shared.schemas import Moment, MoneySchema, moment, money

PARAMETERS = {"rate": ("min_rate", "max_rate"), "free": ("free_from", "free_to")}
"""Filters that are several parameters in the API."""


class RatingSchema(TypedDict):
    average: float
    count: int


class DeveloperCard(TypedDict):
    id: str
    name: str
    headline: str
    skills: list[str]
    rate: MoneySchema
    rating: RatingSchema | None
    timezone: str
    languages: list[str]
    avatar_url: str | None
    next_free: Moment | None


class CancellationTerm(TypedDict):
    """A client who cancels at least `notice_h` hours before the start gets back `percent`."""

    notice_h: int
    percent: int


class RelaxedSchema(TypedDict):
    """What the search left out, because nothing fulfils all of it.

    `filters` are names of parameters. `words` are those of `q` if no profile has all of them, and
    `matched` the ones that a profile of this page has.
    """

    filters: list[str]
    words: list[str]
    matched: list[str]


class PolicySchema(TypedDict):
    revisions: int
    fee_percent: int
    refund: list[CancellationTerm]


class WindowSchema(TypedDict):
    """Hours of one weekday; `day` 0 is Monday, `start` and `end` are HH:MM."""

    day: int
    start: str
    end: str


class SlotSchema(TypedDict):
    start: Moment
    end: Moment


class SlotsSchema(TypedDict):
    timezone: str
    items: list[SlotSchema]


def slots(starts: Iterable[int], *, hours: int) -> list[SlotSchema]:
    """The slots that start in these cells."""
    length = hours * CELLS_OF_HOUR
    return [_slot(cell, length) for cell in starts]


@lru_cache(maxsize=16_384)
def _slot(cell: int, length: int) -> SlotSchema:
    """Kept, because the free times of all developers have the same ones. Must not be changed."""
    return {"start": moment(time_of(cell)), "end": moment(time_of(cell + length))}


class DeveloperProfile(DeveloperCard):
    bio: str
    policy: PolicySchema
    free: list[SlotSchema]


class MyProfile(DeveloperCard):
    bio: str
    revisions: int
    published: bool
    missing: list[str]


ExceptionSchema = TypedDict(
    "ExceptionSchema",
    {"id": str, "kind": str, "from": str, "to": str, "start": str | None, "end": str | None},
)
"""Days off, or extra hours with `start` and `end`. Both dates are included."""


class AvailabilitySchema(TypedDict):
    timezone: str
    weekly: list[WindowSchema]
    minimum_notice_h: int
    horizon_days: int
    exceptions: list[ExceptionSchema]


class SkillSchema(TypedDict):
    name: str
    count: int


def developer_card(value: Developer, *, now: datetime) -> DeveloperCard:
    upcoming = value.upcoming(now=now)
    rating: RatingSchema | None = None
    if value.rating.count and services().developers.has_ratings:
        rating = {"average": value.rating.average, "count": value.rating.count}
    return {
        "id": value.id,
        "name": value.name,
        "headline": value.headline,
        "skills": list(value.skills),
        "rate": money(value.rate),
        "rating": rating,
        "timezone": value.timezone,
        "languages": list(value.languages),
        "avatar_url": avatar_url(value.avatar) if value.avatar else None,
        "next_free": moment(upcoming[0]) if upcoming else None,
    }


def relaxed(value: Relaxed | None) -> RelaxedSchema | None:
    if value is None:
        return None
    return {
        "filters": [name for each in value.filters for name in PARAMETERS.get(each, (each,))],
        "words": list(value.words),
        "matched": list(value.matched),
    }


def my_profile(value: Developer, *, now: datetime) -> MyProfile:
    return {
        **developer_card(value, now=now),
        "bio": value.bio,
        "revisions": value.revisions,
        "published": value.published,
        "missing": list(value.missing),
    }


def availability(value: Availability, *, now: datetime) -> AvailabilitySchema:
    return {
        "timezone": value.timezone,
        "weekly": [window(each) for each in value.weekly],
        "minimum_notice_h": int(value.minimum_notice / HOUR),
        "horizon_days": int(value.horizon / DAY),
        "exceptions": [
            calendar_exception(each) for each in current(value.exceptions, today=value.today(now))
        ],
    }


def calendar_exception(value: CalendarException) -> ExceptionSchema:
    is_extra = value.kind is ExceptionKind.EXTRA_HOURS
    return {
        "id": value.id,
        "kind": value.kind,
        "from": value.first.isoformat(),
        "to": value.last.isoformat(),
        "start": clock_of(value.start) if is_extra else None,
        "end": clock_of(value.end) if is_extra else None,
    }


def window(value: Window) -> WindowSchema:
    return {"day": value.day, "start": clock_of(value.start), "end": clock_of(value.end)}
