"""Collecting money: our payments, the inbox of notices, and the gateway itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from core.errors import Conflict, Forbidden, NotFound, Unavailable
from core.money import Money
from core.payments import OrderFacts, OrderId, Payment, PaymentId, RefundFact, RefundId
from ports.adapters import LocalServer


class Payments(Protocol):
    """Payments, found by their own id or by the order id the gateway knows them by."""

    async def get(self, payment_id: PaymentId) -> Payment: ...
    async def find_by_order(self, order_id: OrderId) -> Payment | None: ...
    async def many(self, payment_ids: Sequence[str]) -> dict[str, Payment]:
        """Those of them that exist, in one read."""
        ...

    async def add(self, payment: Payment) -> Payment: ...
    async def save(self, payment: Payment) -> Payment: ...
    async def of_account(
        self, party_ids: tuple[str, ...], *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Payment, ...], str | None]:
        """Payments in which one of these clients or developers has part, the latest first."""
        ...


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """A provider's message, verified but not believed: a hint to ask about `order_id`.

    `id` is the same for every repeat of the same fact. `order_id` is empty for messages
    that concern no order.
    """

    id: str
    order_id: str
    kind: str


@dataclass(frozen=True, slots=True)
class StoredWebhook:
    """A notice as it arrived, kept as evidence and to be read again."""

    id: str
    provider: str
    order_id: str
    kind: str
    body: bytes
    at: datetime


class Inbox(Protocol):
    """Notices, each kept once: adding one twice raises `Duplicate`."""

    async def add(self, received: StoredWebhook) -> None: ...


class GatewayUnavailable(Unavailable):
    """The payment provider does not answer. Nothing is lost; try again in a moment."""

    code = "provider_unavailable"


class GatewayRefused(Conflict):
    """The payment provider did not accept this."""

    code = "provider_refused"


class OrderUnknown(NotFound):
    """The payment provider does not know this order."""

    code = "order_unknown"


class ForgedWebhook(Forbidden):
    """This message does not carry the provider's signature."""

    code = "signature_invalid"


@dataclass(frozen=True, slots=True)
class Customer:
    """Who pays, as far as the provider wants to know. `phone` is ten digits, if known."""

    id: str
    name: str
    email: str
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be collected. `expires_at`: no new attempt may begin after it (UTC)."""

    id: OrderId
    amount: Money
    customer: Customer
    expires_at: datetime
    return_url: str
    note: str


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """What is to be given back of an order; `id` is ours and repeats find the same refund."""

    id: RefundId
    order_id: OrderId
    amount: Money
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """What our page needs that opens a provider's payment page in the browser.

    The page is `/checkout/<provider>/<session>`. It imports `module`, a file with one ES module
    that exports `async open(session, parameters)`: it leads the browser to the payment page, and
    throws when that fails. `parameters` are its own; everybody can read them. `sources` are
    origins, separated by blanks, that this page alone may also load from or lead to, by CSP
    directive. `plain` is for browsers without scripts: a link to `plain`, a slash and the session.
    """

    module: Path
    parameters: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    plain: str | None = None


@runtime_checkable
class LocalGateway(LocalServer, Protocol):
    """A payment provider on this machine, whose customers do as they are told."""

    async def pay(self, order_id: OrderId) -> None:
        """The customer pays this order in full; no webhook is sent. Works without `start`."""
        ...


class PaymentGateway(Protocol):
    """A provider that collects money and gives it back.

    Every adapter keeps (onehour/testing/payments.py):
    - `open` and `refund` are idempotent by the id we choose: a repeat after a lost answer
      finds what is there and never collects or returns twice;
    - `look` tells the provider's present truth, the only ground on which money moves;
    - a second success of one order is returned by the provider itself and shows up among
      the refunds with an empty `ours`;
    - `GatewayUnavailable` when the outcome is unknown or nobody answers (the caller tries
      again with the same ids), `GatewayRefused` when the answer is a final no.
    """

    @property
    def name(self) -> str:
        """What the payment remembers as its `provider`."""
        ...

    @property
    def checkout(self) -> Checkout | None:
        """What our checkout page needs, when `open` leads to `/checkout/<name>/<session>`. Not
        needed when it answers with an address of the provider's own."""
        return None

    async def open(self, order: Order) -> str:
        """Make the order payable; the URL to send the client's browser to."""
        ...

    async def fetch_order(self, order_id: OrderId, *, refunds: bool = False) -> OrderFacts:
        """The order and its attempts; its refunds if they are asked for, and always when more
        than one attempt succeeded. Raises `OrderUnknown`."""
        ...

    async def close(self, order_id: OrderId) -> None:
        """Ask that no new attempt begins. An attempt under way may still succeed."""
        ...

    async def refund(self, refund: RefundOrder) -> RefundFact: ...

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookEvent:
        """A message from the provider, verified over the raw bytes. Raises `ForgedWebhook`;
        header names come in lower case."""
        ...
