"""Bookings over the API: hold, checkout, answer, cancellation and timeline."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field
from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_querystring, validate_request

from core.booking_numbers import parse_number
from core.bookings import (
    BRIEF_MAXIMUM,
    REASON_MAXIMUM,
    Booking,
    BookingId,
    HourTaken,
    IllegalTransition,
    NotOffered,
    OwnHour,
    PriceChanged,
    RefundChanged,
    Status,
    TooLateToAnswer,
)
from core.developers import DeveloperId
from core.errors import Forbidden, Invalid, NotFound
from core.files import FilesNotReady, UnusableFiles
from core.files_policy import FILES_MAXIMUM
from core.jobs import Frozen
from core.payments import UnderChargeback
from core.prices import FIELD_MAXIMUM, FIELDS_MAXIMUM
from core.timeline import Actor
from ports.extensions import Vetoed
from ports.payments import GatewayRefused, GatewayUnavailable
from services.timeline import BookingDetails
from web.bookings import schemas as schemas
from web.bookings.money import clearing_of, money_of
from web.shared.access import Who, allow
from web.shared.api import (
    API,
    Body,
    Instant,
    Listed,
    MoneyBody,
    Paging,
    as_list,
    id_from_key,
    idempotent,
    json_response,
    limits,
    page_response,
)
from web.shared.context import me, now, services
from web.shared.openapi import document_errors
from web.shared.schemas import MoneySchema, moment, money

blueprint = Blueprint("api_bookings", __name__, url_prefix=API)
about = tag(["Bookings"])


LONGEST_HOURS = 24
"""No booking is longer, whatever the policy."""


class PluginFields(Body):
    """`fields` are what plugins ask for."""

    fields: dict[
        Annotated[str, Field(max_length=FIELD_MAXIMUM)],
        Annotated[str, Field(max_length=FIELD_MAXIMUM)],
    ] = Field(default={}, max_length=FIELDS_MAXIMUM)


class QuoteRequest(PluginFields):
    developer_id: str = Field(max_length=60)
    start: Instant
    hours: Annotated[int, Field(strict=True, ge=1, le=LONGEST_HOURS)]


class BookingRequest(PluginFields):
    """`files` are ids of own files that were uploaded for the purpose `brief`."""

    developer_id: str = Field(max_length=60)
    start: Instant
    hours: Annotated[int, Field(strict=True)] = limits(minimum=1)
    brief: str = limits(minLength=1, maxLength=BRIEF_MAXIMUM)
    files: list[str] = Field(default=[], max_length=FILES_MAXIMUM)
    price: MoneyBody | None = None


class Reason(Body):
    reason: str = limits("", maxLength=REASON_MAXIMUM)


class Cancelling(Reason):
    refund: MoneyBody | None = None


class BookingsQuery(Paging):
    status: Annotated[list[Status], BeforeValidator(as_list)] = Field(default=[], max_length=10)
    number: str | None = Field(default=None, max_length=40)


async def booking_response(booking_id: str, *, status: int = 200) -> Response:
    """The booking as it is now, for one of its parties."""
    details = await services().timeline.overview(BookingId(booking_id), by=me().id)
    return _booking_response(details, status=status)


def _booking_response(details: BookingDetails, *, status: int = 200) -> Response:
    value = schemas.booking(details.booking, details.payment, details.next, details.job)
    return json_response(value, status)


async def _held() -> Response:
    held = await services().bookings.repeat(BookingId(id_from_key("bkg") or ""), by=me().id)
    return await booking_response(held.booking.id, status=201)


@blueprint.post("/bookings")
@allow(Who.CLIENT)
@about
@validate_request(BookingRequest)
@document_response(schemas.BookingSchema, 201)
@document_errors(
    FilesNotReady,
    UnusableFiles,
    GatewayRefused,
    GatewayUnavailable,
    HourTaken,
    NotFound,
    NotOffered,
    OwnHour,
    PriceChanged,
    Vetoed,
)
@idempotent(again=_held)
async def hold(data: BookingRequest) -> Response:
    """Hold the time and open its checkout; 409 when the time is no longer free.

    `price` is the total price that was shown; 409 when it has changed.
    """
    held = await services().bookings.hold(
        by=me().id,
        developer_id=DeveloperId(data.developer_id),
        start=data.start,
        hours=data.hours,
        brief=data.brief,
        files=data.files,
        expecting=data.price.money if data.price else None,
        request_id=id_from_key("bkg"),
        fields=data.fields,
        account=me(),
    )
    upcoming = held.booking.next_event(now())
    return json_response(schemas.booking(held.booking, held.payment, upcoming), 201)


@blueprint.post("/quotes")
@allow(Who.CLIENT)
@about
@validate_request(QuoteRequest)
@document_response(schemas.QuoteSchema)
@document_errors(Forbidden, NotFound, OwnHour)
async def quote(data: QuoteRequest) -> Response:
    """What a booking would cost now, line by line; nothing is booked. 422 when a plugin refuses one
    of its fields."""
    found = await services().bookings.quote(
        by=me().id,
        developer_id=DeveloperId(data.developer_id),
        start=data.start,
        hours=data.hours,
        fields=data.fields,
    )
    if found.errors:
        raise Invalid(**found.errors)
    return json_response(schemas.quote(found))


@blueprint.get("/bookings")
@allow(Who.SIGNED_IN)
@about
@validate_querystring(BookingsQuery)
@document_response(Listed[schemas.BookingSchema])
async def index(query_args: BookingsQuery) -> Response:
    """The own bookings, latest created first; `status` may be repeated. With `number`, the one
    with this booking number, if there is one."""
    found, cursor = await _listed(query_args)
    overviews = await services().timeline.overviews(found)
    items = [schemas.booking(each.booking, each.payment, each.next, each.job) for each in overviews]
    return page_response(items, cursor)


async def _opened_again(booking_id: str) -> Response:
    """The request may have ended between the question about the payment and the checkout."""
    await services().bookings.checkout(BookingId(booking_id), by=me().id)
    return await booking_response(booking_id)


@blueprint.get("/bookings/<booking_id>")
@allow(Who.PARTY)
@about
@document_response(schemas.BookingSchema)
async def show(booking_id: str) -> Response:
    """One of the own bookings."""
    return await booking_response(booking_id)


@blueprint.post("/bookings/<booking_id>/checkout")
@allow(Who.CLIENT)
@about
@document_response(schemas.BookingSchema)
@document_errors(GatewayRefused, GatewayUnavailable, IllegalTransition)
@idempotent(again=_opened_again)
async def checkout(booking_id: str) -> Response:
    """Open or reopen the checkout of a held booking."""
    await services().bookings.checkout(BookingId(booking_id), by=me().id)
    return await booking_response(booking_id)


@blueprint.post("/bookings/<booking_id>/release")
@allow(Who.CLIENT)
@about
@document_response(schemas.BookingSchema)
@document_errors(IllegalTransition)
@idempotent(again=booking_response)
async def release(booking_id: str) -> Response:
    """Release a held, unpaid booking."""
    await services().bookings.release(BookingId(booking_id), by=me().id)
    return await booking_response(booking_id)


@blueprint.post("/bookings/<booking_id>/accept")
@allow(Who.DEVELOPER)
@about
@document_response(schemas.BookingSchema)
@document_errors(IllegalTransition, TooLateToAnswer)
@idempotent(again=booking_response)
async def accept(booking_id: str) -> Response:
    """Accept the request: the booking is confirmed and its job is active."""
    details = await services().answers.accept(BookingId(booking_id), by=me().id)
    return _booking_response(details)


@blueprint.post("/bookings/<booking_id>/decline")
@allow(Who.DEVELOPER)
@about
@validate_request(Reason)
@document_response(schemas.BookingSchema)
@document_errors(IllegalTransition, UnderChargeback)
@idempotent(again=booking_response)
async def decline(booking_id: str, data: Reason) -> Response:
    """Decline the request; the client gets a full refund."""
    await services().answers.decline(BookingId(booking_id), by=me().id, reason=data.reason)
    return await booking_response(booking_id)


@blueprint.get("/bookings/<booking_id>/cancellation")
@allow(Who.PARTY)
@about
@document_response(schemas.CancellationSchema)
@document_errors(IllegalTransition)
async def cancellation(booking_id: str) -> Response:
    """The refund of a cancellation now, and its later changes; 409 when neither side can cancel."""
    booking = await services().bookings.get(BookingId(booking_id), by=me().id)
    booking.check_cancellable(now=now())
    actor = Actor.CLIENT if booking.client.account_id == me().id else Actor.DEVELOPER
    changes = [
        {"at": moment(at), "refund": money(booking.price.percent(percent))}
        for at, percent in booking.terms.refund_changes_at(booking.start)
        if at > now() and actor is Actor.CLIENT and booking.status is Status.CONFIRMED
    ]
    refund = booking.cancellation_refund(by=actor, now=now())
    accepted: MoneySchema | None = None
    if booking.status is Status.REQUESTED and actor is Actor.CLIENT:
        percent = booking.terms.refund_percent(notice=booking.start - now())
        accepted = money(booking.price.percent(percent))
    return json_response({"refund": money(refund), "once_accepted": accepted, "changes": changes})


@blueprint.post("/bookings/<booking_id>/cancel")
@allow(Who.PARTY)
@about
@validate_request(Cancelling)
@document_response(schemas.BookingSchema)
@document_errors(Frozen, IllegalTransition, RefundChanged, UnderChargeback)
@idempotent(again=booking_response)
async def cancel(booking_id: str, data: Cancelling) -> Response:
    """Cancel. `refund` is the amount that /cancellation showed; 409 when it has changed."""
    await services().answers.cancel(
        BookingId(booking_id),
        by=me().id,
        reason=data.reason,
        expecting=data.refund.money if data.refund else None,
    )
    return await booking_response(booking_id)


@blueprint.get("/bookings/<booking_id>/timeline")
@allow(Who.PARTY)
@about
@document_response(schemas.TimelineSchema)
async def timeline(booking_id: str) -> Response:
    """Each step with its actor and the state of the money, the next step with its time, and where
    the money is now: why, who acts next, and what happens by itself at which time."""
    details = await services().timeline.details(BookingId(booking_id), by=me().id)
    status = await money_of(details, await clearing_of(details))
    return json_response(schemas.timeline(details.entries, details.next, status))


async def _listed(query: BookingsQuery) -> tuple[tuple[Booking, ...], str | None]:
    if query.number is not None:
        numbered = await services().bookings.of_number(parse_number(query.number), by=me().id)
        return ((numbered,) if numbered else ()), None
    return await services().bookings.of_account(
        by=me().id, statuses=query.status, limit=query.limit, cursor=query.cursor
    )
