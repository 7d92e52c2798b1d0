"""Suspended money: it arrived, and pays for nothing. An administrator returns it to the payer.

It has another amount than the order, or came back from a bank after the booking had ended.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.accounts import Account
from core.bookings import BookingId
from core.payments import Payment, PaymentActivity, PaymentId, PaymentStep, checked_note
from core.sessions import Caller
from core.timeline import Actor, MoneyPosition, MoneyState
from ports.clock import Clock
from ports.extensions import Extensions
from ports.store import Repositories, Store
from services.payments.held_money import HeldMoney
from services.payments.suspense import suspended
from services.shared.money_actions import Preview, Step, act, audited, check_not_own, preview
from services.timeline import TimelineStep, record


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendedMoney:
    """The caller has checked that `by` is an administrator with a fresh code."""

    store: Store
    held: HeldMoney
    clock: Clock
    extensions: Extensions

    async def preview(
        self, payment_id: PaymentId, *, by: Account, caller: Caller, reason: str
    ) -> Preview:
        """What `give_back` would book and request now, and whom it would tell. Raises what it
        raises."""
        return await preview(self.store, self._step(payment_id, by, caller, reason))

    async def give_back(
        self,
        payment_id: PaymentId,
        *,
        by: Account,
        caller: Caller,
        reason: str,
        expected: str | None = None,
    ) -> Payment:
        """Have the provider return all that is suspended and not being returned; the client reads
        the reason. It is booked when the provider has confirmed it, and if it refuses, it goes on
        as any refund. `expected` is the digest of the preview.

        Raises `NotFound`, `Invalid`, `NothingSuspended`, `UnderChargeback`, `OwnMoney` and
        `PreviewOutdated`.
        """
        step = self._step(payment_id, by, caller, reason)
        return await act(self.store, step, expected=expected)

    def _step(
        self, payment_id: PaymentId, by: Account, caller: Caller, reason: str
    ) -> Step[Payment]:
        now, note = self.clock.now(), checked_note(reason)

        async def step(repositories: Repositories) -> Payment:
            before = await repositories.payments.get(payment_id)
            booking = await repositories.bookings.get(BookingId(before.booking_id))
            check_not_own(by, booking.client.account_id, booking.developer.account_id)
            ledger = await repositories.transactions.of_booking(booking.id)
            after = before.return_suspended(suspended(before, ledger), note=note, at=now)
            refund = after.refunds[-1]
            await self.held.start_refunds(repositories, after, booking, by=Actor.ADMIN)
            saved = await repositories.payments.save(after)
            audits = audited(
                PaymentActivity.REFUND_DECIDED, refund.id, booking.client.account_id,
                by=by, caller=caller, at=now, booking=booking.id, number=booking.number,
                amount=str(refund.amount.amount), currency=refund.amount.currency, reason=note,
            )  # fmt: skip
            told = TimelineStep(
                key=refund.id,
                what=PaymentStep.REFUND_DECIDED,
                actor=Actor.ADMIN,
                at=now,
                detail=note,
                money=MoneyPosition(MoneyState.REFUNDING, refund.amount),
                emails=((PaymentStep.REFUND_DECIDED.value, booking.client.account_id),),
            )
            events = bool(self.extensions.listeners)
            await record(repositories, booking, told, messages=audits, events=events)
            return saved

        return step
