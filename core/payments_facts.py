"""Facts that a payment gateway reports: orders, attempts and refunds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from core.money import Money

OrderId = NewType("OrderId", str)


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
"""The status of an attempt is replaced only by one of a higher rank."""


class OrderStatus(StrEnum):
    """The status the gateway reports for the order. `EXPIRED` is not final."""

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
    STOPPED = "stopped"
    """Refused finally, and not requested again by itself: an administrator acts. Ours only, never
    that of a provider."""
    PAID_OTHERWISE = "paid_otherwise"
    """Paid to the client outside of the provider. Ours only."""


RETURNED = frozenset({RefundStatus.SUCCEEDED, RefundStatus.PAID_OTHERWISE})
"""The client has the money."""
UNDER_WAY = frozenset({RefundStatus.DUE, RefundStatus.SENT})
"""The provider has not decided."""
WAITING = UNDER_WAY | {RefundStatus.STOPPED}
"""The client waits for the money."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to pay. `id` is the gateway's, `at` is in UTC."""

    id: str
    status: AttemptStatus
    amount: Money
    at: datetime
    method: str = ""


@dataclass(frozen=True, slots=True)
class RefundFact:
    """A refund as the gateway reports it. `ours` is our refund id, empty for an automatic refund
    that the gateway made itself. `reason` is why it was refused, in the gateway's words, for
    operators; empty if it does not tell."""

    id: str
    ours: str
    attempt_id: str
    amount: Money
    status: RefundStatus
    reason: str = ""


GATEWAY_REASON_MAXIMUM = 200
"""Characters of a reason that are kept."""


def gateway_reason(text: object) -> str:
    """What a gateway says about a refusal, as it can be stored and shown: one line, not too long.
    Empty for anything but text."""
    if not isinstance(text, str):
        return ""
    plain = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(plain.split())[:GATEWAY_REASON_MAXIMUM]


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """Everything the gateway reports about one order at one time."""

    order_id: str
    status: OrderStatus
    amount: Money
    attempts: tuple[Attempt, ...] = ()
    refunds: tuple[RefundFact, ...] = ()
