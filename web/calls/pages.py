"""The page of a call: before the room opens, in the room, and when it has closed."""

from __future__ import annotations

from quart import Blueprint, render_template, url_for
from quart.typing import ResponseReturnValue

from core.bookings import BookingId
from core.calls import has_room
from web.bookings import picture_of
from web.shared.access import Who, allow
from web.shared.assets import asset
from web.shared.context import me, now, services
from web.shared.headers import allow_source
from web.shared.sides import Side

blueprint = Blueprint("calls", __name__, template_folder="templates")


@blueprint.get("/bookings/<booking_id>/call")
@allow(Who.PARTY)
async def show(booking_id: str) -> ResponseReturnValue:
    """The room of the booking; before its time, a test of camera and sound."""
    booking = await services().bookings.get(BookingId(booking_id), by=me().id)
    window, side = services().calls.window(booking), Side(booking, me())
    if not has_room(booking) or now() >= window.closes_at:
        return await render_template("calls/closed.html", booking=booking, side=side, window=window)
    video = services().calls.video
    for directive, sources in video.client.sources.items():
        allow_source(directive, sources)
    return await render_template(
        "calls/room.html",
        booking=booking,
        side=side,
        window=window,
        is_open=window.is_open(now()),
        module=asset(f"{client_prefix(video.name)}/{video.client.entry}"),
        back=url_for("bookings.show", booking_id=booking.id),
        started=now() >= booking.start,
        picture=await picture_of(side),
    )


def client_prefix(provider: str) -> str:
    """Where the files of the provider's part of the page are, below `/static/`."""
    return f"video-{provider}"
