"""The double-entry ledger: each movement of money is one immutable entry whose lines sum to zero.

A positive line increases the balance of an account. `gateway:<provider>` is the external account:
its balance is minus the money that came in and was not paid out yet. The id of an entry is the
business fact, so recording a fact twice is a duplicate key.
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
    """A change of one ledger account's balance."""

    account: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Transaction:
    """One movement of money. The ids say which booking, client and developer it concerns. It never
    changes, so `description` must not contain personal data, which may have to be erased. Raises
    `Unbalanced` if the lines of a currency do not sum to zero."""

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
    """The external account of a payment provider."""
    return f"gateway:{provider}"


def escrow(booking_id: str) -> str:
    """Money of a booking that is not released yet."""
    return f"escrow:{booking_id}"


def earnings(developer_id: str) -> str:
    """Money released to a developer."""
    return f"developer:{developer_id}"


def unapplied(payment_id: str) -> str:
    """Money that was paid twice and that the provider refunds automatically."""
    return f"unapplied:{payment_id}"


def suspense(payment_id: str) -> str:
    """Money of a wrong amount, until an operator has decided."""
    return f"suspense:{payment_id}"


def movement(amount: Money, *, source: str, target: str) -> tuple[Line, Line]:
    """The lines that move `amount` from one ledger account to another."""
    return Line(source, -amount), Line(target, amount)
