"""The developer's own hours over the API: the week, days off and extra hours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field, StrictInt
from quart import Blueprint, Response
from quart_schema import document_response, validate_request

from core.calendar_exceptions import (
    CalendarException,
    ExceptionId,
    ExceptionKind,
    TooManyExceptions,
    extra_hours,
)
from core.errors import Errors, Invalid
from core.weekly_hours import read_weekly
from web.developers import schemas as schemas
from web.developers.api import about
from web.shared.access import Who, allow
from web.shared.api import API, Body, Done, PlainDate, json_response, limits
from web.shared.context import me, now, services
from web.shared.openapi import document_errors

blueprint = Blueprint("api_availability", __name__, url_prefix=API)


class WindowBody(Body):
    day: int = Field(strict=True, ge=0, le=6)
    start: str = limits(minLength=5, maxLength=5)
    end: str = limits(minLength=5, maxLength=5)


class ExceptionBody(Body):
    """`id` is that of an answer and is ignored: it follows from the rest."""

    id: str = Field(default="", max_length=40)
    kind: Literal["days_off", "extra_hours"]
    from_: PlainDate = Field(alias="from")
    to: PlainDate | None = None
    start: str | None = Field(default=None, max_length=5)
    end: str | None = Field(default=None, max_length=5)


class AvailabilityChange(Body):
    timezone: str = Field(max_length=100)
    weekly: list[WindowBody] = Field(max_length=84)
    minimum_notice_h: StrictInt = limits(4, minimum=0, maximum=336)
    horizon_days: StrictInt = limits(60, minimum=1, maximum=365)
    exceptions: list[ExceptionBody] | None = Field(default=None, max_length=200)


@blueprint.get("/developers/me/availability")
@allow(Who.DEVELOPER)
@about
@document_response(schemas.AvailabilitySchema)
async def show() -> Response:
    """The weekly hours, and the days off and extra hours that are not over, in the local time of
    `timezone`."""
    developer = await services().developers.own_profile(by=me().id)
    return json_response(schemas.availability(developer.availability, now=now()))


@blueprint.put("/developers/me/availability")
@allow(Who.DEVELOPER)
@about
@validate_request(AvailabilityChange)
@document_response(schemas.AvailabilitySchema)
@document_errors(TooManyExceptions)
async def change(data: AvailabilityChange) -> Response:
    """Save the weekly hours, in the local time of `timezone`. Days off and extra hours stay as they
    are, unless `exceptions` replaces them. Bookings that were made before stand."""
    errors = Errors()
    with errors:
        weekly = read_weekly([(each.day, each.start, each.end) for each in data.weekly])
    with errors:
        exceptions = _exceptions(data.exceptions)
    errors.check()
    developer = await services().developers.update_availability(
        by=me().id,
        timezone=data.timezone,
        weekly=weekly,
        notice_hours=data.minimum_notice_h,
        horizon_days=data.horizon_days,
        exceptions=exceptions,
    )
    return json_response(schemas.availability(developer.availability, now=now()))


@blueprint.post("/developers/me/exceptions")
@allow(Who.DEVELOPER)
@about
@validate_request(ExceptionBody)
@document_response(schemas.ExceptionSchema, 201)
@document_errors(TooManyExceptions)
async def add_exception(data: ExceptionBody) -> Response:
    """Add days off (`from`, `to`), or extra hours on one date (`from`, `start`, `end`). Adding the
    same again has no effect. Bookings that were made before stand."""
    added = _exception(data)
    await services().developers.add_exception(added, by=me().id)
    return json_response(schemas.calendar_exception(added), 201)


@blueprint.delete("/developers/me/exceptions/<exception_id>")
@allow(Who.DEVELOPER)
@about
@document_response(Done)
async def remove_exception(exception_id: str) -> Response:
    """Remove days off or extra hours."""
    await services().developers.remove_exception(ExceptionId(exception_id), by=me().id)
    return json_response({"status": "ok"})


def _exceptions(data: Sequence[ExceptionBody] | None) -> list[CalendarException] | None:
    """Raises `Invalid` with the field of the list."""
    if data is None:
        return None
    try:
        return [_exception(each) for each in data]
    except Invalid as error:
        raise Invalid(exceptions=error.message) from error


def _exception(data: ExceptionBody) -> CalendarException:
    kind, last = ExceptionKind(data.kind), data.to or data.from_
    if kind is ExceptionKind.DAYS_OFF:
        if data.start is not None or data.end is not None:
            raise Invalid(start="Days off are whole days, without start and end.")
        return CalendarException(kind, data.from_, last)
    return extra_hours(data.from_, last, data.start or "", data.end or "")
