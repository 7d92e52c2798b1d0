"""Receipts for the parties of a booking."""

from __future__ import annotations

from dataclasses import dataclass

from core.bookings import BookingId
from core.errors import NotFound
from core.receipts import Receipts, receipts_of_client, receipts_of_developer
from ports.printing import Printer, Sheet
from ports.store import Store
from services.payments.numbering import documents_of
from services.timeline import BookingDetails, TimelineService


class NoReceipt(NotFound):
    """There is no receipt for this booking yet."""

    code = "no_receipt"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptService:
    store: Store
    timeline: TimelineService
    printer: Printer

    async def of_booking(
        self, booking_id: BookingId, *, by: str
    ) -> tuple[BookingDetails, Receipts]:
        """The receipts for the acting account: at most seven reads.

        Raises `NotFound` for accounts without access, and `NoReceipt` before anything was paid or,
        for the developer, released. What is paid and has no number yet is named in `issuing`.
        """
        details = await self.timeline.details(booking_id, by=by)
        booking, payment = details.booking, details.payment
        ledger = await self.store.repositories.transactions.of_booking(booking_id)
        receipts_of = (
            receipts_of_client if booking.client.account_id == by else receipts_of_developer
        )
        documents = await documents_of(self.store.repositories, ledger)
        receipts = receipts_of(booking, payment, ledger, documents)
        if not receipts.payment and not receipts.earning and not receipts.issuing:
            raise NoReceipt
        return details, receipts

    async def pdf(self, sheet: Sheet) -> bytes:
        """The document as a PDF."""
        return await self.printer.pdf(sheet)
