"""Payments: their repository, the inbox of webhooks, and the payment gateway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from core.errors import Conflict, Forbidden, NotFound, Unavailable
from core.money import Money
from core.payments import Payment, PaymentId, RefundId
from core.payments_facts import OrderFacts, OrderId, RefundFact
from ports.adapters import LocalServer
from ports.conditions import Condition


class Payments(Protocol):
    """Payments. `order_id` is their id at the gateway."""

    async def get(self, payment_id: PaymentId) -> Payment: ...
    async def find_by_order(self, order_id: OrderId) -> Payment | None: ...
    async def find_by_provider_id(self, text: str) -> tuple[Payment, ...]:
        """The payments that have this id at their provider: of the order, of an attempt or of a
        refund."""
        ...

    async def of_orders(self, order_ids: Sequence[str]) -> dict[str, Payment]:
        """Those that exist, by the id of their order, in one query."""
        ...

    async def many(self, payment_ids: Sequence[str]) -> dict[str, Payment]:
        """Those that exist, by id, in one query."""
        ...

    async def ids(self, *, after: str = "", limit: int) -> tuple[str, ...]:
        """The ids of all that are later than `after`, by code point: one index range."""
        ...

    async def unsettled_ids(self, *, after: str = "", limit: int) -> tuple[str, ...]:
        """As `ids`, of those that are `unsettled`."""
        ...

    async def add(self, payment: Payment) -> Payment: ...
    async def save(self, payment: Payment) -> Payment: ...
    async def latest(
        self,
        *,
        limit: int = 20,
        cursor: str | None = None,
        where: Sequence[Condition] = (),
    ) -> tuple[tuple[Payment, ...], str | None]:
        """All payments of which the conditions hold, latest created first, and the next cursor. A
        range of `created_at`, and one `status`, are ranges of an index."""
        ...

    async def of_account(
        self,
        party_ids: tuple[str, ...],
        *,
        limit: int = 20,
        cursor: str | None = None,
        where: Sequence[Condition] = (),
    ) -> tuple[tuple[Payment, ...], str | None]:
        """Those of these clients or developers, latest first, and the next cursor."""
        ...


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """A verified webhook: a hint to fetch the order `order_id` from the provider.

    `id` identifies the fact and is the same for every repeat. `order_id` is empty for a webhook
    that concerns no order. `kind` is the provider's name of the event. `chargeback`: it is about a
    chargeback of the order (ports/chargebacks.py). `settlement` is the provider's id of the
    settlement that it is about (ports/settlements.py).
    """

    id: str
    order_id: str
    kind: str
    chargeback: bool = False
    settlement: str = ""


@dataclass(frozen=True, slots=True)
class StoredWebhook:
    """A webhook as it was received. `body` has the raw bytes; `at` is in UTC."""

    id: str
    provider: str
    order_id: str
    kind: str
    body: bytes
    at: datetime


class Inbox(Protocol):
    """Received webhooks. Each is stored once: adding it again raises `Duplicate`."""

    async def add(self, webhook: StoredWebhook) -> None: ...

    async def of_order(self, order_id: str, *, limit: int) -> tuple[StoredWebhook, ...]:
        """Those about this order, the earliest received first."""
        ...


class GatewayUnavailable(Unavailable):
    """The payment provider does not respond. Nothing is lost. Try again in a moment."""

    code = "provider_unavailable"
    service = "the payment provider"


class GatewayRefused(Conflict):
    """The payment provider did not accept this.

    `reason` is what it says about it, for operators, as `gateway_reason` makes it.
    """

    code = "provider_refused"

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason


class OrderUnknown(NotFound):
    """The payment provider does not know this order."""

    code = "order_unknown"


class ForgedWebhook(Forbidden):
    """This message does not carry the provider's signature."""

    code = "signature_invalid"


@dataclass(frozen=True, slots=True)
class Customer:
    """The payer, as the provider requires it. `phone` is ten digits, if given."""

    id: str
    name: str
    email: str
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An amount to collect. No new attempt may start after `expires_at` (UTC)."""

    id: OrderId
    amount: Money
    customer: Customer
    expires_at: datetime
    return_url: str
    note: str


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """An amount of an order to refund. `id` is ours: a repeated call finds the same refund."""

    id: RefundId
    order_id: OrderId
    amount: Money
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """What our checkout page needs to open the provider's payment page in the browser.

    The page is `/checkout/<provider>/<session>`. It imports `module`, a file with one ES module
    that exports `async open(session, parameters)`. This function opens the payment page and
    throws if that fails. `parameters` are passed to it; they are public. `sources` are further
    origins for this page by CSP directive, separated by spaces. `plain` is for browsers without
    scripts: they get a link to `plain`, a slash and the session.
    """

    module: Path
    parameters: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    plain: str | None = None


@runtime_checkable
class LocalGateway(LocalServer, Protocol):
    """A simulated payment provider on this machine."""

    async def pay(self, order_id: OrderId) -> None:
        """Simulate a customer who pays this order in full. No webhook is sent. Works without
        `start`."""
        ...


class PaymentGateway(Protocol):
    """A provider that collects and refunds money.

    Rules for every adapter (onehour/testing/payments.py):
    - `open` and `refund` are idempotent by the id we choose: a repeat after a lost response
      finds the existing order or refund and never collects or refunds twice;
    - `fetch_order` returns the provider's current state, the only basis for moving money;
    - a second successful attempt of one order is refunded by the provider automatically, and is
      listed among the refunds with an empty `ours`;
    - `GatewayUnavailable` is raised if the outcome is unknown or the provider does not respond
      (the caller retries with the same ids), `GatewayRefused` if the call is refused finally.
    """

    @property
    def name(self) -> str:
        """Stored in `Payment.provider`."""
        ...

    @property
    def checkout(self) -> Checkout | None:
        """What our checkout page needs, if `open` returns `/checkout/<name>/<session>`. None if
        `open` returns a URL of the provider."""
        return None

    async def open(self, order: Order) -> str:
        """Create the order, or find it. Returns the URL to redirect the client's browser to."""
        ...

    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        """The order with its attempts. Its refunds are included if `refunds` is True, and always
        if more than one attempt succeeded. Raises `OrderUnknown`."""
        ...

    async def close(self, order_id: OrderId) -> None:
        """Allow no new attempts; one in progress may still succeed. Raises `OrderUnknown`."""
        ...

    async def refund(self, refund: RefundOrder) -> RefundFact:
        """Request the refund, or find it. One that exists is returned with the amount it has at the
        provider, also if that is another. Raises `GatewayRefused` only if there is no refund with
        this id: it is requested again under another one then. Raises `OrderUnknown`.
        """
        ...

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookEvent:
        """Verify the signature over the raw bytes and parse the webhook.

        Header names are in lower case. Raises `ForgedWebhook` for a wrong signature. A body
        that cannot be parsed is returned as a webhook of kind `unreadable`.
        """
        ...
