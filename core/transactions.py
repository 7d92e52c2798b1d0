"""The ledger: every movement of money is one immutable entry whose lines sum to zero.

Signs say whose money it is: positive lines grow what an account is owed or owns, and
`gateway:<provider>` is the world outside, negative by all that came in and has not left.
The id of an entry is the business fact, so doing something twice is a duplicate key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from core.errors import OneHourError
from core.money import Money

TransactionId = NewType("TransactionId", str)

FEES = "fees"


class Kind(StrEnum):
    PAY = "pay"
    EXTRA = "extra"
    SUSPENSE = "suspense"
    RELEASE = "release"
    REFUND = "refund"


class Unbalanced(OneHourError):
    """The lines of a ledger entry do not sum to zero."""

    code = "unbalanced"


@dataclass(frozen=True, slots=True)
class Line:
    account: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Transaction:
    """One movement of money; `booking_id` and `developer_id` are who it concerns. It never
    changes, so its `description` names nobody: a person's name can be erased."""

    id: TransactionId
    kind: Kind
    at: datetime
    lines: tuple[Line, ...]
    description: str
    booking_id: str | None = None
    client_id: str | None = None
    developer_id: str | None = None

    def __post_init__(self) -> None:
        totals: dict[str, int] = {}
        for line in self.lines:
            currency = line.amount.currency
            totals[currency] = totals.get(currency, 0) + line.amount.amount
        if any(totals.values()) or not self.lines:
            raise Unbalanced(f"{self.id}: the lines sum to {totals}.")


def gateway(provider: str) -> str:
    return f"gateway:{provider}"


def escrow(booking_id: str) -> str:
    return f"escrow:{booking_id}"


def earnings(developer_id: str) -> str:
    return f"developer:{developer_id}"


def unapplied(payment_id: str) -> str:
    """Money a provider took twice and will return by itself."""
    return f"unapplied:{payment_id}"


def suspense(payment_id: str) -> str:
    """Money of a wrong amount, until a person has decided what becomes of it."""
    return f"suspense:{payment_id}"


def movement(amount: Money, *, source: str, target: str) -> tuple[Line, Line]:
    return Line(source, -amount), Line(target, amount)
