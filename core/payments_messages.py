"""Outbox messages of payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from core.accounts import AccountId
from core.bookings import BookingId
from core.money import CURRENCY
from core.numbering import SeriesId
from core.outbox import Payload
from core.payments import PaymentId
from core.payments_facts import OrderId
from core.transactions import TransactionId


@dataclass(frozen=True, slots=True)
class OpenCheckout(Payload):
    """Create the order at the gateway, if the request did not."""

    kind: ClassVar[str] = "payments.open"
    payment: PaymentId


@dataclass(frozen=True, slots=True)
class WebhookReceived(Payload):
    """A webhook about this order was received: fetch the order from the gateway."""

    kind: ClassVar[str] = "payments.heard"
    order: OrderId


@dataclass(frozen=True, slots=True)
class SendRefunds(Payload):
    """Request all due refunds at the gateway."""

    kind: ClassVar[str] = "payments.refund"
    payment: PaymentId


@dataclass(frozen=True, slots=True)
class CloseOrder(Payload):
    """Close the order at the gateway, so that no new attempt can start."""

    kind: ClassVar[str] = "payments.close"
    payment: PaymentId


@dataclass(frozen=True, slots=True)
class PollGateway(Payload):
    """Fetch the order without a webhook. `turn` counts the polls of the series `name`."""

    kind: ClassVar[str] = "payments.poll"
    payment: PaymentId
    turn: int
    since: datetime
    name: str


@dataclass(frozen=True, slots=True)
class ExpectReturn(Payload):
    """Check that the gateway has refunded a second payment automatically."""

    kind: ClassVar[str] = "payments.expect_return"
    payment: PaymentId
    attempt: str


@dataclass(frozen=True, slots=True)
class IssueDocument(Payload):
    """Give the document of this ledger entry, which `account` gets, the next number of its
    series.

    `amount` was moved, and is 0 in messages of versions without the fields below, which are then
    read. `receipt` is the entry of the receipt, if this is another document, and `before` is what
    was left of the payment before a refund. `fee` is ours, of a statement. A reversal `corrects`
    the entry of a statement, and `fee_before` was left of our fee. All are minor units.
    """

    kind: ClassVar[str] = "payments.issue"
    entry: TransactionId
    booking: BookingId
    account: AccountId
    series: SeriesId
    developer: str = ""
    receipt: str = ""
    amount: int = 0
    before: int = 0
    fee: int = 0
    currency: str = CURRENCY
    corrects: str = ""
    fee_before: int = 0
