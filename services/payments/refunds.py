"""Refunds that an administrator decides, in full or in part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.accounts import Account
from core.bookings import Booking, BookingId
from core.jobs import JobId
from core.money import Money
from core.payments import (
    RELEASED,
    NotRefundable,
    Payment,
    PaymentActivity,
    PaymentId,
    PaymentStep,
    checked_note,
)
from core.payments_policy import PaymentPolicy
from core.sessions import Caller
from core.shares import Shares
from core.timeline import Actor, MoneyPosition, MoneyState
from core.transactions import Transaction, escrow
from ports.clock import Clock
from ports.extensions import Extensions
from ports.store import Repositories, Store
from services.payments.held_money import HeldMoney
from services.payments.ledger import refund_entry
from services.shared.money_actions import Preview, Step, act, audited, check_not_own, preview
from services.timeline import TimelineStep, record, to_both


@dataclass(frozen=True, slots=True)
class RefundPreview:
    """What a refund books at once, and in `later` when the provider has confirmed it. `before` and
    `after` divide the price without and with it. `ends`: the booking ends by it."""

    preview: Preview
    later: Transaction
    before: Shares
    after: Shares
    ends: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundService:
    """The caller has checked that `by` is an administrator with a fresh code.

    Held money: the booking ends, and what is not refunded is released to the developer. Released
    money: it is taken back from the developer and from our fee as it was divided, so that after
    each refund the fee is that of what is left.
    """

    store: Store
    held: HeldMoney
    clock: Clock
    policy: PaymentPolicy
    extensions: Extensions

    async def preview(
        self, payment_id: PaymentId, *, by: Account, caller: Caller, amount: Money, reason: str
    ) -> RefundPreview:
        """What `refund` would do now. Raises what `refund` raises."""
        shown = await preview(self.store, self._step(payment_id, by, caller, amount, reason))
        repositories = self.store.repositories
        payment = await repositories.payments.get(payment_id)
        booking = await repositories.bookings.get(BookingId(payment.booking_id))
        now = self.clock.now()
        decided = payment.decide_refund(amount, note=checked_note(reason), at=now)
        return RefundPreview(
            shown,
            refund_entry(decided, decided.refunds[-1], now),
            Shares.known(booking, payment),
            Shares.known(booking, decided),
            payment.status not in RELEASED,
        )

    async def refund(
        self,
        payment_id: PaymentId,
        *,
        by: Account,
        caller: Caller,
        amount: Money,
        reason: str,
        expected: str | None = None,
    ) -> Payment:
        """Refund `amount`. Both sides read the reason. `expected` is the digest of the preview.

        Raises `Invalid`, `NotRefundable`, `OwnMoney`, `Frozen` while the job is in dispute, and
        `PreviewOutdated`.
        """
        step = self._step(payment_id, by, caller, amount, reason)
        return await act(self.store, step, expected=expected)

    def check(self, payment: Payment, booking: Booking, *, by: Account) -> None:
        """Raises `OwnMoney` or `NotRefundable`, with the reason why nothing can be refunded."""
        check_not_own(by, booking.client.account_id, booking.developer.account_id)
        payment.check_refundable()
        until = self.refundable_until(payment)
        if until and self.clock.now() > until:
            days = self.policy.refundable.days
            raise NotRefundable(f"{days} days have passed since the payment.")

    def refundable_until(self, payment: Payment) -> datetime | None:
        """Until when the provider refunds it. None for one that was not paid."""
        return payment.paid_by.at + self.policy.refundable if payment.paid_by else None

    def _step(
        self, payment_id: PaymentId, by: Account, caller: Caller, amount: Money, reason: str
    ) -> Step[Payment]:
        now, note = self.clock.now(), checked_note(reason)

        async def step(repositories: Repositories) -> Payment:
            payment = await repositories.payments.get(payment_id)
            booking = await repositories.bookings.get(BookingId(payment.booking_id))
            self.check(payment, booking, by=by)
            decided = payment.decide_refund(amount, note=note, at=now)
            refund_id = decided.refunds[-1].id
            if payment.status in RELEASED:
                await self._take_back(repositories, booking, payment, decided)
            else:
                booking = await self._end(repositories, booking, note)
                if decided.refundable:
                    await self.held.post_release(repositories, booking, decided, by=Actor.ADMIN)
            await self.held.start_refunds(repositories, decided, booking, by=Actor.ADMIN)
            saved = await repositories.payments.save(decided)
            parties = booking.client.account_id, booking.developer.account_id
            entries = audited(
                PaymentActivity.REFUND_DECIDED, refund_id, *parties,
                by=by, caller=caller, at=now, booking=booking.id, number=booking.number,
                amount=str(amount.amount), currency=amount.currency, reason=note,
            )  # fmt: skip
            step = TimelineStep(
                key=refund_id,
                what=PaymentStep.REFUND_DECIDED,
                actor=Actor.ADMIN,
                at=now,
                detail=note,
                money=MoneyPosition(MoneyState.REFUNDING, amount),
                emails=to_both(PaymentStep.REFUND_DECIDED, booking),
            )
            events = bool(self.extensions.listeners)
            await record(repositories, booking, step, messages=entries, events=events)
            return saved

        return step

    async def _take_back(
        self, repositories: Repositories, booking: Booking, payment: Payment, decided: Payment
    ) -> None:
        """The parts of developer and marketplace, as they were divided at the release."""
        before, after = Shares.known(booking, payment), Shares.known(booking, decided)
        await self.held.earnings.take_back(
            repositories,
            booking,
            before.earning - after.earning,
            to=escrow(booking.id),
            fact=decided.refunds[-1].id,
            fee=before.fee - after.fee,
        )

    @staticmethod
    async def _end(repositories: Repositories, booking: Booking, reason: str) -> Booking:
        """A paid booking ends by the refund. Raises `Frozen` for a job in dispute."""
        job = await repositories.jobs.get(JobId(booking.job_id or ""))
        await repositories.jobs.save(job.cancel())
        return await repositories.bookings.save(booking.abandon(reason=reason))
