"""Applies the state of a gateway's order to payment, booking and ledger.

The methods run inside the caller's transaction and call repositories only.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.bookings import Booking, BookingId
from core.bookings import Status as BookingStatus
from core.bookings_messages import AutoCancel, RemindToAnswer, answer_reminder_at
from core.bookings_policy import BookingPolicy
from core.findings import FindingKind
from core.jobs import Job, JobId
from core.notifications import NotifyParty
from core.outbox import OutboxMessage, message
from core.payments import Payment, PaymentId, PaymentStep
from core.payments_facts import Attempt, OrderFacts, RefundFact, RefundStatus
from core.payments_messages import ExpectReturn
from core.timeline import Actor, MoneyPosition, MoneyState
from core.transactions import Transaction
from ports.clock import Clock
from ports.extensions import Extensions, Parts
from ports.findings import Finding
from ports.store import Repositories
from services.payments.held_money import HeldMoney
from services.payments.ledger import (
    duplicate_payment_entry,
    payment_entry,
    post_entry,
    returned_entry,
    suspense_entry,
)
from services.timeline import TimelineStep, record

log = logging.getLogger(__name__)

EXTRA_RETURNED_WITHIN = timedelta(hours=24)
"""The provider returns a second payment within this time; otherwise it is reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    held: HeldMoney
    clock: Clock
    policy: BookingPolicy
    extensions: Extensions

    async def revive(
        self, repositories: Repositories, parts: Parts, *, payment_id: PaymentId, facts: OrderFacts
    ) -> Payment:
        """As `apply`, and a paid hold becomes a request, also an expired one whose time is still
        free. Raises `HourTaken` or `TooLateToAnswer` when that is impossible, `Vetoed` or
        `WrongFields` when a plugin refuses an expired one; the caller then calls `apply`."""
        return await self._apply(repositories, payment_id, facts, parts)

    async def apply(
        self, repositories: Repositories, payment_id: PaymentId, facts: OrderFacts
    ) -> Payment:
        """Merge the facts and apply all consequences. A payment that begins to count now is
        refunded."""
        return await self._apply(repositories, payment_id, facts, None)

    async def _apply(
        self,
        repositories: Repositories,
        payment_id: PaymentId,
        facts: OrderFacts,
        parts: Parts | None,
    ) -> Payment:
        before = await repositories.payments.get(payment_id)
        payment = before.merge(facts)
        if payment.mismatch and not before.mismatch:
            await self._report_mismatch(repositories, payment, facts)
        success = payment.first_success(facts)
        if success:
            payment = await self._paid(repositories, payment, success, parts)
        await self._post_extra_payments(repositories, payment, facts)
        payment = await self.held.apply_refund_facts(repositories, payment, facts.refunds)
        return payment if payment == before else await repositories.payments.save(payment)

    async def apply_refund_fact(
        self, repositories: Repositories, payment_id: PaymentId, fact: RefundFact
    ) -> Payment:
        """Apply the gateway's response to one requested refund."""
        before = await repositories.payments.get(payment_id)
        payment = await self.held.apply_refund_facts(repositories, before, (fact,))
        return payment if payment == before else await repositories.payments.save(payment)

    async def _paid(
        self,
        repositories: Repositories,
        payment: Payment,
        success: Attempt,
        parts: Parts | None,
    ) -> Payment:
        booking = await repositories.bookings.get(BookingId(payment.booking_id))
        entry = payment_entry(payment, success, booking, self.clock.now())
        await post_entry(repositories, entry, booking, by=Actor.CLIENT)
        if parts is not None and booking.status in (BookingStatus.HELD, BookingStatus.EXPIRED):
            await self._request(repositories, booking)
            if booking.status is BookingStatus.EXPIRED:
                await self.extensions.take_part(repositories, booking, {}, parts)
            return payment.pay(success)
        return await self._refund_late(repositories, payment, success, booking)

    async def _request(self, repositories: Repositories, booking: Booking) -> None:
        """The booking is paid: request it from the developer, and create its job."""
        now = self.clock.now()
        job = _job(booking, now)
        requested = await repositories.bookings.save(
            booking.pay(job_id=job.id, now=now, policy=self.policy)
        )
        await repositories.jobs.add(job)
        step = TimelineStep(
            key=f"{requested.id}:{requested.version}",
            what=PaymentStep.PAID,
            actor=Actor.CLIENT,
            at=now,
            money=MoneyPosition(MoneyState.HELD, requested.price),
            emails=(
                ("requested", requested.developer.account_id),
                ("paid", requested.client.account_id),
            ),
        )
        messages = _answer_deadlines(requested, now=now)
        await record(
            repositories, requested, step, messages=messages, events=bool(self.extensions.listeners)
        )

    async def _refund_late(
        self, repositories: Repositories, payment: Payment, success: Attempt, booking: Booking
    ) -> Payment:
        """Refund a payment in full whose booking has ended or can no longer be answered in
        time."""
        if booking.status is BookingStatus.HELD:
            booking = await repositories.bookings.save(booking.expire())
        refunding = payment.refund_unwanted(
            success, reason="The time was no longer free.", at=self.clock.now()
        )
        await self.held.start_refunds(repositories, refunding, booking, by=Actor.DEADLINE)
        step = TimelineStep(
            key=f"{payment.id}:{success.id}",
            what=PaymentStep.PAID_TOO_LATE,
            actor=Actor.CLIENT,
            at=self.clock.now(),
            money=MoneyPosition(MoneyState.REFUNDING, payment.amount),
            emails=(("paid_too_late", booking.client.account_id),),
        )
        await record(repositories, booking, step, events=bool(self.extensions.listeners))
        return refunding

    async def _post_extra_payments(
        self, repositories: Repositories, payment: Payment, facts: OrderFacts
    ) -> None:
        """Post second payments, and their returns by the provider."""
        if not payment.captured and not payment.mismatch:
            return
        for extra in payment.extra_payments:
            if payment.mismatch:
                await self._post_once(
                    repositories, suspense_entry(payment, extra, self.clock.now())
                )
            else:
                await self._post_extra_payment(repositories, payment, extra)
            for fact in facts.refunds:
                by_itself = fact.attempt_id == extra.id and not fact.ours
                if by_itself and fact.status is RefundStatus.SUCCEEDED:
                    await self._post_once(
                        repositories, returned_entry(payment, fact, self.clock.now())
                    )

    async def _post_extra_payment(
        self, repositories: Repositories, payment: Payment, extra: Attempt
    ) -> None:
        now = self.clock.now()
        booking = await self._post_once(repositories, duplicate_payment_entry(payment, extra, now))
        if booking is None:
            return
        step = TimelineStep(
            key=f"{payment.id}:{extra.id}",
            what=PaymentStep.PAID_TWICE,
            actor=Actor.PROVIDER,
            at=now,
            money=MoneyPosition(MoneyState.REFUNDING, extra.amount),
            emails=(("paid_twice", booking.client.account_id),),
        )
        expect = ExpectReturn(payment.id, extra.id)
        watch = message(expect, extra.id, due_at=now + EXTRA_RETURNED_WITHIN)
        await record(
            repositories, booking, step, messages=[watch], events=bool(self.extensions.listeners)
        )

    @staticmethod
    async def _post_once(repositories: Repositories, entry: Transaction) -> Booking | None:
        """Post the entry unless it has been posted; returns the booking of a new entry."""
        if await repositories.transactions.exists(entry.id):
            return None
        booking = await repositories.bookings.get(BookingId(entry.booking_id or ""))
        await post_entry(repositories, entry, booking, by=Actor.PROVIDER)
        return booking

    async def _report_mismatch(
        self, repositories: Repositories, payment: Payment, facts: OrderFacts
    ) -> None:
        attempts = ", ".join(
            f"{a.id} {a.amount.amount} {a.amount.currency}" for a in facts.attempts
        )
        detail = (
            f"Expected {payment.amount.amount} {payment.amount.currency}; the provider reports "
            f"{facts.amount.amount} {facts.amount.currency} (attempts: {attempts or 'none'})."
        )
        log.error("payment %s: %s", payment.id, detail)
        name = f"amount_mismatch:{payment.id}"
        booking = await repositories.bookings.get(BookingId(payment.booking_id))
        email = NotifyParty("under_review", booking.client.account_id, booking.id, name)
        await repositories.outbox.add(message(email, name, due_at=self.clock.now()))
        await repositories.findings.report(
            Finding(name, FindingKind.AMOUNT_MISMATCH, payment.id, detail, self.clock.now())
        )


def _job(booking: Booking, now: datetime) -> Job:
    return Job(
        id=JobId(f"job_{booking.id.partition('_')[2]}"),
        booking_id=booking.id,
        client=booking.client,
        developer=booking.developer,
        terms=booking.terms,
        created_at=now,
        booked_end=booking.end,
        deliver_by=booking.end + booking.terms.deliver_within,
        revisions_allowed=booking.revisions,
    )


def _answer_deadlines(booking: Booking, *, now: datetime) -> list[OutboxMessage]:
    """The automatic cancellation, and a reminder at half of the time to answer."""
    deadlines = (
        (AutoCancel(booking.id), booking.accept_by),
        (RemindToAnswer(booking.id), answer_reminder_at(booking, now=now)),
    )
    return [message(each, booking.id, due_at=due) for each, due in deadlines if due is not None]
