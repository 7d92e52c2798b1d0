"""A side says that the other one did not come to the meeting."""

from __future__ import annotations

from quart import Blueprint, redirect, url_for
from quart.typing import ResponseReturnValue

from core.bookings import BookingId
from core.errors import Conflict
from web.bookings import booking_page
from web.shared.access import Who, allow
from web.shared.context import me, services

blueprint = Blueprint("no_shows", __name__, template_folder="templates")


@blueprint.post("/bookings/<booking_id>/no-show")
@allow(Who.PARTY, page="bookings.show", label="Say that nobody came")
async def claim(booking_id: str) -> ResponseReturnValue:
    """The button on the page of the booking."""
    try:
        dispute = await services().no_shows.claim(BookingId(booking_id), by=me().id)
    except Conflict as error:
        return await booking_page(booking_id, problem=error.message), 409
    return redirect(url_for("disputes.show", dispute_id=dispute.id), 303)
