"""Pads over the API: their text, and the exchange of changes with programs that have Yjs."""

from __future__ import annotations

from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_request

from core.bookings import BookingId
from core.pads import (
    MalformedChange,
    MissingChanges,
    PadClosed,
    PadFull,
    PadWornOut,
    TooManyChanges,
)
from web.pads import schemas
from web.shared.access import Who, allow
from web.shared.api import API, json_response
from web.shared.context import me, services
from web.shared.openapi import document_errors

blueprint = Blueprint("api_pads", __name__, url_prefix=API)
about = tag(["Pads"])


@blueprint.get("/bookings/<booking_id>/pad")
@allow(Who.PARTY)
@about
@document_response(schemas.PadSchema)
async def show(booking_id: str) -> Response:
    """The text that both parties have written in the pad of a booking."""
    read = await services().pads.read(BookingId(booking_id), by=me().id)
    return json_response(schemas.pad(read))


@blueprint.post("/bookings/<booking_id>/pad/sync")
@allow(Who.PARTY)
@about
@validate_request(schemas.SyncBody)
@document_response(schemas.SyncSchema)
@document_errors(PadClosed, PadFull, PadWornOut, MalformedChange, MissingChanges, TooManyChanges)
async def sync(booking_id: str, data: schemas.SyncBody) -> Response:
    """Send what you have written, and get what you lack. The answer comes when it is stored
    durably. Small changes can be sent by the event `pad:change`."""
    found = await services().pads.sync(
        BookingId(booking_id),
        vector=schemas.read_bytes(data.vector, "vector"),
        change=schemas.read_bytes(data.change, "change"),
        by=me().id,
    )
    response = json_response(schemas.synced(found))
    response.headers["Cache-Control"] = "no-store"
    return response
