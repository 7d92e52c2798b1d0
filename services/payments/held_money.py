"""Held money: its release to the developer, or its refund to the client.

The methods run inside the caller's transaction and call repositories only.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from core.audit import PROVIDER
from core.bookings import Booking, BookingId
from core.earnings import earned
from core.findings import FindingKind
from core.money import Money, zero
from core.outbox import NotDueYet, message
from core.payments import Payment, PaymentId, PaymentStep, Refund, RefundId, UnderChargeback
from core.payments_facts import RefundFact, RefundStatus
from core.payments_messages import SendRefunds
from core.payments_policy import PaymentPolicy
from core.timeline import Actor, MoneyPosition, MoneyState
from ports.clock import Clock
from ports.extensions import Extensions
from ports.findings import Finding
from ports.store import Repositories
from services.payments.earnings import Earnings
from services.payments.ledger import (
    post_entry,
    receipt_entry,
    refund_audit_messages,
    refund_entry,
    release_entry,
)
from services.payments.polling import refund_poll
from services.payments.refund_queue import record_stops
from services.payments.suspense import end_review
from services.timeline import TimelineStep, record

log = logging.getLogger(__name__)

CHARGEBACK_WAIT = timedelta(hours=6)
"""How often a deadline that a chargeback holds up is tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMoney:
    """Releases and refunds the money that the payment provider holds for bookings."""

    clock: Clock
    policy: PaymentPolicy
    extensions: Extensions
    earnings: Earnings

    async def release(self, repositories: Repositories, booking: Booking, *, by: Actor) -> Payment:
        """The work is approved: release what is left of the price to the developer, less the fee.
        Returns the payment as it is now.

        Raises `UnderChargeback`, and `NotDueYet` for a deadline, which waits until the chargeback
        is decided."""
        payment = await repositories.payments.get(PaymentId(booking.payment_id))
        self._check_uncontested(payment, by)
        released = await repositories.payments.save(payment.release())
        await self.post_release(repositories, booking, payment, by=by)
        return released

    async def split(
        self, repositories: Repositories, booking: Booking, refund: Money, *, by: Actor, reason: str
    ) -> None:
        """A paid booking has ended early: refund `refund` to the client and release the rest of
        the price to the developer. What a lost chargeback has returned to the client already counts
        as refunded. Raises as `release`."""
        payment = await repositories.payments.get(PaymentId(booking.payment_id))
        self._check_uncontested(payment, by)
        already = payment.charged_back or zero(refund.currency)
        back = min(max(refund.amount - already.amount, 0), payment.left.amount)
        if back:
            amount = Money(back, refund.currency)
            payment = payment.refund(amount, reason=reason, at=self.clock.now())
            await self.start_refunds(repositories, payment, booking, by=by)
        else:
            payment = payment.release()
        await repositories.payments.save(payment)
        if payment.left:
            await self.post_release(repositories, booking, payment, by=by)

    async def start_refunds(
        self, repositories: Repositories, payment: Payment, booking: Booking, *, by: Actor
    ) -> None:
        """Record the due refunds of the payment in the audit trail, and request them."""
        await repositories.outbox.add(
            *refund_audit_messages(payment, booking, by, self.clock.now())
        )
        await self.enqueue_refunds(repositories, payment)

    async def enqueue_refunds(self, repositories: Repositories, payment: Payment) -> None:
        """Enqueue a gateway call for each due refund, and the polls that follow it."""
        now = self.clock.now()
        for refund in payment.refunds_due:
            due = refund.due_at or now
            send = message(SendRefunds(payment.id), refund.id, due_at=due)
            poll = refund_poll(payment, refund=refund.id, since=due, policy=self.policy)
            await repositories.outbox.add(send, poll)

    async def apply_refund_facts(
        self, repositories: Repositories, before: Payment, facts: tuple[RefundFact, ...]
    ) -> Payment:
        """Merge the gateway's facts about refunds and post those that succeeded. Returns the
        payment, not yet saved."""
        facts = await self._of_our_amount(repositories, before, facts)
        payment = before.merge_refunds(facts, now=self.clock.now(), policy=self.policy)
        done = {r.id for r in before.refunds if r.status is RefundStatus.SUCCEEDED}
        kept = before.amount - before.refunded
        for refund in payment.refunds:
            if refund.status is RefundStatus.SUCCEEDED and refund.id not in done:
                await self._record_refund(repositories, payment, refund, kept)
                kept -= zero(refund.amount.currency) if refund.suspended else refund.amount
        if len(payment.refunds) > len(before.refunds):
            await self._report_refused(repositories, before, payment)
        elif before.retries and not payment.retries:
            await self._resolve_refused(repositories, payment)
        if payment.refunds_stopped != before.refunds_stopped:
            events = bool(self.extensions.listeners)
            now = self.clock.now()
            await record_stops(repositories, before, payment, by=PROVIDER, now=now, events=events)
        return payment

    def _check_uncontested(self, payment: Payment, by: Actor) -> None:
        if not payment.contested:
            return
        if by is Actor.DEADLINE:
            raise NotDueYet(self.clock.now() + CHARGEBACK_WAIT)
        raise UnderChargeback

    async def post_release(
        self, repositories: Repositories, booking: Booking, payment: Payment, *, by: Actor
    ) -> None:
        """Add the release of what is left of the payment to the ledger and to what the developer
        has clearing."""
        entry = release_entry(booking, payment.left, self.clock.now())
        share = earned(entry, booking.developer.id)
        await self.earnings.released(repositories, booking, entry, share)
        await post_entry(repositories, entry, booking, by=by, receipt=receipt_entry(payment))

    async def _of_our_amount(
        self, repositories: Repositories, payment: Payment, facts: tuple[RefundFact, ...]
    ) -> tuple[RefundFact, ...]:
        """The facts without those that name one of our refunds with another amount: these change
        nothing and are reported."""
        ours = {refund.id: refund.amount for refund in payment.refunds}
        other = [
            fact for fact in facts if ours.get(RefundId(fact.ours), fact.amount) != fact.amount
        ]
        for fact in other:
            wanted = ours[RefundId(fact.ours)]
            detail = (
                f"Refund {fact.ours}: {wanted.amount} {wanted.currency} were requested, the "
                f"provider reports {fact.amount.amount} {fact.amount.currency} ({fact.status})."
            )
            log.error("payment %s: %s", payment.id, detail)
            name = f"refund_amount_differs:{fact.ours}:{fact.amount.amount}"
            await repositories.findings.report(
                Finding(
                    name,
                    FindingKind.REFUND_AMOUNT_DIFFERS,
                    payment.id,
                    detail,
                    self.clock.now(),
                )
            )
        return tuple(fact for fact in facts if fact not in other)

    async def _record_refund(
        self, repositories: Repositories, payment: Payment, refund: Refund, before: Money
    ) -> None:
        """`before` was left of the payment until then."""
        now = self.clock.now()
        booking = await repositories.bookings.get(BookingId(payment.booking_id))
        await post_entry(
            repositories,
            refund_entry(payment, refund, now),
            booking,
            by=Actor.PROVIDER,
            receipt=receipt_entry(payment),
            before=before,
        )
        step = TimelineStep(
            key=refund.id,
            what=PaymentStep.REFUNDED,
            actor=Actor.PROVIDER,
            at=now,
            money=MoneyPosition(MoneyState.REFUNDED, refund.amount),
            emails=(("refunded", booking.client.account_id),),
        )
        await record(repositories, booking, step, events=bool(self.extensions.listeners))
        if refund.suspended:
            await end_review(repositories, payment, by=PROVIDER, now=now)

    async def _report_refused(
        self, repositories: Repositories, before: Payment, payment: Payment
    ) -> None:
        """Refunds that are requested again, which goes on by itself."""
        refused_before = {r.id for r in before.refunds if r.status is RefundStatus.FAILED}
        for refund in payment.refunds:
            if refund.status is not RefundStatus.FAILED or refund.id in refused_before:
                continue
            detail = f"Refund {refund.id} was refused, request {refund.attempt}. It is repeated."
            log.error("payment %s: %s", payment.id, detail)
            kind, now = FindingKind.REFUND_REFUSED, self.clock.now()
            await repositories.findings.report(
                Finding(f"{kind}:{refund.id}", kind, payment.id, detail, now)
            )
        await self.enqueue_refunds(repositories, payment)

    async def _resolve_refused(self, repositories: Repositories, payment: Payment) -> None:
        for refund in payment.refunds:
            if refund.status is RefundStatus.FAILED:
                await repositories.findings.resolve(
                    f"{FindingKind.REFUND_REFUSED}:{refund.id}",
                    by=PROVIDER,
                    how="It is not repeated any more.",
                    now=self.clock.now(),
                )
