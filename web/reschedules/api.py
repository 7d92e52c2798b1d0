"""Moves over the API: propose, answer, withdraw."""

from __future__ import annotations

from functools import partial

from pydantic import StrictBool
from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_request

from core.bookings import REASON_MAXIMUM, BookingId, HourTaken, NotOffered
from core.errors import Forbidden
from core.jobs import Frozen
from core.reschedules import (
    AlreadyProposed,
    NewTimeTaken,
    NoMovesLeft,
    NothingProposed,
    NotMovable,
    ProposalChanged,
    TooLateToMove,
)
from ports.extensions import Vetoed
from web.bookings import BookingSchema, booking_response
from web.shared.access import Who, allow
from web.shared.api import API, Body, Instant, idempotent, limits
from web.shared.context import me, services
from web.shared.openapi import document_errors

blueprint = Blueprint("api_reschedules", __name__, url_prefix=API)
about = tag(["Bookings"])


class ProposalBody(Body):
    start: Instant
    reason: str = limits("", maxLength=REASON_MAXIMUM)


class AnswerBody(Body):
    """`start` is the new start that was shown."""

    accept: StrictBool
    start: Instant | None = None


@blueprint.post("/bookings/<booking_id>/reschedule")
@allow(Who.PARTY)
@about
@validate_request(ProposalBody)
@document_response(BookingSchema, 201)
@document_errors(
    AlreadyProposed, Frozen, HourTaken, NoMovesLeft, NotMovable, NotOffered, TooLateToMove, Vetoed
)
@idempotent(again=partial(booking_response, status=201))
async def propose(booking_id: str, data: ProposalBody) -> Response:
    """Propose another start, a free time of the developer. The other side answers; until then the
    booked time stays, and the new one is not reserved."""
    await services().reschedules.propose(
        BookingId(booking_id), by=me().id, start=data.start, reason=data.reason
    )
    return await booking_response(booking_id, status=201)


@blueprint.post("/bookings/<booking_id>/reschedule/answer")
@allow(Who.PARTY)
@about
@validate_request(AnswerBody)
@document_response(BookingSchema)
@document_errors(Forbidden, Frozen, NewTimeTaken, NothingProposed, ProposalChanged)
@idempotent(again=booking_response)
async def answer(booking_id: str, data: AnswerBody) -> Response:
    """Accept the proposed time, or keep the booked one. With `start`, 409 when another time is
    proposed now."""
    service = services().reschedules
    act = service.accept if data.accept else service.refuse
    await act(BookingId(booking_id), by=me().id, expecting=data.start)
    return await booking_response(booking_id)


@blueprint.post("/bookings/<booking_id>/reschedule/withdraw")
@allow(Who.PARTY)
@about
@document_response(BookingSchema)
@document_errors(Forbidden, NothingProposed)
@idempotent(again=booking_response)
async def withdraw(booking_id: str) -> Response:
    """Withdraw the own proposal: the booked time stays."""
    await services().reschedules.withdraw(BookingId(booking_id), by=me().id)
    return await booking_response(booking_id)
