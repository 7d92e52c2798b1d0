"""What administrators read about chargebacks, for pages and API.

Reading one is recorded in the audit trails of both parties; the list is not.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.bookings import Booking, BookingId
from core.chargebacks import Chargeback, ChargebackId, Status
from core.timeline import Entry
from core.transactions import Transaction
from web.shared.context import dependencies, me, services
from web.shared.cookies import caller


@dataclass(frozen=True, slots=True)
class Listed:
    chargeback: Chargeback
    booking: Booking


@dataclass(frozen=True, slots=True)
class Shown:
    """One chargeback: `entries` of the ledger and `steps` of the timeline are those about it."""

    chargeback: Chargeback
    booking: Booking
    entries: tuple[Transaction, ...]
    steps: tuple[Entry, ...]


async def page(
    status: Status | None, *, limit: int, cursor: str | None
) -> tuple[list[Listed], str | None]:
    """Two reads."""
    found, more = await services().chargeback_answers.page(
        status=status, limit=limit, cursor=cursor
    )
    wanted = list(dict.fromkeys(each.booking_id for each in found))
    bookings = await dependencies().store.repositories.bookings.many(wanted) if wanted else {}
    return [Listed(each, bookings[each.booking_id]) for each in found], more


async def one(chargeback_id: str) -> Shown:
    """Raises `NotFound`. The reading is recorded."""
    found = await shown(ChargebackId(chargeback_id))
    await services().administration.record_reading(found.booking, by=me(), caller=caller())
    return found


async def shown(chargeback_id: ChargebackId) -> Shown:
    """Four reads. Raises `NotFound`."""
    repositories = dependencies().store.repositories
    chargeback = await services().chargeback_answers.get(chargeback_id)
    booking = await repositories.bookings.get(BookingId(chargeback.booking_id))
    entries = await repositories.transactions.of_booking(booking.id)
    steps = await repositories.timeline.of_booking(booking.id)
    about = f":{chargeback.id}:"
    return Shown(
        chargeback,
        booking,
        tuple(each for each in entries if about in f":{each.id}:"),
        tuple(each for each in steps if each.what.startswith("chargeback_")),
    )
