"""Exceptions from the hours of a week: days off, and extra hours on one date.

All are dates and times of day in the developer's zone. On a day off the weekly hours do not count.
Extra hours are added to what the day has otherwise, so a day off with extra hours offers the
extra hours only. Bookings that were made before are not affected.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NewType

from core.errors import Conflict, Errors, NotFound
from core.weekly_hours import DAY_MINUTES, clock_of, minutes_of, span_problem

ExceptionId = NewType("ExceptionId", str)

EXCEPTIONS_MAXIMUM = 100
"""Of one developer. Those that are over do not count."""
AHEAD_MAXIMUM = timedelta(days=731)
"""How far ahead the last day may be: two years."""


class ExceptionKind(StrEnum):
    """The values are stored."""

    DAYS_OFF = "days_off"
    EXTRA_HOURS = "extra_hours"


class TooManyExceptions(Conflict):
    """There are too many days off and extra hours. Remove one first."""

    code = "too_many_exceptions"


class NoSuchException(NotFound):
    """These days off or extra hours do not exist, or they were removed already."""


@dataclass(frozen=True, slots=True)
class CalendarException:
    """The days from `first` to `last`, both included. Extra hours are on one date, from `start` to
    `end`, in minutes after local midnight; days off are whole days."""

    kind: ExceptionKind
    first: date
    last: date
    start: int = 0
    end: int = DAY_MINUTES

    @property
    def id(self) -> ExceptionId:
        """Made of the content, so that adding the same twice has the effect of adding it once."""
        if self.kind is ExceptionKind.DAYS_OFF:
            return ExceptionId(f"off_{self.first:%Y%m%d}_{self.last:%Y%m%d}")
        times = f"{clock_of(self.start)}_{clock_of(self.end)}".replace(":", "")
        return ExceptionId(f"extra_{self.first:%Y%m%d}_{times}")

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last


def extra_hours(first: date, last: date, start: str, end: str) -> CalendarException:
    """Extra hours from texts such as '09:30'. Raises `Invalid` with the fields `start`, `end`."""
    errors, first_minute, last_minute = Errors(), 0, DAY_MINUTES
    with errors:
        first_minute = minutes_of(start, field="start")
    with errors:
        last_minute = minutes_of(end, field="end")
    errors.check()
    return CalendarException(ExceptionKind.EXTRA_HOURS, first, last, first_minute, last_minute)


def checked_exception(exception: CalendarException, *, today: date) -> CalendarException:
    """The exception unchanged. Raises `Invalid` with the fields `from`, `to`, `start`, `end`."""
    errors = Errors()
    if exception.first < today:
        errors.add(**{"from": "Choose a day from today on."})
    if exception.last < exception.first:
        errors.add(to="The last day is before the first.")
    elif exception.last > today + AHEAD_MAXIMUM:
        errors.add(to="Choose days within the next two years.")
    if exception.kind is ExceptionKind.EXTRA_HOURS:
        if exception.last != exception.first:
            errors.add(to="Extra hours are on one date. Add them for each date.")
        problem = span_problem(exception.start, exception.end)
        if problem:
            errors.add(end=f"The span {problem}")
    errors.check()
    return exception


def with_exception(
    exceptions: Iterable[CalendarException], added: CalendarException, *, today: date
) -> tuple[CalendarException, ...]:
    """The exceptions with one more, without those that are over. Raises `Invalid` or
    `TooManyExceptions`."""
    return checked_exceptions(
        [*current(exceptions, today=today), checked_exception(added, today=today)]
    )


def without_exception(
    exceptions: Iterable[CalendarException], removed: ExceptionId, *, today: date
) -> tuple[CalendarException, ...]:
    """The others, without those that are over. Raises `NoSuchException`."""
    now = current(exceptions, today=today)
    rest = tuple(each for each in now if each.id != removed)
    if len(rest) == len(now):
        raise NoSuchException
    return rest


def replaced(
    given: Iterable[CalendarException], before: Iterable[CalendarException], *, today: date
) -> tuple[CalendarException, ...]:
    """All exceptions anew, without those that are over. Those that were there `before` may have
    begun. Raises `Invalid` or `TooManyExceptions`."""
    known = {each.id for each in before}
    now = current(given, today=today)
    for each in now:
        if each.id not in known:
            checked_exception(each, today=today)
    return checked_exceptions(now)


def current(
    exceptions: Iterable[CalendarException], *, today: date
) -> tuple[CalendarException, ...]:
    """Those that are not over, in order."""
    return _ordered(each for each in exceptions if each.last >= today)


def checked_exceptions(
    exceptions: Iterable[CalendarException],
) -> tuple[CalendarException, ...]:
    """Each once and in order. Raises `TooManyExceptions`."""
    found = _ordered({each.id: each for each in exceptions}.values())
    if len(found) > EXCEPTIONS_MAXIMUM:
        raise TooManyExceptions
    return found


def spans_on(
    day: date, weekly: Iterable[tuple[int, int]], exceptions: Iterable[CalendarException]
) -> list[tuple[int, int]]:
    """The spans of one day in minutes, in the order of their starts: `weekly` are those of its
    weekday. Spans may overlap."""
    today = [each for each in exceptions if each.covers(day)]
    is_off = any(each.kind is ExceptionKind.DAYS_OFF for each in today)
    extra = [(e.start, e.end) for e in today if e.kind is ExceptionKind.EXTRA_HOURS]
    return sorted([*([] if is_off else weekly), *extra])


def _ordered(exceptions: Iterable[CalendarException]) -> tuple[CalendarException, ...]:
    return tuple(sorted(exceptions, key=lambda e: (e.first, e.last, e.kind, e.start, e.end)))
