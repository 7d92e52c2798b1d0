"""Small faults in code that moves money, each with the invariant that the state machine finds it
by. Each fault is put in for the time of a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from core import jobs
from core.earnings import Balance, Clearing
from core.jobs import Job
from core.money import Money
from core.payments import Payment
from core.payments_facts import AttemptStatus, OrderFacts, OrderStatus
from core.transactions import Line, Transaction, earnings, movement
from core.transactions import gateway as gateway_account
from core.withdrawals import Status, Withdrawal
from ports.store import Repositories
from services.payments import PaymentService, held_money, settlement
from services.payments import earnings as payment_earnings
from services.payments.held_money import HeldMoney
from services.payments.ledger import duplicate_payment_entry, release_entry
from services.withdrawals import outcomes, sending
from services.withdrawals.entries import give_back, pay_out
from tests.services.defences import (
    Switch,
    amount_check,
    guarded_balance,
    hours_are_unique,
    one_a_day,
    sent_is_sent,
    unknown_is_not_failed,
)


def fee_twice(patch: pytest.MonkeyPatch) -> None:
    known = release_entry

    def entry(*given: Any) -> Transaction:
        made = known(*given)
        source, share, fee = made.lines
        lines = (source, replace(share, amount=share.amount - fee.amount),
                 replace(fee, amount=fee.amount + fee.amount))  # fmt: skip
        return replace(made, lines=lines)

    patch.setattr(held_money, "release_entry", entry)


def one_paisa_too_much_back(patch: pytest.MonkeyPatch) -> None:
    """A dispute or cancellation gives the client a paisa that the developer gets, too."""
    known = Payment.refund

    def refund(self: Payment, amount: Money, **given: Any) -> Payment:
        return known(self, amount + Money(1) if amount < self.amount else amount, **given)

    patch.setattr(Payment, "refund", refund)


def refund_beyond_paid(patch: pytest.MonkeyPatch) -> None:
    known = Payment.refund

    def refund(self: Payment, amount: Money, **given: Any) -> Payment:
        return known(self, amount + amount, **given)

    patch.setattr(Payment, "refund", refund)


def no_freeze_in_disputes(patch: pytest.MonkeyPatch) -> None:
    """Work can be approved, and its money released, while a dispute is open."""
    after = jobs.NEXT[jobs.Status.DISPUTED] | {jobs.Status.APPROVED}
    patch.setattr(jobs, "FROZEN", frozenset())
    patch.setitem(jobs.NEXT, jobs.Status.DISPUTED, after)


def approved_too_early(patch: pytest.MonkeyPatch) -> None:
    """The automatic approval does not wait for the end of the review."""

    def auto_approve(self: Job, *, delivery: int, now: datetime) -> Job:
        return self.approve()

    patch.setattr(Job, "auto_approve", auto_approve)
    patch.setattr(Job, "__post_init__", lambda self: None)
    known = Job.deliver

    def deliver(self: Job, *, now: datetime) -> Job:
        return replace(known(self, now=now), approve_by=now)

    patch.setattr(Job, "deliver", deliver)


def clears_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Clearing, "clear", lambda self: self)


def release_without_balance(patch: pytest.MonkeyPatch) -> None:
    """The ledger has the release, the running balance has not."""

    async def skipped(repositories: Repositories, developer_id: str, entry: Transaction) -> None:
        return None

    patch.setattr(payment_earnings, "apply", skipped)


def debts_are_not_netted(patch: pytest.MonkeyPatch) -> None:
    def credit(self: Balance, amount: Money) -> tuple[Line, ...]:
        return (Line(earnings(self.developer_id), amount),)

    patch.setattr(Balance, "credit", credit)


def webhooks_are_believed(patch: pytest.MonkeyPatch) -> None:
    """The payment is settled as paid without asking the provider."""
    known = PaymentService._fetch_order

    async def fetch(self: PaymentService, payment: Payment) -> OrderFacts:
        facts = await known(self, payment)
        paid = tuple(replace(each, status=AttemptStatus.SUCCESS) for each in facts.attempts)
        return replace(facts, status=OrderStatus.PAID, attempts=paid) if paid else facts

    patch.setattr(PaymentService, "_fetch_order", fetch)


def second_payment_is_ours(patch: pytest.MonkeyPatch) -> None:
    known = duplicate_payment_entry

    def entry(payment: Payment, extra: Any, at: datetime) -> Transaction:
        made = known(payment, extra, at)
        place = f"escrow:{payment.booking_id}"
        lines = movement(extra.amount, source=gateway_account(payment.provider), target=place)
        return replace(made, lines=lines)

    patch.setattr(settlement, "duplicate_payment_entry", entry)


def paid_out_when_sent(patch: pytest.MonkeyPatch) -> None:
    """The money counts as arrived before the bank has said so."""
    known = sending.SendingService._mark_sent

    async def mark(
        self: sending.SendingService, withdrawal_id: Any, repositories: Repositories
    ) -> Withdrawal:
        sent = await known(self, withdrawal_id, repositories)
        await pay_out(repositories, sent, at=self.clock.now())
        return sent

    patch.setattr(sending.SendingService, "_mark_sent", mark)


def failed_money_is_not_back(patch: pytest.MonkeyPatch) -> None:
    async def back(repositories: Repositories, withdrawal: Withdrawal, **given: Any) -> None:
        if withdrawal.status is not Status.FAILED:
            await give_back(repositories, withdrawal, **given)

    patch.setattr(outcomes, "give_back", back)


def refunds_are_not_polled(patch: pytest.MonkeyPatch) -> None:
    async def enqueue(self: HeldMoney, repositories: Repositories, payment: Payment) -> None:
        return None

    patch.setattr(HeldMoney, "enqueue_refunds", enqueue)


def less_clears_than_was_earned(patch: pytest.MonkeyPatch) -> None:
    """Lost money is taken from what clears, and once more from what is ready."""
    known = Clearing.take

    def take(self: Clearing, amount: Money) -> tuple[Clearing, Money]:
        left, _ = known(self, amount)
        return left, amount * 0

    patch.setattr(Clearing, "take", take)


FAULTS: Mapping[str, Switch] = {
    "the fee is taken twice": fee_twice,
    "a shared refund is one paisa too high": one_paisa_too_much_back,
    "more is refunded than was paid": refund_beyond_paid,
    "money is released during a dispute": no_freeze_in_disputes,
    "work is approved before the review ends": approved_too_early,
    "money clears twice": clears_again,
    "a release is not in the balance": release_without_balance,
    "debts are not netted": debts_are_not_netted,
    "the provider is not asked": webhooks_are_believed,
    "another amount is accepted": amount_check,
    "a second payment is kept": second_payment_is_ours,
    "a withdrawal counts as arrived when it is sent": paid_out_when_sent,
    "failed withdrawals are not given back": failed_money_is_not_back,
    "no answer of the bank is a failure": unknown_is_not_failed,
    "what was sent can be taken back": sent_is_sent,
    "the balance is not guarded": guarded_balance,
    "withdrawals are not limited to one a day": one_a_day,
    "refunds are recorded and never requested": refunds_are_not_polled,
    "lost money is taken twice": less_clears_than_was_earned,
    "an hour can be sold twice": hours_are_unique,
}
"""By name: what puts it in."""
