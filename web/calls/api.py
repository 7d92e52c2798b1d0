"""Calls over the API: admission to the room, attendance, and news of the video provider."""

from __future__ import annotations

from quart import Blueprint, Response, request
from quart_schema import document_response, tag

from core.bookings import BookingId
from core.calls import CallClosed
from ports.video import VideoRefused, VideoUnavailable
from web.calls import schemas as schemas
from web.shared.access import Who, allow
from web.shared.api import API, Done, json_response, raw_body
from web.shared.context import me, services
from web.shared.openapi import document_errors

blueprint = Blueprint("api_calls", __name__, url_prefix=API)
about = tag(["Calls"])


@blueprint.post("/bookings/<booking_id>/call")
@allow(Who.PARTY)
@about
@document_response(schemas.CallSchema)
@document_errors(CallClosed, VideoRefused, VideoUnavailable)
async def admit(booking_id: str) -> Response:
    """Enter the room of a booking: from 15 minutes before the start until 30 minutes after the end.
    Ask again for a new token; the earlier one stays valid."""
    admitted = await services().calls.admit(BookingId(booking_id), by=me().id)
    response = json_response(schemas.call(admitted))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/bookings/<booking_id>/attendance")
@allow(Who.PARTY)
@about
@document_response(schemas.AttendanceSchema)
async def attendance(booking_id: str) -> Response:
    """When both parties were in the room."""
    meeting = await services().call_presence.of_party(BookingId(booking_id), by=me().id)
    return json_response(schemas.attendance(meeting))


@blueprint.post("/webhooks/video/<video>")
@allow(Who.GATEWAY)
@tag(["Webhooks"])
@document_response(Done)
async def news(video: str) -> Response:
    """A webhook of the video provider; a repeated one changes nothing."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    await services().call_presence.hear(video, headers, await raw_body())
    return json_response({"status": "ok"})
