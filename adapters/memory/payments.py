"""A payment provider in memory: the same promises, and a script for its customers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.money import Money, zero
from core.payments import (
    Attempt,
    AttemptStatus,
    OrderFacts,
    OrderId,
    OrderStatus,
    RefundFact,
    RefundStatus,
)
from ports.clock import Clock
from ports.payments import (
    ForgedWebhook,
    GatewayRefused,
    GatewayUnavailable,
    Order,
    OrderUnknown,
    PaymentGateway,
    RefundOrder,
    WebhookEvent,
)

SIGNATURE = "memory"
UNDER_WAY = (AttemptStatus.PENDING, AttemptStatus.FLAGGED)


@dataclass(frozen=True, slots=True)
class GatewayTotals:
    """What the provider took in and gave back, in paise."""

    collected: int
    refunded: int


@dataclass(slots=True)
class _Account:
    """One order as the provider keeps it."""

    order: Order
    amount: Money
    closing: bool = False
    paid_by: str = ""
    attempts: dict[str, Attempt] = field(default_factory=dict)
    refunds: dict[str, RefundFact] = field(default_factory=dict)

    @property
    def under_way(self) -> bool:
        return any(a.status in UNDER_WAY for a in self.attempts.values())

    @property
    def refundable(self) -> Money:
        """What of the paid order has not been given back or promised."""
        if not self.paid_by:
            return zero(self.amount.currency)
        ours = (r.amount for r in self.refunds.values() if r.ours and _counts(r))
        return self.attempts[self.paid_by].amount - sum(ours, zero(self.amount.currency))


class MemoryGateway(PaymentGateway):
    """Keeps every promise of the port; tests say what its customers and its network do.

    `down`: every call raises `GatewayUnavailable` and does nothing. `fail_after_commit`: every
    call does its work and then raises, like an answer lost on the way. Otherwise refunds
    succeed at once, unless `refunds_succeed_at_once` is off; `finish_refunds` ends them then.
    """

    def __init__(self, clock: Clock) -> None:
        self.down = False
        self.fail_after_commit = False
        self.refunds_succeed_at_once = True
        self._clock = clock
        self._accounts: dict[str, _Account] = {}
        self._last_id = 0

    @property
    def name(self) -> str:
        return "memory"

    async def open(self, order: Order) -> str:
        self._arrive()
        account = self._accounts.setdefault(order.id, _Account(order, order.amount))
        if account.order.amount != order.amount:
            raise GatewayRefused
        self._answer()
        return f"memory://checkout/{order.id}"

    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        self._arrive()
        account = self._account(order_id)
        facts = OrderFacts(
            order_id,
            self._status(account),
            account.amount,
            tuple(account.attempts.values()),
            tuple(account.refunds.values()),
        )
        self._answer()
        return facts

    async def close(self, order_id: OrderId) -> None:
        self._arrive()
        self._account(order_id).closing = True
        self._answer()

    async def refund(self, refund: RefundOrder) -> RefundFact:
        self._arrive()
        account = self._account(refund.order_id)
        fact = account.refunds.get(refund.id) or self._new_refund(account, refund)
        if fact.amount != refund.amount:
            raise GatewayRefused
        self._answer()
        return fact

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookEvent:
        """`{"order_id": …, "id": …, "kind": …}` under the header `x-signature: memory`."""
        if headers.get("x-signature") != SIGNATURE:
            raise ForgedWebhook
        try:
            said = json.loads(body)
            return WebhookEvent(said["id"], said.get("order_id", ""), said.get("kind", "payment"))
        except (ValueError, TypeError, KeyError):
            return WebhookEvent(hashlib.sha256(body).hexdigest(), "", "unreadable")

    def pay(self, order_id: str, outcome: str = "success", amount: Money | None = None) -> str:
        """The customer tries to pay; the attempt's id.

        `outcome` is a value of `AttemptStatus`. An attempt counts as begun in time, so it may
        succeed after the order has expired or was closed. `amount`: the provider names this
        for the order and the attempt, whatever was asked for.
        """
        account = self._account(order_id)
        account.amount = amount or account.amount
        attempt = Attempt(
            self._id("pay"), AttemptStatus.PENDING, account.amount, self._clock.now(), "upi"
        )
        account.attempts[attempt.id] = attempt
        self.settle(attempt.id, outcome)
        return attempt.id

    def settle(self, attempt_id: str, outcome: str = "success") -> None:
        """An attempt ends. A second success is given back at once, as providers do."""
        account = next(a for a in self._accounts.values() if attempt_id in a.attempts)
        attempt = replace(account.attempts[attempt_id], status=AttemptStatus(outcome))
        account.attempts[attempt_id] = attempt
        if attempt.status is not AttemptStatus.SUCCESS or account.paid_by == attempt_id:
            return
        if not account.paid_by:
            account.paid_by = attempt_id
            return
        extra_id = self._id("ref")
        account.refunds[extra_id] = RefundFact(
            extra_id, "", attempt_id, attempt.amount, RefundStatus.SUCCEEDED
        )

    def finish_refunds(self, status: RefundStatus = RefundStatus.SUCCEEDED) -> None:
        """Every refund under way ends like this."""
        for account in self._accounts.values():
            for key, fact in account.refunds.items():
                if fact.status is RefundStatus.SENT:
                    account.refunds[key] = replace(fact, status=status)

    @property
    def totals(self) -> GatewayTotals:
        accounts = self._accounts.values()
        attempts = (t for a in accounts for t in a.attempts.values())
        refunds = (r for a in accounts for r in a.refunds.values())
        return GatewayTotals(
            sum(t.amount.amount for t in attempts if t.status is AttemptStatus.SUCCESS),
            sum(r.amount.amount for r in refunds if r.status is RefundStatus.SUCCEEDED),
        )

    def _new_refund(self, account: _Account, refund: RefundOrder) -> RefundFact:
        if refund.amount.amount <= 0 or refund.amount > account.refundable:
            raise GatewayRefused
        at_once = self.refunds_succeed_at_once
        status = RefundStatus.SUCCEEDED if at_once else RefundStatus.SENT
        fact = RefundFact(self._id("ref"), refund.id, account.paid_by, refund.amount, status)
        account.refunds[refund.id] = fact
        return fact

    def _status(self, account: _Account) -> OrderStatus:
        if account.paid_by:
            return OrderStatus.PAID
        if account.closing:
            return OrderStatus.CLOSING if account.under_way else OrderStatus.CLOSED
        expired = self._clock.now() >= account.order.expires_at
        return OrderStatus.EXPIRED if expired else OrderStatus.OPEN

    def _account(self, order_id: str) -> _Account:
        if order_id not in self._accounts:
            raise OrderUnknown
        return self._accounts[order_id]

    def _arrive(self) -> None:
        if self.down:
            raise GatewayUnavailable

    def _answer(self) -> None:
        if self.fail_after_commit:
            raise GatewayUnavailable

    def _id(self, prefix: str) -> str:
        self._last_id += 1
        return f"{prefix}{self._last_id}"


def _counts(refund: RefundFact) -> bool:
    return refund.status is not RefundStatus.FAILED
