"""Chargebacks: what the provider reports is fetched, applied in one transaction, and told."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from core.audit import PROVIDER, audit_message
from core.bookings import Booking, BookingId
from core.chargebacks import (
    STEP_OF,
    Chargeback,
    ChargebackActivity,
    ChargebackFact,
    ChargebackStep,
    Status,
    chargeback_id,
)
from core.chargebacks_messages import ChargebackNews, PollChargeback, SendEvidence
from core.chargebacks_policy import ChargebackPolicy
from core.findings import FindingKind
from core.outbox import OutboxMessage, message
from core.payments import Payment, PaymentId
from core.payments import Status as Paying
from core.timeline import Actor, MoneyPosition, MoneyState
from ports.chargebacks import ChargebackGateway
from ports.clock import Clock
from ports.extensions import Extensions
from ports.findings import Finding
from ports.payments import OrderUnknown, PaymentGateway
from ports.store import Repositories, Store
from services.chargebacks.endings import Endings
from services.chargebacks.reserves import Reserves
from services.chargebacks.resuming import resumed_deadlines
from services.chargebacks.storage import chargebacks
from services.payments import PaymentService, watch_charged_back
from services.shared.findings import report_again
from services.shared.outbox import handles
from services.timeline import TimelineStep, record, to_both

log = logging.getLogger(__name__)

ACTIVITY_OF: Mapping[ChargebackStep, ChargebackActivity] = {
    ChargebackStep.OPENED: ChargebackActivity.OPENED,
    ChargebackStep.WON: ChargebackActivity.WON,
    ChargebackStep.LOST: ChargebackActivity.LOST,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargebackService:
    """Webhook and poll both end in `refresh`, which asks the provider."""

    store: Store
    gateways: Mapping[str, PaymentGateway]
    payments: PaymentService
    reserves: Reserves
    endings: Endings
    extensions: Extensions
    clock: Clock
    policy: ChargebackPolicy

    @handles(ChargebackNews)
    async def hear(self, payload: ChargebackNews) -> None:
        """Ask about the order of a webhook. Raises `OrderUnknown` for an order that is not stored
        yet; the relay tries again."""
        payment = await self.store.repositories.payments.find_by_order(payload.order)
        if payment is None:
            raise OrderUnknown(f"Webhook for an unknown order: {payload.order}.")
        await self.refresh(payment.id)

    @handles(PollChargeback)
    async def poll(self, payload: PollChargeback) -> None:
        """Ask again while it is not decided."""
        stored = await chargebacks(self.store.repositories).get(payload.chargeback)
        if not stored.undecided:
            return
        await self.refresh(PaymentId(stored.payment_id))
        following = PollChargeback(stored.id, payload.turn + 1)
        due = self.clock.now() + self.policy.chargeback_poll
        name = f"{stored.id}:{stored.rounds}:{following.turn}"
        await self.store.repositories.outbox.add(message(following, name, due_at=due))

    async def refresh(self, payment_id: PaymentId) -> None:
        """Fetch the chargebacks of a payment from its provider and apply them in one transaction,
        after the payment itself. Idempotent. Raises `GatewayUnavailable`."""
        payment = await self.payments.settle(payment_id)
        gateway = self.gateways.get(payment.provider)
        if not isinstance(gateway, ChargebackGateway):
            return
        try:
            facts = await gateway.fetch_chargebacks(payment.order_id)
        except OrderUnknown:
            return
        for fact in facts:
            await self.store.transact(partial(self.apply, payment_id=payment_id, fact=fact))

    async def apply(
        self, repositories: Repositories, *, payment_id: PaymentId, fact: ChargebackFact
    ) -> None:
        """Apply one report, inside the caller's transaction."""
        payment = await repositories.payments.get(payment_id)
        stored = await chargebacks(repositories).find(
            chargeback_id(payment.provider, fact.reference)
        )
        if fact.status is None:
            await self._report_unknown(repositories, payment, fact)
            return
        booking = await repositories.bookings.get(BookingId(payment.booking_id))
        following = (stored or _opened(payment, booking, fact)).follow(fact)
        moved = await self.reserves.move(repositories, following, payment, booking)
        after = await self.reserves.charge(repositories, moved.chargeback, fact.fee)
        if after == stored:
            return
        documents = chargebacks(repositories)
        saved = await (documents.save(after) if stored else documents.add(after))
        if moved.payment != payment:
            await repositories.payments.save(moved.payment)
            await watch_charged_back(repositories, moved.payment, by=PROVIDER, now=self.clock.now())
        if payment.status is Paying.PAID and moved.payment.status is Paying.REFUNDED:
            booking = await self.endings.end(repositories, booking)
        elif payment.contested and not moved.payment.contested:
            now, key = self.clock.now(), f"{saved.id}:{saved.version}"
            late = await resumed_deadlines(repositories, booking, now=now, key=key)
            await repositories.outbox.add(*late)
        step = STEP_OF[saved.status]
        if stored is None or step is not STEP_OF[stored.status]:
            await self._tell(repositories, saved, step, booking)
            await self._tell_operators(repositories, saved)
        if stored is None or stored.rounds != saved.rounds or stored.status is not saved.status:
            await repositories.outbox.add(*self._following(saved))

    async def _tell(
        self, repositories: Repositories, saved: Chargeback, step: ChargebackStep, booking: Booking
    ) -> None:
        now, key = self.clock.now(), f"{saved.id}:{saved.version}"
        state = {
            ChargebackStep.OPENED: MoneyState.HELD,
            ChargebackStep.WON: MoneyState.HELD,
            ChargebackStep.LOST: MoneyState.REFUNDED,
        }[step]
        audit = (
            audit_message(
                ACTIVITY_OF[step],
                key,
                account=account,
                at=now,
                actor=PROVIDER,
                booking=booking.id,
                number=booking.number,
                amount=str(saved.amount.amount),
                currency=saved.amount.currency,
            )
            for account in (booking.client.account_id, booking.developer.account_id)
        )
        entry = TimelineStep(
            key=key,
            what=step,
            actor=Actor.PROVIDER,
            at=now,
            money=MoneyPosition(state, saved.amount),
            emails=to_both(step.value, booking),
        )
        events = bool(self.extensions.listeners)
        await record(repositories, booking, entry, messages=tuple(audit), events=events)

    async def _tell_operators(self, repositories: Repositories, saved: Chargeback) -> None:
        """A finding from the opening to the decision, with the end of the time to answer."""
        name, now = f"{FindingKind.CHARGEBACK_UNDECIDED}:{saved.id}", self.clock.now()
        findings = repositories.findings
        if not saved.undecided:
            how = f"The bank has decided: {saved.status}."
            await findings.resolve(name, by=PROVIDER, how=how, now=now)
            return
        due = saved.respond_by
        until = f" Evidence is due by {due:%Y-%m-%d %H:%M} UTC." if due else ""
        amount = f"{saved.amount.amount} {saved.amount.currency}"
        detail = f"Booking {saved.booking_number}, {amount} (minor units): {saved.reason}.{until}"
        finding = Finding(name, FindingKind.CHARGEBACK_UNDECIDED, saved.payment_id, detail, now)
        await report_again(findings, finding)

    def _following(self, saved: Chargeback) -> list[OutboxMessage]:
        """The evidence in time, and the questions until the decision."""
        now, key = self.clock.now(), f"{saved.id}:{saved.rounds}"
        messages = []
        if saved.undecided:
            poll = PollChargeback(saved.id, 0)
            messages.append(message(poll, f"{key}:0", due_at=now + self.policy.chargeback_poll))
        if saved.awaits_evidence:
            due = self._evidence_due(saved, now)
            name = f"{key}:{saved.version}"
            messages.append(message(SendEvidence(saved.id), name, due_at=due))
        return messages

    def _evidence_due(self, saved: Chargeback, now: datetime) -> datetime:
        """Some time before the end of the time to answer; at once if that is not known."""
        if saved.respond_by is None:
            return now
        return max(now, saved.respond_by - self.policy.evidence_before)

    async def _report_unknown(
        self, repositories: Repositories, payment: Payment, fact: ChargebackFact
    ) -> None:
        detail = f"The provider reports the unknown status {fact.said!r:.60} of a chargeback."
        log.error("payment %s: %s", payment.id, detail)
        name = f"chargeback_status_unknown:{payment.provider}:{fact.reference}:{fact.said:.60}"
        await repositories.findings.report(
            Finding(
                name,
                FindingKind.UNKNOWN_CHARGEBACK_STATUS,
                payment.id,
                detail,
                self.clock.now(),
            )
        )


def _opened(payment: Payment, booking: Booking, fact: ChargebackFact) -> Chargeback:
    return Chargeback(
        id=chargeback_id(payment.provider, fact.reference),
        provider=payment.provider,
        reference=fact.reference,
        payment_id=payment.id,
        booking_id=booking.id,
        booking_number=booking.number,
        client_id=booking.client.id,
        developer_id=booking.developer.id,
        amount=fact.amount,
        status=fact.status or Status.OPEN,
        reason=fact.reason,
        opened_at=fact.opened_at,
        changed_at=fact.changed_at,
        respond_by=fact.respond_by,
    )
