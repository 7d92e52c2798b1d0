"""A payment gateway in memory, whose customers are controlled by tests."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from adapters.memory.chargebacks import MemoryChargebacks
from adapters.memory.settlements import MemorySettlements
from core.money import Money, zero
from core.payments_facts import (
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

SIGNATURE = "x-signature"
KEY = b"a key for webhooks in tests"
OPEN = (AttemptStatus.PENDING, AttemptStatus.FLAGGED)


@dataclass(frozen=True, slots=True)
class GatewayTotals:
    """The collected and refunded amounts, in minor units (paise)."""

    collected: int
    refunded: int


@dataclass(slots=True)
class _StoredOrder:
    """One order as the provider stores it. `paid_by` is the id of the attempt that paid it."""

    order: Order
    amount: Money
    closing: bool = False
    paid_by: str = ""
    attempts: dict[str, Attempt] = field(default_factory=dict)
    surcharges: dict[str, Money] = field(default_factory=dict)
    """What customers pay on top of an attempt for the provider, which keeps it."""
    refunds: dict[str, RefundFact] = field(default_factory=dict)

    @property
    def has_open_attempt(self) -> bool:
        return any(a.status in OPEN for a in self.attempts.values())

    @property
    def refundable(self) -> Money:
        """The amount of the paid order without its refunds."""
        if not self.paid_by:
            return zero(self.amount.currency)
        ours = (r.amount for r in self.refunds.values() if r.ours and _counts(r))
        return self.credited(self.paid_by) - sum(ours, zero(self.amount.currency))

    def credited(self, attempt_id: str) -> Money:
        """What we are credited for an attempt: not what the provider keeps of it."""
        kept = self.surcharges.get(attempt_id, zero(self.amount.currency))
        return self.attempts[attempt_id].amount - kept

    @property
    def collected(self) -> Money:
        """What we are credited for all that succeeded."""
        paid = (key for key, a in self.attempts.items() if a.status is AttemptStatus.SUCCESS)
        return sum((self.credited(key) for key in paid), zero(self.amount.currency))

    @property
    def refunded(self) -> Money:
        """What refunds have taken from us. An automatic one takes what the attempt has given."""
        done = (r for r in self.refunds.values() if r.status is RefundStatus.SUCCEEDED)
        taken = (r.amount if r.ours else self.credited(r.attempt_id) for r in done)
        return sum(taken, zero(self.amount.currency))


class MemoryGateway(MemorySettlements, MemoryChargebacks, PaymentGateway):
    """A gateway for tests, which set its failures and call `pay` and `settle` as the customer.

    `down`: every call raises `GatewayUnavailable` without an effect. `fail_after_commit`: every
    call takes effect and then raises, as if the response was lost. Refunds succeed at once,
    unless `refunds_succeed_at_once` is False; then `finish_refunds` ends them. `asked_at` has the
    time of each question for an order.
    """

    def __init__(self, clock: Clock) -> None:
        MemorySettlements.__init__(self)
        MemoryChargebacks.__init__(self)
        self.down = False
        self.fail_after_commit = False
        self.refunds_succeed_at_once = True
        self.refunds_fail = False
        self.refuses_because = ""
        """Each refund is refused finally a moment after its request."""
        self.asked_at: list[datetime] = []
        self._clock = clock
        self._orders: dict[str, _StoredOrder] = {}
        self._last_id = 0

    @property
    def name(self) -> str:
        return "memory"

    async def open(self, order: Order) -> str:
        self._begin_call()
        stored = self._orders.setdefault(order.id, _StoredOrder(order, order.amount))
        if stored.order.amount != order.amount:
            raise GatewayRefused
        self._end_call()
        return f"memory://checkout/{order.id}"

    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        self.asked_at.append(self._clock.now())
        self._begin_call()
        facts = self.order(order_id)
        self._end_call()
        return facts

    def order(self, order_id: str) -> OrderFacts:
        """The order without the failures that tests have set. Raises `OrderUnknown`."""
        stored = self._find_order(order_id)
        return OrderFacts(
            stored.order.id,
            self._status(stored),
            stored.amount,
            tuple(stored.attempts.values()),
            tuple(stored.refunds.values()),
        )

    async def close(self, order_id: OrderId) -> None:
        self._begin_call()
        self._find_order(order_id).closing = True
        self._end_call()

    async def refund(self, refund: RefundOrder) -> RefundFact:
        self._begin_call()
        stored = self._find_order(refund.order_id)
        fact = stored.refunds.get(refund.id) or self._new_refund(stored, refund)
        self._end_call()
        return fact

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookEvent:
        """Parses `{"order_id": …, "id": …, "kind": …}` with the headers of `signed`."""
        if not hmac.compare_digest(headers.get(SIGNATURE, ""), signed(body)[SIGNATURE]):
            raise ForgedWebhook
        try:
            event = json.loads(body)
            fields = (event["id"], event.get("order_id", ""), event.get("kind", "payment"))
            "".join(fields).encode()  # raises for what is no text or cannot be stored
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return WebhookEvent(hashlib.sha256(body).hexdigest(), "", "unreadable")
        if fields[2].startswith("settlement"):
            return WebhookEvent(fields[0], "", fields[2], settlement=fields[1])
        return WebhookEvent(*fields, chargeback=fields[2].startswith("dispute"))

    def pay(
        self,
        order_id: str,
        outcome: str = "success",
        amount: Money | None = None,
        *,
        surcharge: Money | None = None,
    ) -> str:
        """An attempt of the customer to pay; returns its id.

        `outcome` is a value of `AttemptStatus`. The attempt counts as started in time, so it can
        succeed after the order has expired or was closed. `amount` replaces the amount that the
        provider reports for the order and the attempt. `surcharge` is paid on top for the provider.
        """
        stored = self._find_order(order_id)
        stored.amount = amount or stored.amount
        on_top = surcharge or zero(stored.amount.currency)
        attempt = Attempt(
            self._id("pay"), AttemptStatus.PENDING, stored.amount + on_top, self._clock.now(), "upi"
        )
        stored.attempts[attempt.id] = attempt
        if surcharge:
            stored.surcharges[attempt.id] = surcharge
        self.settle(attempt.id, outcome)
        return attempt.id

    def settle(self, attempt_id: str, outcome: str = "success") -> None:
        """End an attempt. A second success is refunded at once, as providers do."""
        stored = next(o for o in self._orders.values() if attempt_id in o.attempts)
        attempt = replace(stored.attempts[attempt_id], status=AttemptStatus(outcome))
        stored.attempts[attempt_id] = attempt
        if attempt.status is not AttemptStatus.SUCCESS or stored.paid_by == attempt_id:
            return
        if not stored.paid_by:
            stored.paid_by = attempt_id
            return
        extra_id = self._id("ref")
        stored.refunds[extra_id] = RefundFact(
            extra_id, "", attempt_id, attempt.amount, RefundStatus.SUCCEEDED
        )

    def finish_refunds(self, status: RefundStatus = RefundStatus.SUCCEEDED) -> None:
        """End all refunds in progress with this status."""
        for stored in self._orders.values():
            for key, fact in stored.refunds.items():
                if fact.status is RefundStatus.SENT:
                    stored.refunds[key] = replace(fact, status=status)

    @property
    def totals(self) -> GatewayTotals:
        """The sums of all successful attempts without their surcharges, and of refunds, lost
        chargebacks and their fees."""
        orders = self._orders.values()
        return GatewayTotals(
            sum(order.collected.amount for order in orders),
            sum(order.refunded.amount for order in orders) + self._taken,
        )

    def _new_refund(self, stored: _StoredOrder, refund: RefundOrder) -> RefundFact:
        if refund.amount.amount <= 0 or refund.amount > stored.refundable:
            raise GatewayRefused
        at_once = self.refunds_succeed_at_once
        status = RefundStatus.SUCCEEDED if at_once else RefundStatus.SENT
        if self.refunds_fail:
            status = RefundStatus.FAILED
        reason = self.refuses_because if self.refunds_fail else ""
        fact = RefundFact(
            self._id("ref"), refund.id, stored.paid_by, refund.amount, status, reason
        )  # fmt: skip
        stored.refunds[refund.id] = fact
        return fact

    def _all_orders(self) -> Iterator[tuple[OrderFacts, datetime]]:
        now = self._clock.now()
        for order_id, stored in self._orders.items():
            latest = max((each.at for each in stored.attempts.values()), default=now)
            yield self.order(order_id), latest

    def _status(self, stored: _StoredOrder) -> OrderStatus:
        if stored.paid_by:
            return OrderStatus.PAID
        if stored.closing:
            return OrderStatus.CLOSING if stored.has_open_attempt else OrderStatus.CLOSED
        expired = self._clock.now() >= stored.order.expires_at
        return OrderStatus.EXPIRED if expired else OrderStatus.OPEN

    def _credit_of(self, order_id: str) -> Money:
        return self._find_order(order_id).amount

    def _find_order(self, order_id: str) -> _StoredOrder:
        if order_id not in self._orders:
            raise OrderUnknown
        return self._orders[order_id]

    def _begin_call(self) -> None:
        if self.down:
            raise GatewayUnavailable

    def _end_call(self) -> None:
        if self.fail_after_commit:
            raise GatewayUnavailable

    def _id(self, prefix: str) -> str:
        self._last_id += 1
        return f"{prefix}{self._last_id}"


def signed(body: bytes) -> dict[str, str]:
    """The headers of a genuine webhook."""
    return {SIGNATURE: hmac.new(KEY, body, hashlib.sha256).hexdigest()}


def _counts(refund: RefundFact) -> bool:
    return refund.status is not RefundStatus.FAILED
