"""Refunds that the provider has refused too often: an administrator requests them again, or marks
them as paid by another way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.accounts import Account
from core.bookings import Booking, BookingId
from core.payments import (
    Payment,
    PaymentActivity,
    PaymentId,
    PaymentStep,
    Refund,
    RefundId,
    checked_note,
    checked_reference,
)
from core.sessions import Caller
from core.stopped_refunds import StoppedRefund
from core.timeline import Actor, MoneyPosition, MoneyState
from ports.clock import Clock
from ports.extensions import Extensions
from ports.store import Repositories, Store
from services.payments.documents import STOPPED_REFUNDS
from services.payments.held_money import HeldMoney
from services.payments.ledger import add_entry, paid_otherwise_entry, receipt_entry
from services.payments.refund_queue import record_stops
from services.payments.suspense import end_review
from services.shared.money_actions import Preview, Step, act, audited, check_not_own, preview
from services.timeline import TimelineStep, record


class Solution(StrEnum):
    """What an administrator does about a refund that the provider does not make."""

    RETRY = "retry"
    PAID_OTHERWISE = "paid_otherwise"


@dataclass(frozen=True, slots=True)
class Solving:
    """What an administrator says about it. Raises `Invalid`: both sides read `reason`, and
    `reference` is that of the transfer, which only a payment by another way has."""

    solution: Solution
    reason: str
    reference: str = ""

    @classmethod
    def checked(cls, solution: Solution, *, reason: str, reference: str) -> Solving:
        if solution is Solution.RETRY:
            return cls(solution, checked_note(reason))
        return cls(solution, checked_note(reason), checked_reference(reference))


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedRefundService:
    """The caller has checked that `by` is an administrator with a fresh code. Both actions are in
    the audit trails of the client and of the administrator."""

    store: Store
    held: HeldMoney
    clock: Clock
    extensions: Extensions

    async def page(
        self, *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[StoppedRefund, ...], str | None]:
        """Those that wait, the oldest first."""
        queue = self.store.repositories.documents(STOPPED_REFUNDS)
        return await queue.page("oldest", limit=limit, cursor=cursor)

    async def count(self, *, at_most: int) -> int:
        return await self.store.repositories.documents(STOPPED_REFUNDS).count(limit=at_most)

    async def preview(
        self,
        payment_id: PaymentId,
        refund_id: RefundId,
        *,
        by: Account,
        caller: Caller,
        solving: Solving,
    ) -> Preview:
        """What it would book and request now, and whom it would tell. Raises what `solve`
        raises."""
        return await preview(self.store, self._step(payment_id, refund_id, by, caller, solving))

    async def solve(
        self,
        payment_id: PaymentId,
        refund_id: RefundId,
        *,
        by: Account,
        caller: Caller,
        solving: Solving,
        expected: str | None = None,
    ) -> Payment:
        """Request it again, as often as a new refund; or book it as paid by another way: the
        client's money leaves what is held for the booking, and the provider keeps what it holds
        for us. `expected` is the digest of the preview.

        Raises `NotFound`, `NotStopped`, `UnderChargeback`, `OwnMoney` and `PreviewOutdated`.
        """
        step = self._step(payment_id, refund_id, by, caller, solving)
        return await act(self.store, step, expected=expected)

    def _step(
        self,
        payment_id: PaymentId,
        refund_id: RefundId,
        by: Account,
        caller: Caller,
        solving: Solving,
    ) -> Step[Payment]:
        now = self.clock.now()

        async def step(repositories: Repositories) -> Payment:
            before = await repositories.payments.get(payment_id)
            booking = await repositories.bookings.get(BookingId(before.booking_id))
            check_not_own(by, booking.client.account_id, booking.developer.account_id)
            if solving.solution is Solution.RETRY:
                after = before.retry_refund(refund_id, now=now)
                refund, what = after.refunds[-1], PaymentActivity.REFUND_RETRIED
            else:
                after = before.pay_otherwise(
                    refund_id, reference=solving.reference, note=solving.reason
                )
                refund = next(each for each in after.refunds if each.id == refund_id)
                what = PaymentActivity.REFUND_PAID_OTHERWISE
            audits = audited(
                what, refund.id, booking.client.account_id,
                by=by, caller=caller, at=now, booking=booking.id, number=booking.number,
                amount=str(refund.amount.amount), currency=refund.amount.currency,
                reason=solving.reason, reference=solving.reference,
            )  # fmt: skip
            events = bool(self.extensions.listeners)
            await record_stops(repositories, before, after, by=by.id, now=now, events=events)
            if solving.solution is Solution.RETRY:
                await repositories.outbox.add(*audits)
                await self.held.enqueue_refunds(repositories, after)
            else:
                entry = paid_otherwise_entry(after, refund, now)
                await add_entry(
                    repositories,
                    entry,
                    booking,
                    *audits,
                    receipt=receipt_entry(before),
                    before=before.amount - before.refunded,
                )
                if refund.suspended:
                    await end_review(repositories, after, by=by.id, now=now)
            saved = await repositories.payments.save(after)
            told = self._told(booking, refund, solving)
            await record(repositories, booking, told, events=events)
            return saved

        return step

    def _told(self, booking: Booking, refund: Refund, solving: Solving) -> TimelineStep:
        """The client is told about money that comes another way; a new request needs nobody."""
        again = solving.solution is Solution.RETRY
        what = PaymentStep.REFUND_RETRIED if again else PaymentStep.PAID_OTHERWISE
        return TimelineStep(
            key=f"{refund.id}:{solving.solution}",
            what=what,
            actor=Actor.ADMIN,
            at=self.clock.now(),
            detail=solving.reason,
            money=MoneyPosition(
                MoneyState.REFUNDING if again else MoneyState.REFUNDED, refund.amount
            ),
            emails=() if again else ((what.value, booking.client.account_id),),
        )
