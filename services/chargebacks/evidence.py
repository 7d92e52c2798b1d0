"""The evidence for the bank: what the records say about the work, as one PDF.

It has what the bundle of a dispute has, in words: what was agreed, who came to the meeting, what
was delivered, and each step in between. Banks read documents and pictures, and no archives.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from core.bookings import Booking, BookingId
from core.calls import Stay
from core.chargebacks import Chargeback, ChargebackId, Status
from core.chargebacks_messages import SendEvidence
from core.deliveries import Delivery
from core.findings import FindingKind
from core.payments import Payment, PaymentId
from core.timeline import Entry
from ports.chargebacks import ChargebackGateway, Evidence
from ports.clock import Clock
from ports.findings import Finding
from ports.formats import Formats
from ports.payments import GatewayRefused, GatewayUnavailable, PaymentGateway
from ports.printing import Block, Fact, Printer, Row, Sheet
from ports.store import Repositories, Store
from services.chargebacks.service import ChargebackService
from services.chargebacks.storage import chargebacks
from services.shared.outbox import handles

log = logging.getLogger(__name__)

UTC_ZONE = "UTC"
ISSUER = "1HourDeveloper"
TYPE_OF_EVIDENCE = "Proof of Service Used"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceService:
    """Contests chargebacks in time."""

    store: Store
    gateways: Mapping[str, PaymentGateway]
    service: ChargebackService
    printer: Printer
    formats: Formats
    clock: Clock

    @handles(SendEvidence)
    async def send(self, payload: SendEvidence) -> None:
        """Send the evidence of a chargeback that waits for it; idempotent. What the provider
        refuses is reported to operators, who have its own page to answer on.

        Raises `GatewayUnavailable`; the relay tries again."""
        stored = await chargebacks(self.store.repositories).get(payload.chargeback)
        gateway = self.gateways.get(stored.provider)
        if not stored.awaits_evidence:
            return
        if not isinstance(gateway, ChargebackGateway):
            raise GatewayUnavailable
        document = await self.document(stored.id)
        try:
            await gateway.send_evidence(stored.reference, document)
        except GatewayRefused as error:
            await self._report(stored, str(error))
            return
        await self.store.transact(partial(self._sent, stored.id))
        await self.service.refresh(PaymentId(stored.payment_id))

    async def document(self, chargeback: ChargebackId) -> Evidence:
        """The document as it is now. Raises `NotFound`."""
        repositories = self.store.repositories
        stored = await chargebacks(repositories).get(chargeback)
        booking = await repositories.bookings.get(BookingId(stored.booking_id))
        payment = await repositories.payments.get(PaymentId(stored.payment_id))
        sheet = self._sheet(
            stored,
            booking,
            payment,
            await repositories.timeline.of_booking(booking.id),
            await repositories.deliveries.of_job(booking.job_id) if booking.job_id else (),
            await repositories.stays.of_booking(booking.id),
        )
        name = f"evidence-{stored.booking_number}-{stored.rounds}.pdf"
        content = await self.printer.pdf(sheet)
        return Evidence(name, content, f"{TYPE_OF_EVIDENCE}: booking {stored.booking_number}")

    async def _sent(self, chargeback: ChargebackId, repositories: Repositories) -> None:
        stored = await chargebacks(repositories).get(chargeback)
        if stored.status is Status.OPEN:
            await chargebacks(repositories).save(stored.send_evidence(self.clock.now()))

    async def _report(self, stored: Chargeback, why: str) -> None:
        detail = f"The provider did not take the evidence for {stored.booking_number}: {why}"
        log.error("chargeback %s: %s", stored.id, detail)
        name = f"evidence_refused:{stored.id}:{stored.rounds}"
        finding = Finding(
            name, FindingKind.EVIDENCE_REFUSED, stored.id, detail[:300], self.clock.now()
        )
        await self.store.repositories.findings.report(finding)

    def _sheet(
        self,
        stored: Chargeback,
        booking: Booking,
        payment: Payment,
        entries: Sequence[Entry],
        deliveries: Sequence[Delivery],
        stays: Sequence[Stay],
    ) -> Sheet:
        at, money = partial(self.formats.at, zone=UTC_ZONE), self.formats.money
        paid = payment.paid_by
        steps = [Row(_words(each), (at(each.at),), each.detail[:500]) for each in entries]
        return Sheet(
            title="Evidence of the service",
            under=f"Answer to chargeback {stored.reference}",
            number=stored.booking_number,
            badge=TYPE_OF_EVIDENCE,
            issuer=ISSUER,
            issued_at=self.clock.now(),
            facts=(
                Fact("Booked", f"{self.formats.hours(booking.hours)} of one developer"),
                Fact("From", at(booking.start), booking.start),
                Fact("To", at(booking.end), booking.end),
                Fact("Paid", money(payment.amount)),
                Fact("Questioned", money(stored.amount)),
            ),
            blocks=(
                Block("Client", booking.client.name),
                Block("Developer", booking.developer.name),
            ),
            columns=("What happened, in order", "When (UTC)"),
            rows=(*steps, *self._came(booking, stays), *self._delivered(deliveries)),
            details=(
                Fact("Order", payment.order_id),
                Fact("Payment", paid.id if paid else ""),
                Fact("Reason given by the bank", stored.reason[:300]),
            ),
            sums=(),
            hint="Made from the records of the booking. All times are in UTC.",
        )

    def _came(self, booking: Booking, stays: Sequence[Stay]) -> list[Row]:
        sides = {booking.client.account_id: "client", booking.developer.account_id: "developer"}
        return [
            Row(
                f"In the meeting: {sides.get(each.account_id, 'somebody else')}",
                (self.formats.at(each.came_at, UTC_ZONE),),
                f"until {self.formats.at(each.left_at or each.seen_at, UTC_ZONE)}",
            )
            for each in stays
            if each.inside
        ]

    def _delivered(self, deliveries: Sequence[Delivery]) -> list[Row]:
        return [
            Row(
                f"Delivery {each.number}: {each.note[:500]}",
                (self.formats.at(each.at, UTC_ZONE),),
                "; ".join(f"{file.name}, SHA-256 {file.sha256}" for file in each.files[:20]),
            )
            for each in deliveries
        ]


def _words(entry: Entry) -> str:
    """'Changes requested (client)'."""
    return f"{entry.what.replace('_', ' ').capitalize()} ({entry.actor.value})"
