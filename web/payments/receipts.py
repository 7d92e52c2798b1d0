"""Receipts as pages to read or print, and as PDF files: for the client of the payment and each
refund, for the developer of the earning."""

from __future__ import annotations

from quart import Blueprint, Response, render_template, request

from core.bookings import BookingId
from core.receipts import Receipts
from ports.printing import Sheet
from services.payments import NoReceipt
from services.timeline import BookingDetails
from web.payments.sheets import sheets
from web.shared.access import Who, allow
from web.shared.context import me, services
from web.shared.sides import Side

blueprint = Blueprint("receipts", __name__, template_folder="templates")


@blueprint.get("/bookings/<booking_id>/receipt")
@allow(Who.PARTY)
async def show(booking_id: str) -> str:
    details, receipts, found = await _read(booking_id)
    return await render_template(
        "receipts/show.html",
        booking=details.booking,
        receipts=receipts,
        side=Side(details.booking, me()),
        sheets=found,
    )


@blueprint.get("/bookings/<booking_id>/receipt.pdf")
@allow(Who.PARTY)
async def pdf(booking_id: str) -> Response:
    """The document with `number` as a file, without it the first one. Documents of the other party,
    and those that have no number yet, are not found."""
    _, _, found = await _read(booking_id)
    number = request.args.get("number")
    wanted = next((sheet for sheet in found if number in (None, sheet.number)), None)
    if wanted is None:
        raise NoReceipt
    content = await services().receipts.pdf(wanted)
    answer = Response(content, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{wanted.number}.pdf"'
    return answer


async def _read(booking_id: str) -> tuple[BookingDetails, Receipts, list[Sheet]]:
    details, receipts = await services().receipts.of_booking(BookingId(booking_id), by=me().id)
    return details, receipts, sheets(details, receipts, Side(details.booking, me()))
