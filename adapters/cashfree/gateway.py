"""The payment gateway for Cashfree Payments."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import quote

import httpx

from adapters.cashfree import chargeback_facts, facts, requests
from adapters.cashfree.breaker import Breaker
from adapters.cashfree.multipart import form
from adapters.cashfree.settings import CashfreeSettings
from adapters.cashfree.settlements import CashfreeSettlements
from adapters.cashfree.webhooks import hash_of, parse_webhook
from adapters.cashfree.wire import Answer, Wire
from core.chargebacks import ChargebackFact
from core.chargebacks import Status as ChargebackStatus
from core.payments_facts import Attempt, AttemptStatus, OrderFacts, OrderId, OrderStatus, RefundFact
from ports.chargebacks import ChargebackGateway, Evidence
from ports.clock import Clock
from ports.payments import (
    Checkout,
    GatewayUnavailable,
    Order,
    OrderUnknown,
    PaymentGateway,
    RefundOrder,
    WebhookEvent,
)
from ports.telemetry import NO_TELEMETRY, Telemetry

EVIDENCE_TYPE = "Proof of Service Used"
"""One of the types of documents that Cashfree takes (SDK 6.0.1)."""


class CashfreeGateway(CashfreeSettlements, PaymentGateway, ChargebackGateway):
    """Orders, refunds, disputes, settlements and webhooks of Cashfree Payments, API 2025-01-01.

    Our order and refund ids are unique at Cashfree. So when a create call is refused, the order
    or refund with that id is fetched. An order with the same amount counts as created; a refund is
    returned as it is, since one that exists must not be requested again under another id.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        settings: CashfreeSettings,
        clock: Clock,
        telemetry: Telemetry = NO_TELEMETRY,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._wire = Wire(client, settings, Breaker(clock), telemetry)

    @property
    def name(self) -> str:
        return "cashfree"

    @property
    def checkout(self) -> Checkout | None:
        return self._settings.checkout

    async def open(self, order: Order) -> str:
        """Create the order, or find it. Returns the URL of our checkout page."""
        body = requests.new_order(order, self._settings)
        # A later call has another expiry and so another body, for which the same key is refused.
        name = f"{order.id}:{order.expires_at.isoformat()}"
        answer = await self._wire.create("/orders", body, key=requests.key("order", name))
        if not answer.ok:
            found = await self._wire.call("GET", _path(order.id))
            if not found.ok:
                raise answer.refusal()
            answer = found
        entity = answer.entity()
        if facts.order_amount(entity) != order.amount:
            raise answer.refusal()
        return self._checkout_url(facts.text(entity, "payment_session_id"))

    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        """Fetch order and attempts concurrently; refunds only if needed, as each is a call."""
        order, payments = await self._both(_path(order_id), _path(order_id, "payments"))
        now = self._clock.now()
        attempts = tuple(facts.attempt(entity, now=now) for entity in payments.entities())
        entity = order.entity()
        status = facts.order_status(entity)
        return OrderFacts(
            order_id=order_id,
            status=status,
            amount=facts.order_amount(entity),
            attempts=attempts,
            refunds=await self._refunds(order_id) if refunds or _paid_twice(attempts) else (),
        )

    async def close(self, order_id: OrderId) -> None:
        """Terminate the order. An order that has ended already is not an error.

        Raises `OrderUnknown`.
        """
        answer = await self._wire.call("PATCH", _path(order_id), {"order_status": "TERMINATED"})
        if answer.ok:
            return
        order = _checked(await self._wire.call("GET", _path(order_id)))
        if facts.order_status(order.entity()) is OrderStatus.OPEN:
            raise answer.refusal()

    async def refund(self, refund: RefundOrder) -> RefundFact:
        """Request the refund, or find it. Raises `OrderUnknown` if there is no such order."""
        answer = await self._wire.create(
            _path(refund.order_id, "refunds"),
            requests.new_refund(refund),
            key=requests.key("refund", refund.id),
        )
        if not answer.ok:
            found = await self._wire.call("GET", _path(refund.order_id, "refunds", refund.id))
            if not found.ok:
                raise OrderUnknown if answer.unknown else answer.refusal()
            answer = found
        return facts.refund(answer.entity())

    async def fetch_chargebacks(self, order_id: OrderId) -> tuple[ChargebackFact, ...]:
        answer = _checked(await self._wire.call("GET", _path(order_id, "disputes")))
        now = self._clock.now()
        found = (chargeback_facts.chargeback(each, now=now) for each in answer.entities())
        return tuple(sorted(found, key=lambda fact: (fact.opened_at, fact.reference)))

    async def send_evidence(self, reference: str, evidence: Evidence) -> ChargebackFact:
        """Upload the document, unless the dispute has one of this name."""
        path, now = f"/disputes/{quote(reference, safe='')}", self._clock.now()
        before = await self._wire.call("GET", path)
        if not before.ok:
            raise before.refusal()
        if evidence.name in chargeback_facts.documents(before.entity()):
            return chargeback_facts.chargeback(before.entity(), now=now)
        fields = {"doc_type": EVIDENCE_TYPE, "note": evidence.note}
        kind, body = form(
            fields, name=evidence.name, content=evidence.content, kind="application/pdf"
        )
        key = requests.key("evidence", f"{reference}:{evidence.name}:{hash_of(body)}")
        answer = await self._wire.upload(f"{path}/documents", kind, body, key=key)
        if not answer.ok:
            raise answer.refusal()
        after = await self._wire.call("GET", path)
        if not after.ok:
            raise after.refusal()
        return chargeback_facts.chargeback(after.entity(), now=now)

    async def accept_chargeback(self, reference: str) -> ChargebackFact:
        """Accept the dispute, unless it is accepted or lost."""
        path, now = f"/disputes/{quote(reference, safe='')}", self._clock.now()
        answer = await self._wire.call("PUT", f"{path}/accept")
        after = await self._wire.call("GET", path)
        if not after.ok:
            raise after.refusal()
        fact = chargeback_facts.chargeback(after.entity(), now=now)
        if not answer.ok and fact.status is not ChargebackStatus.LOST:
            raise answer.refusal()
        return fact

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookEvent:
        return parse_webhook(headers, body, self._settings.signing_secrets)

    async def _both(self, order: str, payments: str) -> tuple[Answer, Answer]:
        """Two concurrent calls. If one fails, the other one is still awaited."""
        first, second = await asyncio.gather(
            self._wire.call("GET", order), self._wire.call("GET", payments), return_exceptions=True
        )
        if isinstance(first, BaseException):
            raise first
        if isinstance(second, BaseException):
            raise second
        return _checked(first), _checked(second)

    async def _refunds(self, order_id: OrderId) -> tuple[RefundFact, ...]:
        answer = _checked(await self._wire.call("GET", _path(order_id, "refunds")))
        return tuple(facts.refund(entity) for entity in answer.entities())

    def _checkout_url(self, session: str) -> str:
        if not session:
            raise GatewayUnavailable
        return f"{self._settings.checkout_base}/{quote(session, safe='')}"


def _path(order_id: str, *rest: str) -> str:
    return "/".join(("/orders", *(quote(part, safe="") for part in (order_id, *rest))))


def _checked(answer: Answer) -> Answer:
    if answer.unknown:
        raise OrderUnknown
    if not answer.ok:
        raise answer.refusal()
    return answer


def _paid_twice(attempts: tuple[Attempt, ...]) -> bool:
    """Whether Cashfree refunds an attempt automatically; only the list of refunds shows it."""
    return sum(attempt.status is AttemptStatus.SUCCESS for attempt in attempts) > 1
