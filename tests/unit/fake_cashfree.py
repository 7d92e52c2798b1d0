"""A Cashfree that answers from a table, and the usual order and refund to send it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx

from adapters.cashfree.gateway import CashfreeGateway
from adapters.cashfree.settings import CashfreeSettings
from adapters.memory.clock import FixedClock
from core.money import Money
from core.payments import RefundId
from core.payments_facts import OrderId
from ports.payments import Customer, Order, RefundOrder
from ports.telemetry import NO_TELEMETRY, Telemetry

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
SETTINGS = CashfreeSettings(
    base_url="https://sandbox.example/pg",
    client_id="shop",
    client_secret="shop-secret",
    checkout_base="https://onehour.example/checkout",
    notify_url="https://onehour.example/webhooks/cashfree",
)
ORDER = Order(
    id=OrderId("ord_1"),
    amount=Money(480_000),
    customer=Customer("cli_1", "Asha Rao", "asha@example.org", "9876543210"),
    expires_at=NOW + timedelta(minutes=16),
    return_url="https://onehour.example/payments/{order_id}",
    note="One hour with Ravi",
)
REFUND = RefundOrder(RefundId("rfd1"), ORDER.id, Money(100_050), "Booking cancelled")
ENTITY = {
    "order_id": "ord_1",
    "order_amount": 4800,
    "order_currency": "INR",
    "order_status": "ACTIVE",
    "payment_session_id": "session_abc/d",
}
REFUND_ENTITY = {
    "cf_refund_id": "7",
    "cf_payment_id": "55",
    "refund_id": "rfd1",
    "refund_amount": 1000.5,
    "refund_currency": "INR",
    "refund_status": "PENDING",
    "refund_type": "MERCHANT_INITIATED",
}
TAKEN = {"message": "taken", "code": "order_already_exists", "type": "invalid_request_error"}


class Cashfree:
    """Answers the adapter from a table of `METHOD path`, in turn; remembers what it was sent."""

    def __init__(self, telemetry: Telemetry = NO_TELEMETRY) -> None:
        self.asked: list[httpx.Request] = []
        self.answers: dict[str, list[httpx.Response | Exception]] = {}
        self.clock = FixedClock(NOW)
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        self.gateway = CashfreeGateway(client, SETTINGS, self.clock, telemetry)

    def on(self, call: str, *answers: tuple[int, object] | Exception | httpx.Response) -> None:
        """The last answer is repeated."""
        self.answers[call] = [
            httpx.Response(a[0], json=a[1]) if isinstance(a, tuple) else a for a in answers
        ]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        waiting = self.answers[f"{request.method} {request.url.path}"]
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    @property
    def calls(self) -> list[str]:
        return [f"{request.method} {request.url.path}" for request in self.asked]
