"""One intent to collect money, what the gateway said of it, and what was given back.

The gateway's facts are merged as a lattice: success absorbs whatever else is said of an
attempt, so late or out-of-order news cannot undo it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, NewType, Self

from core.errors import Conflict
from core.money import Money, zero
from core.outbox import Payload

PaymentId = NewType("PaymentId", str)
OrderId = NewType("OrderId", str)
RefundId = NewType("RefundId", str)


class Status(StrEnum):
    PENDING = "pending"
    PAID = "paid"
    RECEIVED = "received"
    EXPIRED = "expired"
    REFUNDING = "refunding"
    REFUNDED = "refunded"


class PaymentStep(StrEnum):
    """The timeline entries of the money."""

    PAID = "paid"
    PAID_TOO_LATE = "paid_too_late"
    PAID_TWICE = "paid_twice"
    REFUNDED = "refunded"


class PaymentActivity(StrEnum):
    """The audit entries about money."""

    BOOKING_PAID = "booking_paid"
    PAID_TWICE = "paid_twice"
    MONEY_HELD_BACK = "money_held_back"
    MONEY_RELEASED = "money_released"
    REFUND_STARTED = "refund_owed"
    MONEY_REFUNDED = "money_refunded"


NEXT: dict[Status, frozenset[Status]] = {
    Status.PENDING: frozenset({Status.PAID, Status.EXPIRED, Status.REFUNDING}),
    Status.EXPIRED: frozenset({Status.PAID, Status.REFUNDING}),
    Status.PAID: frozenset({Status.RECEIVED, Status.REFUNDING}),
    Status.REFUNDING: frozenset({Status.REFUNDED}),
    Status.RECEIVED: frozenset(),
    Status.REFUNDED: frozenset(),
}


class AttemptStatus(StrEnum):
    PENDING = "pending"
    FLAGGED = "flagged"
    FAILED = "failed"
    DROPPED = "dropped"
    SUCCESS = "success"


RANK = {
    AttemptStatus.PENDING: 0,
    AttemptStatus.FLAGGED: 1,
    AttemptStatus.DROPPED: 2,
    AttemptStatus.FAILED: 2,
    AttemptStatus.SUCCESS: 3,
}
"""News of an attempt only ever moves it up."""


class OrderStatus(StrEnum):
    """What the gateway says of the order as a whole; `expired` is not final there."""

    OPEN = "open"
    PAID = "paid"
    EXPIRED = "expired"
    CLOSING = "closing"
    CLOSED = "closed"


class RefundStatus(StrEnum):
    DUE = "due"
    SENT = "sent"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to pay, known by the gateway's own id."""

    id: str
    status: AttemptStatus
    amount: Money
    at: datetime
    method: str = ""


@dataclass(frozen=True, slots=True)
class RefundFact:
    """What the gateway says of one refund. `ours` is our id; empty when it acted by itself."""

    id: str
    ours: str
    attempt_id: str
    amount: Money
    status: RefundStatus


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """The gateway's whole word on one order, at one moment."""

    order_id: str
    status: OrderStatus
    amount: Money
    attempts: tuple[Attempt, ...] = ()
    refunds: tuple[RefundFact, ...] = ()


@dataclass(frozen=True, slots=True)
class Refund:
    """Money we owe back. A final refusal by the gateway makes a new one, with a new id."""

    id: RefundId
    amount: Money
    reason: str
    status: RefundStatus = RefundStatus.DUE


class IllegalTransition(Conflict):
    """The payment has moved on in the meantime."""

    code = "payment_moved_on"


@dataclass(frozen=True, slots=True)
class Payment:
    """Written before the gateway is called; `order_id` is ours, so a repeat finds the order."""

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
    """The attempt whose money is ours to hold."""
    refunds: tuple[Refund, ...] = ()
    mismatch: bool = False
    """The gateway named another amount: nothing moves until a person has decided."""
    version: int = 0

    @property
    def open(self) -> bool:
        return self.status is Status.PENDING

    @property
    def refunded(self) -> Money:
        done = (r.amount for r in self.refunds if r.status is RefundStatus.SUCCEEDED)
        return sum(done, zero(self.amount.currency))

    @property
    def has_open_attempt(self) -> bool:
        return any(
            a.status in (AttemptStatus.PENDING, AttemptStatus.FLAGGED) for a in self.attempts
        )

    @property
    def extra_payments(self) -> tuple[Attempt, ...]:
        """Successful attempts beyond the one we hold; the gateway returns these by itself."""
        return tuple(
            a for a in self.attempts if a.status is AttemptStatus.SUCCESS and a.id != self.captured
        )

    def with_checkout_url(self, url: str) -> Self:
        return replace(self, checkout_url=url)

    def merge(self, facts: OrderFacts) -> Self:
        """Merge what the gateway says of the attempts; never forgets, never goes back."""
        known = {attempt.id: attempt for attempt in self.attempts}
        for news in facts.attempts:
            before = known.get(news.id)
            if before is None or RANK[news.status] > RANK[before.status]:
                known[news.id] = news
        merged = tuple(sorted(known.values(), key=lambda a: (a.at, a.id)))
        return replace(self, attempts=merged, mismatch=self.mismatch or self._differs(facts))

    def first_success(self, facts: OrderFacts) -> Attempt | None:
        """The attempt that pays this, if the gateway calls the order paid for our amount.

        Never one whose money the gateway has sent back by itself.
        """
        if facts.status is not OrderStatus.PAID or self.mismatch or self.captured:
            return None
        returned = {refund.attempt_id for refund in facts.refunds if not refund.ours}
        paid = (a for a in self.attempts if a.status is AttemptStatus.SUCCESS)
        return next((attempt for attempt in paid if attempt.id not in returned), None)

    def pay(self, attempt: Attempt) -> Self:
        return replace(self._step(Status.PAID), captured=attempt.id)

    def expire(self) -> Self:
        return self._step(Status.EXPIRED)

    def release(self) -> Self:
        """The client approved: the held money is the developer's."""
        return self._step(Status.RECEIVED)

    def refund(self, amount: Money, *, reason: str) -> Self:
        """Owe that much back. `reason` names the fact, so the refund's id is always the same."""
        refund = Refund(self._refund_id(len(self.refunds)), amount, reason)
        return replace(self._step(Status.REFUNDING), refunds=(*self.refunds, refund))

    def refund_unwanted(self, attempt: Attempt, *, reason: str) -> Self:
        """Money for a booking that is over: take it into the books and owe it back in full."""
        return replace(self, captured=attempt.id).refund(self.amount, reason=reason)

    def merge_refunds(self, facts: Iterable[RefundFact]) -> Self:
        """Merge what the gateway says of our refunds; a final refusal makes a new one."""
        payment = self
        for fact in facts:
            payment = payment._merge_refund(fact)
        owed = [r for r in payment.refunds if r.status is not RefundStatus.FAILED]
        if payment.status is Status.REFUNDING and all(
            r.status is RefundStatus.SUCCEEDED for r in owed
        ):
            payment = replace(payment, status=Status.REFUNDED)
        return payment

    def _merge_refund(self, fact: RefundFact) -> Self:
        mine = next((r for r in self.refunds if r.id == fact.ours), None)
        if mine is None or mine.status in (RefundStatus.SUCCEEDED, RefundStatus.FAILED):
            return self
        refunds = tuple(
            replace(r, status=fact.status) if r.id == mine.id else r for r in self.refunds
        )
        if fact.status is RefundStatus.FAILED:
            again = Refund(self._refund_id(len(refunds)), mine.amount, mine.reason)
            refunds = (*refunds, again)
        return replace(self, refunds=refunds)

    @property
    def refunds_due(self) -> tuple[Refund, ...]:
        return tuple(r for r in self.refunds if r.status is RefundStatus.DUE)

    def _refund_id(self, number: int) -> RefundId:
        letters = "".join(mark for mark in self.id if mark.isalnum())
        return RefundId(f"rfd{letters}n{number}")

    def _differs(self, facts: OrderFacts) -> bool:
        less = any(
            a.status is AttemptStatus.SUCCESS
            and (a.amount.currency != self.amount.currency or a.amount < self.amount)
            for a in facts.attempts
        )
        return facts.amount != self.amount or less

    def _step(self, status: Status) -> Self:
        if status not in NEXT[self.status]:
            raise IllegalTransition
        return replace(self, status=status)


@dataclass(frozen=True, slots=True)
class OpenCheckout(Payload):
    """Make the order at the gateway, unless the request has done so."""

    kind: ClassVar[str] = "payments.open"
    payment: PaymentId


@dataclass(frozen=True, slots=True)
class WebhookReceived(Payload):
    """A webhook concerns this order: ask the gateway for its state."""

    kind: ClassVar[str] = "payments.heard"
    order: OrderId


@dataclass(frozen=True, slots=True)
class SendRefunds(Payload):
    """Ask the gateway for every refund that is due."""

    kind: ClassVar[str] = "payments.refund"
    payment: PaymentId


@dataclass(frozen=True, slots=True)
class CloseOrder(Payload):
    """No new attempt to pay may begin."""

    kind: ClassVar[str] = "payments.close"
    payment: PaymentId


@dataclass(frozen=True, slots=True)
class PollGateway(Payload):
    """Ask the gateway without a webhook; question `turn` of the chain `name`."""

    kind: ClassVar[str] = "payments.poll"
    payment: PaymentId
    turn: int
    since: datetime
    name: str


@dataclass(frozen=True, slots=True)
class ExpectReturn(Payload):
    """A second payment should have been returned by the gateway."""

    kind: ClassVar[str] = "payments.expect_return"
    payment: PaymentId
    attempt: str
