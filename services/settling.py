"""Applying a gateway's word to the books: the one place where money is taken to have moved."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.bookings import Booking, BookingId, reminder_of_answer
from core.bookings import Status as BookingStatus
from core.effects import Effect, effect
from core.jobs import Job, JobId
from core.money import Money
from core.payments import (
    Attempt,
    OrderFacts,
    Payment,
    PaymentId,
    Refund,
    RefundFact,
    RefundStatus,
)
from core.policy import Policy
from core.timeline import Actor, MoneyAt, Where
from core.transactions import (
    FEES,
    Kind,
    Line,
    Transaction,
    TransactionId,
    earnings,
    escrow,
    gateway,
    movement,
    unapplied,
)
from ports.clock import Clock
from ports.extensions import Extensions
from ports.findings import Finding
from ports.store import Books
from services.telling import Step, tell

log = logging.getLogger(__name__)

REFUND_AGAIN = timedelta(hours=1)
EXTRA_RETURNS_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Settling:
    """Steps that run inside a transaction; they call nothing outside the books."""

    clock: Clock
    policy: Policy
    extensions: Extensions

    async def apply(
        self, books: Books, payment_id: PaymentId, facts: OrderFacts, *, revive: bool
    ) -> Payment:
        """Merge the facts and do what follows from them, all or nothing.

        `revive`: an expired hold may take its hour again. Raises `HourTaken` or
        `TooLateToAnswer` when it cannot; the caller then comes again without.
        """
        before = await books.payments.get(payment_id)
        payment = before.learn(facts)
        if payment.mismatch and not before.mismatch:
            await self._report_mismatch(books, payment, facts)
        success = payment.first_success(facts)
        if success:
            payment = await self._paid(books, payment, success, revive=revive)
        await self._book_extras(books, payment, facts)
        payment = await self._book_refunds(books, payment, facts.refunds)
        return payment if payment == before else await books.payments.save(payment)

    async def learn_refund(self, books: Books, payment_id: PaymentId, fact: RefundFact) -> Payment:
        before = await books.payments.get(payment_id)
        payment = await self._book_refunds(books, before, (fact,))
        return payment if payment == before else await books.payments.save(payment)

    async def owe_refund(
        self, books: Books, booking: Booking, amount: Money, *, reason: str
    ) -> None:
        """A paid booking ended early: that much goes back to the client."""
        payment = await books.payments.get(PaymentId(booking.payment_id))
        owing = payment.refund(amount, reason=reason)
        await self._owe(books, owing)
        await books.payments.save(owing)

    async def receive(self, books: Books, booking: Booking) -> None:
        """All of the payment is the developer's now."""
        payment = await books.payments.get(PaymentId(booking.payment_id))
        await books.payments.save(payment.release())

    async def release(self, books: Books, booking: Booking, amount: Money) -> None:
        """Out of escrow: the developer's earning and our fee, which together are `amount`."""
        fee = amount.percent(booking.terms.fee_percent)
        await books.transactions.add(
            Transaction(
                id=TransactionId(f"release:{booking.id}"),
                kind=Kind.RELEASE,
                at=self.clock.now(),
                lines=(
                    Line(escrow(booking.id), -amount),
                    Line(earnings(booking.developer.id), amount - fee),
                    Line(FEES, fee),
                ),
                description=f"{booking.hours} h for {booking.client.name}",
                booking_id=booking.id,
                client_id=booking.client.id,
                developer_id=booking.developer.id,
            )
        )

    async def _paid(
        self, books: Books, payment: Payment, success: Attempt, *, revive: bool
    ) -> Payment:
        booking = await books.bookings.get(BookingId(payment.booking_id))
        wanted = booking.status is BookingStatus.HELD or (
            booking.status is BookingStatus.EXPIRED and revive
        )
        await books.transactions.add(self._collected(payment, success, booking))
        if wanted:
            return await self._engage(books, payment, success, booking)
        return await self._return_at_once(books, payment, success, booking)

    async def _engage(
        self, books: Books, payment: Payment, success: Attempt, booking: Booking
    ) -> Payment:
        """The hour is paid: the booking asks the developer, and the job is there."""
        now = self.clock.now()
        job_id = f"job_{booking.id.partition('_')[2]}"
        requested = await books.bookings.save(
            booking.pay(job_id=job_id, now=now, policy=self.policy)
        )
        await books.jobs.add(
            Job(
                id=JobId(job_id),
                booking_id=booking.id,
                client=booking.client,
                developer=booking.developer,
                terms=booking.terms,
                deliver_by=booking.end + booking.terms.deliver_within,
                revisions_allowed=booking.revisions,
            )
        )
        await self._tell_paid(books, requested, now)
        return payment.pay(success)

    async def _tell_paid(self, books: Books, booking: Booking, now: datetime) -> None:
        step = Step(
            key=f"{booking.id}:{booking.version}",
            what="paid",
            actor=Actor.CLIENT,
            at=now,
            money=MoneyAt(Where.HELD, booking.price),
            mails=(
                ("requested", booking.developer.account_id),
                ("paid", booking.client.account_id),
            ),
        )
        assert booking.accept_by is not None
        owes = [
            effect("bookings.auto_cancel", booking.id, due_at=booking.accept_by, booking=booking.id)
        ]
        half = reminder_of_answer(booking, now=now)
        if half:
            owes.append(
                effect("bookings.remind_answer", booking.id, due_at=half, booking=booking.id)
            )
        await tell(books, booking, step, owes=owes, news=self.extensions.listens)

    async def _return_at_once(
        self, books: Books, payment: Payment, success: Attempt, booking: Booking
    ) -> Payment:
        """Money for a booking that is over: into the books, and owed back in full."""
        refusing = payment.refuse_unwanted(success, reason="The time was no longer free.")
        await self._owe(books, refusing)
        step = Step(
            key=f"{payment.id}:{success.id}",
            what="paid_too_late",
            actor=Actor.CLIENT,
            at=self.clock.now(),
            money=MoneyAt(Where.REFUNDING, payment.amount),
            mails=(("paid_too_late", booking.client.account_id),),
        )
        await tell(books, booking, step, news=self.extensions.listens)
        return refusing

    async def _owe(self, books: Books, payment: Payment) -> None:
        """Effects for every refund that is due; one refused before waits an hour first."""
        now = self.clock.now()
        again = any(refund.status is RefundStatus.FAILED for refund in payment.refunds)
        due = now + REFUND_AGAIN if again else now
        asks = [
            effect("payments.refund", refund.id, due_at=due, payment=payment.id)
            for refund in payment.refunds_due
        ]
        polls = [
            first_poll(payment, since=due, policy=self.policy, name=refund.id)
            for refund in payment.refunds_due
        ]
        await books.effects.add(*asks, *polls)

    async def _book_extras(self, books: Books, payment: Payment, facts: OrderFacts) -> None:
        """A second success is money that is not ours to keep; the gateway returns it itself."""
        if payment.mismatch or not payment.captured:
            return
        for extra in payment.extras:
            await self._book_extra(books, payment, extra)
            for fact in facts.refunds:
                if fact.attempt_id == extra.id and fact.status is RefundStatus.SUCCEEDED:
                    await self._book_returned(books, payment, fact)

    async def _book_extra(self, books: Books, payment: Payment, extra: Attempt) -> None:
        entry = self._entry(
            payment,
            Kind.EXTRA,
            TransactionId(f"pay:{payment.provider}:{extra.id}"),
            movement(extra.amount, source=gateway(payment.provider), target=unapplied(payment.id)),
            "Paid a second time; the payment provider returns it",
        )
        if await books.transactions.exists(entry.id):
            return
        await books.transactions.add(entry)
        booking = await books.bookings.get(BookingId(payment.booking_id))
        step = Step(
            key=f"{payment.id}:{extra.id}",
            what="paid_twice",
            actor=Actor.PROVIDER,
            at=self.clock.now(),
            money=MoneyAt(Where.REFUNDING, extra.amount),
        )
        watch = effect(
            "payments.expect_return", extra.id, due_at=self.clock.now() + EXTRA_RETURNS_WITHIN,
            payment=payment.id, attempt=extra.id,
        )  # fmt: skip
        await tell(books, booking, step, owes=[watch], news=self.extensions.listens)

    async def _book_returned(self, books: Books, payment: Payment, fact: RefundFact) -> None:
        entry = self._entry(
            payment,
            Kind.REFUND,
            TransactionId(f"refund:{payment.provider}:{fact.id}"),
            movement(fact.amount, source=unapplied(payment.id), target=gateway(payment.provider)),
            "Second payment returned by the payment provider",
        )
        if not await books.transactions.exists(entry.id):
            await books.transactions.add(entry)

    async def _book_refunds(
        self, books: Books, before: Payment, facts: tuple[RefundFact, ...]
    ) -> Payment:
        payment = before.learn_refunds(facts)
        done = {r.id for r in before.refunds if r.status is RefundStatus.SUCCEEDED}
        for refund in payment.refunds:
            if refund.status is RefundStatus.SUCCEEDED and refund.id not in done:
                await self._book_refund(books, payment, refund)
        known = {refund.id for refund in before.refunds}
        if any(refund.id not in known for refund in payment.refunds):
            await self._report(
                books,
                kind="refund_refused",
                subject=payment.id,
                detail=f"The provider refused a refund; asking again. {len(payment.refunds)} so far.",
                name=f"refund_refused:{payment.id}:{len(payment.refunds)}",
            )
            await self._owe(books, payment)
        return payment

    async def _book_refund(self, books: Books, payment: Payment, refund: Refund) -> None:
        entry = self._entry(
            payment,
            Kind.REFUND,
            TransactionId(f"refund:{refund.id}"),
            movement(
                refund.amount,
                source=escrow(payment.booking_id),
                target=gateway(payment.provider),
            ),
            refund.reason,
        )
        await books.transactions.add(entry)
        booking = await books.bookings.get(BookingId(payment.booking_id))
        step = Step(
            key=refund.id,
            what="refunded",
            actor=Actor.PROVIDER,
            at=self.clock.now(),
            money=MoneyAt(Where.REFUNDED, refund.amount),
            mails=(("refunded", booking.client.account_id),),
        )
        await tell(books, booking, step, news=self.extensions.listens)

    def _collected(self, payment: Payment, success: Attempt, booking: Booking) -> Transaction:
        return self._entry(
            payment,
            Kind.PAY,
            TransactionId(f"pay:{payment.provider}:{success.id}"),
            movement(payment.amount, source=gateway(payment.provider), target=escrow(booking.id)),
            f"{booking.hours} h with {booking.developer.name}, paid by {booking.client.name}",
        )

    def _entry(
        self,
        payment: Payment,
        kind: Kind,
        entry_id: TransactionId,
        lines: tuple[Line, ...],
        description: str,
    ) -> Transaction:
        return Transaction(
            id=entry_id,
            kind=kind,
            at=self.clock.now(),
            lines=lines,
            description=description,
            booking_id=payment.booking_id,
            client_id=payment.client_id,
            developer_id=payment.developer_id,
        )

    async def _report_mismatch(self, books: Books, payment: Payment, facts: OrderFacts) -> None:
        told = ", ".join(f"{a.id} {a.amount.amount} {a.amount.currency}" for a in facts.attempts)
        await self._report(
            books,
            kind="amount_mismatch",
            subject=payment.id,
            detail=(
                f"Expected {payment.amount.amount} {payment.amount.currency}; the provider says "
                f"{facts.amount.amount} {facts.amount.currency} (attempts: {told or 'none'})."
            ),
            name=f"amount_mismatch:{payment.id}",
        )

    async def _report(
        self, books: Books, *, kind: str, subject: str, detail: str, name: str
    ) -> None:
        log.error("%s: %s: %s", kind, subject, detail)
        await books.findings.report(Finding(name, kind, subject, detail, self.clock.now()))


def first_poll(payment: Payment, *, since: datetime, policy: Policy, name: str) -> Effect:
    """The beginning of a chain of questions to a gateway that may stay silent."""
    return poll(payment, since=since, turn=0, policy=policy, name=name)


def poll(payment: Payment, *, since: datetime, turn: int, policy: Policy, name: str) -> Effect:
    return effect(
        "payments.poll",
        f"{name}:{turn}",
        due_at=since + policy.poll_after[turn],
        payment=payment.id,
        turn=str(turn),
        since=since.isoformat(),
        name=name,
    )
