"""The page of a pad: an editor while it can be changed, and always its text."""

from __future__ import annotations

import asyncio

from quart import Blueprint, Response, render_template
from quart.typing import ResponseReturnValue

from core.bookings import BookingId
from core.pads import file_name
from web.pads.editor import editor
from web.pads.rendering import shown
from web.shared.access import Who, allow
from web.shared.context import me, services
from web.shared.sides import Side

blueprint = Blueprint("pads", __name__, template_folder="templates")


@blueprint.get("/bookings/<booking_id>/pad")
@allow(Who.PARTY)
async def show(booking_id: str) -> ResponseReturnValue:
    """The pad of the booking. Without scripts it can be read, copied and downloaded."""
    read = await services().pads.read(BookingId(booking_id), by=me().id)
    return await render_template(
        "pads/show.html",
        view=await asyncio.to_thread(shown, read.pad),
        **editor(read, Side(read.booking, me())),
    )


@blueprint.get("/bookings/<booking_id>/pad/text")
@allow(Who.PARTY)
async def download(booking_id: str) -> Response:
    """The text as a file."""
    read = await services().pads.read(BookingId(booking_id), by=me().id)
    response = Response(read.pad.text, content_type="text/plain; charset=utf-8")
    name = file_name(read.booking, read.pad.language)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
