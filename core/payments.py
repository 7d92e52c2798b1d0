"""Payments: an intent to collect money, the attempts the gateway reports, and refunds.

The states of an attempt form a lattice (`RANK` in core/payments_facts.py): an update never lowers
it, so late or out-of-order facts cannot undo a success.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType, Self

from core.errors import Conflict, Invalid, OneHourError
from core.money import Money, zero
from core.payments_facts import (
    RANK,
    RETURNED,
    UNDER_WAY,
    WAITING,
    Attempt,
    AttemptStatus,
    OrderFacts,
    OrderId,
    OrderStatus,
    RefundFact,
    RefundStatus,
)
from core.payments_policy import PaymentPolicy
from core.text import checked_text

PaymentId = NewType("PaymentId", str)
RefundId = NewType("RefundId", str)

REASON_MAXIMUM = 500
"""Characters of what an administrator writes about a refund."""
REFERENCE_MAXIMUM = 60
"""Characters of the reference of a transfer outside of the provider."""
DECIDED = "Refunded by an administrator."
"""The reason of such a refund in the ledger, which must not contain what people write."""


class Status(StrEnum):
    PENDING = "pending"
    PAID = "paid"
    RECEIVED = "received"
    EXPIRED = "expired"
    REFUNDING = "refunding"
    REFUNDED = "refunded"


class PaymentStep(StrEnum):
    """Kinds of timeline entries of a payment. The values are stored."""

    PAID = "paid"
    PAID_TOO_LATE = "paid_too_late"
    PAID_TWICE = "paid_twice"
    REFUNDED = "refunded"
    REFUND_DECIDED = "refund_decided"
    REFUND_STOPPED = "refund_stopped"
    REFUND_RETRIED = "refund_retried"
    PAID_OTHERWISE = "refund_paid_otherwise"


class PaymentActivity(StrEnum):
    """Kinds of audit entries about money. The values are stored."""

    BOOKING_PAID = "booking_paid"
    PAID_TWICE = "paid_twice"
    MONEY_HELD_BACK = "money_held_back"
    MONEY_RELEASED = "money_released"
    REFUND_STARTED = "refund_owed"
    MONEY_REFUNDED = "money_refunded"
    REFUND_DECIDED = "refund_decided"
    REFUND_RETRIED = "refund_retried"
    REFUND_PAID_OTHERWISE = "refund_paid_otherwise"


NEXT: dict[Status, frozenset[Status]] = {
    Status.PENDING: frozenset({Status.PAID, Status.EXPIRED, Status.REFUNDING}),
    Status.EXPIRED: frozenset({Status.PAID, Status.REFUNDING}),
    # A lost chargeback can return all of it, and a later instance can take that back.
    Status.PAID: frozenset({Status.RECEIVED, Status.REFUNDING, Status.REFUNDED}),
    Status.REFUNDING: frozenset({Status.REFUNDED}),
    # An administrator refunds what was released, or more of what was refunded in part.
    Status.RECEIVED: frozenset({Status.REFUNDED, Status.REFUNDING}),
    Status.REFUNDED: frozenset({Status.RECEIVED, Status.REFUNDING}),
}
"""The allowed transitions."""
RELEASED = frozenset({Status.RECEIVED, Status.REFUNDED})
"""What is not refunded was released to the developer."""


@dataclass(frozen=True, slots=True)
class Refund:
    """Money to return to the client. If the gateway refuses it finally, a new one with a new id
    replaces it, a bounded number of times; then it is stopped."""

    id: RefundId
    amount: Money
    reason: str
    status: RefundStatus = RefundStatus.DUE
    due_at: datetime | None = None
    """When it is requested at the gateway; None for one that an earlier version stored."""
    note: str = ""
    """What an administrator wrote about it for both sides."""
    attempt: int = 1
    """Which request of this money it is, since an administrator asked for it last."""
    stopped_at: datetime | None = None
    reference: str = ""
    """That of the transfer by which it was paid outside of the provider."""
    refused: str = ""
    """Why the provider has refused it, in its words; for operators."""
    suspended: bool = False
    """Of suspended money, which is no part of what pays the booking."""


class RefundTooLarge(OneHourError):
    """A refund of more than is left of the payment, or of nothing."""

    code = "refund_too_large"


class IllegalTransition(Conflict):
    """The payment has changed in the meantime."""

    code = "payment_moved_on"


class UnderChargeback(IllegalTransition):
    """The client's bank has questioned this payment. Its money cannot move until the bank has
    decided."""

    code = "under_chargeback"


class NothingSuspended(Conflict):
    """No money of this payment is suspended any more."""

    code = "nothing_suspended"


class NotStopped(Conflict):
    """This refund does not wait for an administrator any more."""

    code = "refund_not_stopped"


class NotRefundable(Conflict):
    """Nothing of this payment can be refunded."""

    code = "not_refundable"


@dataclass(frozen=True, slots=True)
class Payment:
    """The payment of one booking, stored before the gateway is called. `order_id` is our own id, so
    a repeated call finds the same order. Times are in UTC."""

    id: PaymentId
    booking_id: str
    client_id: str
    developer_id: str
    amount: Money
    provider: str
    order_id: OrderId
    order_expires_at: datetime
    created_at: datetime
    status: Status = Status.PENDING
    checkout_url: str | None = None
    attempts: tuple[Attempt, ...] = ()
    captured: str | None = None
    """The id of the attempt whose money pays the booking."""
    refunds: tuple[Refund, ...] = ()
    mismatch: bool = False
    """The gateway reported another amount: no money moves until an operator has decided."""
    contested: tuple[str, ...] = ()
    """The ids of the chargebacks that are not decided."""
    set_aside: Money | None = None
    """What they have taken out of this payment until then."""
    charged_back: Money | None = None
    """What the client has got back by chargebacks that were lost."""
    version: int = 0

    @property
    def open(self) -> bool:
        return self.status is Status.PENDING

    @property
    def unsettled(self) -> bool:
        """Whether the provider has yet to say how it ends, or how its refund does."""
        return self.status is Status.PENDING or self.refunding

    @property
    def refunding(self) -> bool:
        """Whether a refund is not confirmed, also one of suspended money."""
        under_way = any(r.status in WAITING for r in self.suspended_refunds)
        return self.status is Status.REFUNDING or under_way

    @property
    def price_refunds(self) -> tuple[Refund, ...]:
        """Those of the money that pays the booking. Only these have refund notes."""
        return tuple(r for r in self.refunds if not r.suspended)

    @property
    def suspended_refunds(self) -> tuple[Refund, ...]:
        return tuple(r for r in self.refunds if r.suspended)

    @property
    def refunded(self) -> Money:
        """The sum of the refunds that the client has."""
        done = (r.amount for r in self.price_refunds if r.status in RETURNED)
        return sum(done, zero(self.amount.currency))

    @property
    def returning(self) -> Money:
        """The sum of the refunds that are due, requested, stopped or with the client."""
        current = (r.amount for r in self.price_refunds if r.status is not RefundStatus.FAILED)
        return sum(current, zero(self.amount.currency))

    @property
    def returned(self) -> Money:
        """The sum of the refunds that were not refused and of lost chargebacks."""
        return self.returning + (self.charged_back or zero(self.amount.currency))

    @property
    def left(self) -> Money:
        """What is neither returned nor set aside: the client's money that is held or released."""
        return self.amount - self.returned - (self.set_aside or zero(self.amount.currency))

    @property
    def paid_by(self) -> Attempt | None:
        """The attempt whose money pays the booking, once there is one."""
        return next((a for a in self.attempts if a.id == self.captured), None)

    @property
    def has_open_attempt(self) -> bool:
        """Whether an attempt can still succeed."""
        return any(
            a.status in (AttemptStatus.PENDING, AttemptStatus.FLAGGED) for a in self.attempts
        )

    @property
    def extra_payments(self) -> tuple[Attempt, ...]:
        """Successful attempts besides `captured`. The gateway refunds them automatically."""
        return tuple(
            a for a in self.attempts if a.status is AttemptStatus.SUCCESS and a.id != self.captured
        )

    def credited(self, paid: Money) -> Money:
        """What the provider has for us of an amount that a customer paid, or that it returned by
        itself: not the surcharge, which is paid on top for the provider. Of an order with another
        amount, all of it is held back."""
        return paid if self.mismatch else min(paid, self.amount)

    def with_checkout_url(self, url: str) -> Self:
        """The payment with the URL of its checkout page."""
        return replace(self, checkout_url=url)

    def merge(self, facts: OrderFacts) -> Self:
        """Merge the reported attempts into the stored ones, by rank. Sets `mismatch` if the amount
        differs."""
        attempts = {attempt.id: attempt for attempt in self.attempts}
        for reported in facts.attempts:
            stored = attempts.get(reported.id)
            if stored is None or RANK[reported.status] > RANK[stored.status]:
                attempts[reported.id] = reported
        merged = tuple(sorted(attempts.values(), key=lambda a: (a.at, a.id)))
        return replace(self, attempts=merged, mismatch=self.mismatch or self._differs(facts))

    def first_success(self, facts: OrderFacts) -> Attempt | None:
        """The attempt that pays this payment, if the gateway reports the order as paid with our
        amount. Attempts that the gateway refunded automatically are left out.
        """
        if facts.status is not OrderStatus.PAID or self.mismatch or self.captured:
            return None
        returned = {refund.attempt_id for refund in facts.refunds if not refund.ours}
        paid = (a for a in self.attempts if a.status is AttemptStatus.SUCCESS)
        return next((attempt for attempt in paid if attempt.id not in returned), None)

    def pay(self, attempt: Attempt) -> Self:
        return replace(self._to(Status.PAID), captured=attempt.id)

    def expire(self) -> Self:
        return self._to(Status.EXPIRED)

    def release(self) -> Self:
        """The client approved: the money belongs to the developer. Raises `IllegalTransition`."""
        if self.status is not Status.PAID:
            raise IllegalTransition
        return self._to(Status.RECEIVED)

    def refund(self, amount: Money, *, reason: str, at: datetime) -> Self:
        """The payment with a refund of `amount` of held money, due at `at`. Raises
        `IllegalTransition` and `RefundTooLarge`."""
        if self.status in RELEASED:
            raise IllegalTransition
        return self._refund(amount, reason=reason, at=at)

    def decide_refund(self, amount: Money, *, note: str, at: datetime) -> Self:
        """An administrator refunds `amount`, due at `at`, and writes a `note` for both sides.

        Raises `NotRefundable` unless the money was paid and no refund is in progress, and `Invalid`
        for more than `refundable`.
        """
        self.check_refundable()
        if not 0 < amount.amount <= self.refundable.amount or amount.currency != self.currency:
            raise Invalid(amount="Enter an amount above zero, up to what can still be refunded.")
        return self._refund(amount, reason=DECIDED, at=at, note=note)

    def return_suspended(self, balance: Money, *, note: str, at: datetime) -> Self:
        """An administrator returns all suspended money that is not being returned, due at `at`.
        `balance` is what the ledger has suspended of this payment. Raises `NothingSuspended`, and
        `UnderChargeback`: the bank may return it then."""
        if self.contested:
            raise UnderChargeback
        left = self.suspended_left(balance)
        if left.amount <= 0:
            raise NothingSuspended
        number = self._refund_id(len(self.refunds))
        refund = Refund(number, left, DECIDED, due_at=at, note=note, suspended=True)
        return replace(self, refunds=(*self.refunds, refund))

    @property
    def review_ended(self) -> bool:
        """Whether money of another amount went back to the payer."""
        back = any(r.status in RETURNED for r in self.suspended_refunds)
        return self.mismatch and back and not self.refunding

    def suspended_left(self, balance: Money) -> Money:
        """What of it is not being returned."""
        leaving = (r.amount for r in self.suspended_refunds if r.status in WAITING)
        return balance - sum(leaving, zero(self.currency))

    def check_refundable(self) -> None:
        """Raises `NotRefundable` with the reason if an administrator cannot refund it now."""
        if self.mismatch or self.captured is None:
            raise NotRefundable("Nothing was paid that could be refunded here.")
        if self.contested or self.charged_back:
            raise NotRefundable("The client's bank has questioned this payment and divides it.")
        if self.status is Status.REFUNDING:
            raise NotRefundable("A refund is in progress. Wait until it is confirmed.")
        if not self.refundable:
            raise NotRefundable("Everything was refunded.")

    @property
    def refundable(self) -> Money:
        """What is neither refunded nor being refunded, if the money was paid."""
        return self.left if self.captured else zero(self.currency)

    @property
    def currency(self) -> str:
        return self.amount.currency

    def _refund(self, amount: Money, *, reason: str, at: datetime, note: str = "") -> Self:
        """Raises `RefundTooLarge` for more than what is left of the payment, and for nothing."""
        if amount.currency != self.currency or not 0 < amount.amount <= self.left.amount:
            raise RefundTooLarge(f"{self.id}: {amount} of {self.left} cannot be refunded.")
        refund = Refund(self._refund_id(len(self.refunds)), amount, reason, due_at=at, note=note)
        return replace(self._to(Status.REFUNDING), refunds=(*self.refunds, refund))

    def refund_unwanted(self, attempt: Attempt, *, reason: str, at: datetime) -> Self:
        """Accept money for a booking that has ended, and make its full refund due at `at`."""
        return replace(self, captured=attempt.id).refund(self.amount, reason=reason, at=at)

    def contest(self, chargeback: str, amount: Money) -> Self:
        """`amount` of it is set aside until this chargeback is decided."""
        return replace(
            self,
            contested=(*self.contested, chargeback),
            set_aside=(self.set_aside or zero(amount.currency)) + amount,
        )

    def end_contest(self, chargeback: str, amount: Money) -> Self:
        """The amount is here again, or with the client."""
        rest = (self.set_aside or zero(amount.currency)) - amount
        others = tuple(each for each in self.contested if each != chargeback)
        return replace(self, contested=others, set_aside=rest if others else None)

    def charge_back(self, amount: Money) -> Self:
        """A chargeback was lost: the client has got `amount` back. If nothing is left, the payment
        is refunded."""
        lost = (self.charged_back or zero(amount.currency)) + amount
        after = replace(self, charged_back=lost)
        over = not after.left and not after.set_aside
        if over and self.status in (Status.PAID, Status.RECEIVED):
            return replace(after, status=Status.REFUNDED)
        return after

    def recover(self, amount: Money, *, released: bool) -> Self:
        """A lost chargeback was taken to the next instance: `amount` is not with the client any
        more. Money that was not released ended its booking, so that payment stays refunded."""
        lost = (self.charged_back or zero(amount.currency)) - amount
        after = replace(self, charged_back=lost if lost else None)
        if self.status is Status.REFUNDED and not self.refunds and released:
            return replace(after, status=Status.RECEIVED)
        return after

    def merge_refunds(
        self, facts: Iterable[RefundFact], *, now: datetime, policy: PaymentPolicy
    ) -> Self:
        """Merge the reported refunds. A refund that was refused finally is replaced by a new one,
        which is due later, or stopped if it was requested often enough."""
        payment = self
        for fact in facts:
            payment = payment._merge_refund(fact, now, policy)
        return payment._refunded_if_done()

    def _merge_refund(self, fact: RefundFact, now: datetime, policy: PaymentPolicy) -> Self:
        mine = next((r for r in self.refunds if r.id == fact.ours), None)
        if mine is None or mine.status in RETURNED or mine.status is RefundStatus.FAILED:
            return self
        if fact.status is not RefundStatus.FAILED:
            # A stopped one is not open again because of an old report; a success is one.
            if mine.status is RefundStatus.STOPPED and fact.status is not RefundStatus.SUCCEEDED:
                return self
            return self._with(replace(mine, status=fact.status, stopped_at=None))
        if mine.status is RefundStatus.STOPPED:
            return self
        mine = replace(mine, refused=fact.reason)
        again_at = policy.refund_again_at(mine.attempt, now=now)
        if again_at is None:
            return self._with(replace(mine, status=RefundStatus.STOPPED, stopped_at=now))
        return self._replace_refused(mine, at=again_at, attempt=mine.attempt + 1)

    def retry_refund(self, refund_id: RefundId, *, now: datetime) -> Self:
        """An administrator has a stopped refund requested again, now and under a new id. Raises
        `NotStopped`, and `UnderChargeback`."""
        return self._replace_refused(self._stopped(refund_id), at=now, attempt=1)

    def pay_otherwise(self, refund_id: RefundId, *, reference: str, note: str) -> Self:
        """An administrator has paid a stopped refund outside of the provider. Raises `NotStopped`,
        and `UnderChargeback`: the bank may pay it then."""
        paid = replace(
            self._stopped(refund_id),
            status=RefundStatus.PAID_OTHERWISE,
            reference=reference,
            note=note,
        )
        return self._with(paid)._refunded_if_done()

    @property
    def retries(self) -> bool:
        """Whether a refund that was refused is requested again by itself."""
        return any(r.attempt > 1 and r.status in UNDER_WAY for r in self.refunds)

    @property
    def refunds_stopped(self) -> tuple[Refund, ...]:
        """Refunds that wait for an administrator."""
        return tuple(r for r in self.refunds if r.status is RefundStatus.STOPPED)

    def _stopped(self, refund_id: RefundId) -> Refund:
        found = next((r for r in self.refunds_stopped if r.id == refund_id), None)
        if found is None:
            raise NotStopped
        if self.contested:
            raise UnderChargeback
        return found

    def _replace_refused(self, refused: Refund, *, at: datetime, attempt: int) -> Self:
        """Only what was refused finally has a new id: for an unknown outcome the same id is asked
        for again."""
        again = Refund(
            self._refund_id(len(self.refunds)),
            refused.amount,
            refused.reason,
            due_at=at,
            note=refused.note,
            attempt=attempt,
            suspended=refused.suspended,
        )
        payment = self._with(replace(refused, status=RefundStatus.FAILED))
        return replace(payment, refunds=(*payment.refunds, again))

    def _with(self, refund: Refund) -> Self:
        refunds = tuple(refund if r.id == refund.id else r for r in self.refunds)
        return replace(self, refunds=refunds)

    def _refunded_if_done(self) -> Self:
        current = (r for r in self.price_refunds if r.status is not RefundStatus.FAILED)
        if self.status is Status.REFUNDING and all(r.status in RETURNED for r in current):
            return replace(self, status=Status.REFUNDED)
        return self

    @property
    def refunds_due(self) -> tuple[Refund, ...]:
        """Refunds that were not sent to the gateway yet."""
        return tuple(r for r in self.refunds if r.status is RefundStatus.DUE)

    def _refund_id(self, number: int) -> RefundId:
        letters = "".join(char for char in self.id if char.isalnum())
        return RefundId(f"rfd{letters}n{number}")

    def _differs(self, facts: OrderFacts) -> bool:
        less = any(
            a.status is AttemptStatus.SUCCESS
            and (a.amount.currency != self.amount.currency or a.amount < self.amount)
            for a in facts.attempts
        )
        return facts.amount != self.amount or less

    def _to(self, status: Status) -> Self:
        if status not in NEXT[self.status]:
            raise IllegalTransition
        if self.contested and self.status is Status.PAID:
            raise UnderChargeback
        return replace(self, status=status)


def checked_reference(text: str) -> str:
    """The reference of a transfer, such as a UTR number, as it is stored. Raises `Invalid`."""
    if not text.strip():
        raise Invalid(reference="Enter the reference of the transfer. The client finds it by that.")
    return checked_text(text, field="reference", maximum=REFERENCE_MAXIMUM, called="reference")


def checked_note(text: str) -> str:
    """What an administrator writes about a refund, as it is stored. Raises `Invalid`."""
    if not text.strip():
        raise Invalid(reason="Say why. Both sides read it.")
    return checked_text(text, field="reason", maximum=REASON_MAXIMUM, lines=True, called="reason")
