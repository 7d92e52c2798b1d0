"""Receipts as pages to keep or print: for the client of the payment and each refund, for the
developer of the earning."""

from __future__ import annotations

from quart import Blueprint, render_template

from core.bookings import BookingId
from services.payments import paid_with, provider_name
from web.payments.wording import why_ended
from web.shared.access import Who, allow
from web.shared.context import me, services
from web.shared.sides import Side

blueprint = Blueprint("receipts", __name__, template_folder="templates")


@blueprint.get("/bookings/<booking_id>/receipt")
@allow(Who.PARTY)
async def show(booking_id: str) -> str:
    details, receipts = await services().receipts.of_booking(BookingId(booking_id), by=me().id)
    side = Side(details.booking, me())
    return await render_template(
        "receipts/show.html",
        booking=details.booking,
        receipts=receipts,
        side=side,
        paid_with=paid_with(details.payment),
        provider=provider_name(details.payment.provider),
        why=why_ended(details, side),
    )
