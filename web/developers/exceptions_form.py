"""Days off and extra hours on the page of the hours: the typed one, and the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

from core.bookings import Booking, Status
from core.calendar_exceptions import CalendarException, ExceptionKind, current
from core.developers import Developer
from core.errors import Errors
from web.developers.hours_form import typed_minutes
from web.shared.context import now, services
from web.shared.forms import calendar_day

STANDING = (Status.HELD, Status.REQUESTED, Status.CONFIRMED)
MOST_BOOKINGS = 200
FIELDS = ("kind", "x-from", "x-to", "x-start", "x-end")
"""The names in the form; without `x-` those of the API."""


class ListedException(NamedTuple):
    """Days off or extra hours, with the bookings that stand on the days off."""

    exception: CalendarException
    bookings: Sequence[Booking]


def typed_exception(fields: Mapping[str, str]) -> CalendarException:
    """Raises `Invalid` with the names of the API."""
    errors, is_extra = Errors(), fields.get("kind") == ExceptionKind.EXTRA_HOURS
    first = last = calendar_day(fields.get("x-from", "")) or date.min
    if first == date.min:
        errors.add(**{"from": "Enter a date, for example 2026-12-24."})
    if fields.get("x-to") and not is_extra:
        last = calendar_day(fields["x-to"]) or date.min
        if last == date.min:
            errors.add(to="Enter a date, for example 2026-12-25, or leave it empty.")
    if not is_extra:
        errors.check()
        return CalendarException(ExceptionKind.DAYS_OFF, first, last)
    start = end = 0
    with errors:
        start = typed_minutes(fields.get("x-start", ""), field="start", is_end=False)
    with errors:
        end = typed_minutes(fields.get("x-end", ""), field="end", is_end=True)
    errors.check()
    return CalendarException(ExceptionKind.EXTRA_HOURS, first, last, start, end)


async def listed_exceptions(developer: Developer) -> list[ListedException]:
    """Those that are not over. One database read if there are days off."""
    offer = developer.availability
    exceptions = current(offer.exceptions, today=offer.today(now()))
    standing: Sequence[Booking] = ()
    if any(each.kind is ExceptionKind.DAYS_OFF for each in exceptions):
        standing, _ = await services().bookings.of_account(
            by=developer.account_id, statuses=STANDING, limit=MOST_BOOKINGS
        )
    own = [booking for booking in standing if booking.developer.id == developer.id]
    zone = ZoneInfo(offer.timezone)
    return [ListedException(each, _bookings_on(each, own, zone)) for each in exceptions]


def _bookings_on(
    exception: CalendarException, bookings: Sequence[Booking], zone: ZoneInfo
) -> Sequence[Booking]:
    if exception.kind is not ExceptionKind.DAYS_OFF:
        return ()

    def days(booking: Booking) -> tuple[date, date]:
        return booking.start.astimezone(zone).date(), booking.end.astimezone(zone).date()

    on = [b for b in bookings if any(exception.covers(day) for day in days(b))]
    return sorted(on, key=lambda booking: booking.start)
