"""What becomes of held money: on to the developer, or back to the client.

Steps that run inside a transaction; they call nothing outside the books.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from core.bookings import Booking, BookingId
from core.money import Money
from core.outbox import message
from core.payments import Payment, PaymentId, Refund, RefundFact, RefundStatus, SendRefunds
from core.payments_policy import PaymentPolicy
from core.timeline import Actor, MoneyPosition, MoneyState
from ports.clock import Clock
from ports.extensions import Extensions
from ports.findings import Finding
from ports.store import Repositories
from services.payments.ledger import post_entry, refund_audit_messages, refund_entry, release_entry
from services.payments.polling import first_poll
from services.timeline import TimelineStep, record

log = logging.getLogger(__name__)

REFUND_RETRY_AFTER = timedelta(hours=1)
"""After a final refusal of a refund, before it is asked for under a new id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMoney:
    clock: Clock
    policy: PaymentPolicy
    extensions: Extensions

    async def release(self, repositories: Repositories, booking: Booking, *, by: Actor) -> None:
        """The work is approved: all of it is the developer's, less the fee."""
        await self._receive(repositories, booking)
        await self._release(repositories, booking, booking.price, by)

    async def split(
        self, repositories: Repositories, booking: Booking, owed: Money, *, by: Actor, reason: str
    ) -> None:
        """A paid booking ended early: `owed` goes back, the rest is the developer's."""
        if owed:
            payment = await repositories.payments.get(PaymentId(booking.payment_id))
            owing = payment.refund(owed, reason=reason)
            await self.start_refunds(repositories, owing, booking, by=by)
            await repositories.payments.save(owing)
        else:
            await self._receive(repositories, booking)
        if owed != booking.price:
            await self._release(repositories, booking, booking.price - owed, by)

    async def start_refunds(
        self, repositories: Repositories, payment: Payment, booking: Booking, *, by: Actor
    ) -> None:
        """Its due refunds are the client's from now on: on record, and asked for."""
        await repositories.outbox.add(
            *refund_audit_messages(payment, booking, by, self.clock.now())
        )
        await self.enqueue_refunds(repositories, payment)

    async def enqueue_refunds(self, repositories: Repositories, payment: Payment) -> None:
        """Owe a call to the gateway for each due refund, and the questions that follow it."""
        now = self.clock.now()
        again = any(refund.status is RefundStatus.FAILED for refund in payment.refunds)
        due = now + REFUND_RETRY_AFTER if again else now
        for refund in payment.refunds_due:
            ask = message(SendRefunds(payment.id), refund.id, due_at=due)
            follow = first_poll(payment, since=due, policy=self.policy, name=refund.id)
            await repositories.outbox.add(ask, follow)

    async def apply_refund_facts(
        self, repositories: Repositories, before: Payment, facts: tuple[RefundFact, ...]
    ) -> Payment:
        """Merge what the gateway says of refunds, book those that succeeded. Not saved yet."""
        payment = before.merge_refunds(facts)
        done = {r.id for r in before.refunds if r.status is RefundStatus.SUCCEEDED}
        for refund in payment.refunds:
            if refund.status is RefundStatus.SUCCEEDED and refund.id not in done:
                await self._refunded(repositories, payment, refund)
        if len(payment.refunds) > len(before.refunds):
            await self._refused(repositories, payment)
        return payment

    async def _receive(self, repositories: Repositories, booking: Booking) -> None:
        payment = await repositories.payments.get(PaymentId(booking.payment_id))
        await repositories.payments.save(payment.release())

    async def _release(
        self, repositories: Repositories, booking: Booking, amount: Money, by: Actor
    ) -> None:
        await post_entry(
            repositories, release_entry(booking, amount, self.clock.now()), booking, by=by
        )

    async def _refunded(self, repositories: Repositories, payment: Payment, refund: Refund) -> None:
        now = self.clock.now()
        booking = await repositories.bookings.get(BookingId(payment.booking_id))
        await post_entry(
            repositories, refund_entry(payment, refund, now), booking, by=Actor.PROVIDER
        )
        step = TimelineStep(
            key=refund.id,
            what="refunded",
            actor=Actor.PROVIDER,
            at=now,
            money=MoneyPosition(MoneyState.REFUNDED, refund.amount),
            emails=(("refunded", booking.client.account_id),),
        )
        await record(repositories, booking, step, events=bool(self.extensions.listeners))

    async def _refused(self, repositories: Repositories, payment: Payment) -> None:
        number = len(payment.refunds)
        detail = f"The provider refused a refund; asking again, try {number}."
        log.error("payment %s: %s", payment.id, detail)
        await repositories.findings.report(
            Finding(
                f"refund_refused:{payment.id}:{number}",
                "refund_refused",
                payment.id,
                detail,
                self.clock.now(),
            )
        )
        await self.enqueue_refunds(repositories, payment)
