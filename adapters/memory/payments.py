"""A payment gateway in memory, whose customers are controlled by tests."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from adapters.memory.settlements import MemorySettlements
from core.chargebacks import ChargebackFact
from core.chargebacks import Status as ChargebackStatus
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
from ports.chargebacks import ChargebackGateway, Evidence
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
        return self.attempts[self.paid_by].amount - sum(ours, zero(self.amount.currency))


@dataclass(slots=True)
class _StoredChargeback:
    order_id: str
    fact: ChargebackFact
    evidence: dict[str, Evidence] = field(default_factory=dict)


class MemoryGateway(MemorySettlements, PaymentGateway, ChargebackGateway):
    """A gateway for tests, which set its failures and call `pay` and `settle` as the customer.

    `down`: every call raises `GatewayUnavailable` without an effect. `fail_after_commit`: every
    call takes effect and then raises, as if the response was lost. Refunds succeed at once,
    unless `refunds_succeed_at_once` is False; then `finish_refunds` ends them. `asked_at` has the
    time of each question for an order.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.down = False
        self.fail_after_commit = False
        self.refunds_succeed_at_once = True
        self.refunds_fail = False
        """Each refund is refused finally a moment after its request."""
        self.asked_at: list[datetime] = []
        self._clock = clock
        self._orders: dict[str, _StoredOrder] = {}
        self._chargebacks: dict[str, _StoredChargeback] = {}
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

    async def fetch_chargebacks(self, order_id: OrderId) -> tuple[ChargebackFact, ...]:
        self._begin_call()
        self._find_order(order_id)
        found = (c.fact for c in self._chargebacks.values() if c.order_id == order_id)
        facts = tuple(sorted(found, key=lambda fact: (fact.opened_at, fact.reference)))
        self._end_call()
        return facts

    async def accept_chargeback(self, reference: str) -> ChargebackFact:
        self._begin_call()
        stored = self._chargebacks.get(reference)
        if stored is None or stored.fact.status is ChargebackStatus.WON:
            raise GatewayRefused
        if stored.fact.status is not ChargebackStatus.LOST:
            self.decide(reference, ChargebackStatus.LOST)
        self._end_call()
        return stored.fact

    async def send_evidence(self, reference: str, evidence: Evidence) -> ChargebackFact:
        self._begin_call()
        stored = self._chargebacks.get(reference)
        if stored is None:
            raise GatewayRefused
        if evidence.name not in stored.evidence:
            if stored.fact.status is not ChargebackStatus.OPEN:
                raise GatewayRefused
            stored.evidence[evidence.name] = evidence
            self.decide(reference, ChargebackStatus.REVIEW)
        self._end_call()
        return stored.fact

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

    def pay(self, order_id: str, outcome: str = "success", amount: Money | None = None) -> str:
        """An attempt of the customer to pay; returns its id.

        `outcome` is a value of `AttemptStatus`. The attempt counts as started in time, so it can
        succeed after the order has expired or was closed. `amount` replaces the amount that the
        provider reports for the order and the attempt.
        """
        stored = self._find_order(order_id)
        stored.amount = amount or stored.amount
        attempt = Attempt(
            self._id("pay"), AttemptStatus.PENDING, stored.amount, self._clock.now(), "upi"
        )
        stored.attempts[attempt.id] = attempt
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

    def question(
        self,
        order_id: str,
        amount: Money | None = None,
        *,
        respond_by: datetime | None = None,
        fee: Money | None = None,
    ) -> str:
        """The bank of the customer questions a paid order; returns the reference of the chargeback.
        By default of the whole amount."""
        order, now, reference = self._find_order(order_id), self._clock.now(), self._id("cb")
        asked = amount or order.amount
        fact = ChargebackFact(
            reference, ChargebackStatus.OPEN, "open", asked, now, now,
            "Services not received", respond_by, fee,
        )  # fmt: skip
        self._chargebacks[reference] = _StoredChargeback(order_id, fact)
        return reference

    def decide(
        self,
        reference: str,
        status: ChargebackStatus | None,
        *,
        said: str = "",
        amount: Money | None = None,
        fee: Money | None = None,
    ) -> None:
        """The bank's news; None is a status that we do not know."""
        stored = self._chargebacks[reference]
        stored.fact = replace(
            stored.fact,
            status=status,
            said=said or str(status),
            amount=amount or stored.fact.amount,
            fee=fee or stored.fact.fee,
            changed_at=self._clock.now(),
        )

    def evidence_of(self, reference: str) -> tuple[Evidence, ...]:
        return tuple(self._chargebacks[reference].evidence.values())

    @property
    def totals(self) -> GatewayTotals:
        """The sums of all successful attempts, and of refunds, lost chargebacks and their fees."""
        orders, questioned = self._orders.values(), [c.fact for c in self._chargebacks.values()]
        lost = sum(f.amount.amount for f in questioned if f.status is ChargebackStatus.LOST)
        fees = sum(f.fee.amount for f in questioned if f.fee)
        attempts = (t for order in orders for t in order.attempts.values())
        refunds = (r for order in orders for r in order.refunds.values())
        return GatewayTotals(
            sum(t.amount.amount for t in attempts if t.status is AttemptStatus.SUCCESS),
            sum(r.amount.amount for r in refunds if r.status is RefundStatus.SUCCEEDED)
            + lost
            + fees,
        )

    def _new_refund(self, stored: _StoredOrder, refund: RefundOrder) -> RefundFact:
        if refund.amount.amount <= 0 or refund.amount > stored.refundable:
            raise GatewayRefused
        at_once = self.refunds_succeed_at_once
        status = RefundStatus.SUCCEEDED if at_once else RefundStatus.SENT
        if self.refunds_fail:
            status = RefundStatus.FAILED
        fact = RefundFact(self._id("ref"), refund.id, stored.paid_by, refund.amount, status)
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
