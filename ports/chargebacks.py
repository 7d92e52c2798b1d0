"""What a payment gateway offers beside payments where it tells of chargebacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from core.chargebacks import ChargebackFact
from core.payments_facts import OrderId


@dataclass(frozen=True, slots=True)
class Evidence:
    """A document for the bank. `name` is its file name, the same for each repeat; `content` is a
    PDF of at most 20 MB, as large as providers take; `note` is one line."""

    name: str
    content: bytes
    note: str


@runtime_checkable
class ChargebackGateway(Protocol):
    """A `PaymentGateway` may have these methods too. Rules for every adapter:

    - `fetch_chargebacks` returns the current state of all of an order, the only basis for moving
      money;
    - `send_evidence` is idempotent by the name of the document: a repeat after a lost response
      finds it and does not add it twice;
    - a status that the adapter does not know has the `status` None and is never guessed;
    - errors are those of `PaymentGateway`.
    """

    async def fetch_chargebacks(self, order_id: OrderId) -> tuple[ChargebackFact, ...]:
        """Those of the order, the oldest first. Raises `OrderUnknown`."""
        ...

    async def accept_chargeback(self, reference: str) -> ChargebackFact:
        """Give in: the client's bank keeps the money. Without effect if it is lost or accepted
        already. Raises `GatewayRefused` for one that was won or does not exist."""
        ...

    async def send_evidence(self, reference: str, evidence: Evidence) -> ChargebackFact:
        """Contest the chargeback with this document. Raises `GatewayRefused` for one that is
        decided, or whose time to answer is over."""
        ...
