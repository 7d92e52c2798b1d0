"""The double-entry ledger: each movement of money is one immutable entry whose lines sum to zero.

A positive line increases the balance of an account. `gateway:<provider>` is the external account:
its balance is minus the money that came in and was not refunded; `paid_out:<provider>` is that of
money that went to developers. Earnings move from `clearing` to `developer` (ready to withdraw),
then to `withdrawing` and `paid_out`. `owed` is below zero while a developer has received money
that was refunded later; no other account of a developer ever is. The id of an entry is the
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
TRANSFER_COSTS = "transfer_costs"
"""What providers charge us for transfers to developers."""
CHARGEBACK_LOSSES = "chargeback_losses"
"""Minus what chargebacks took beyond the payment, which nobody has to give back to us."""
CHARGEBACK_COSTS = "chargeback_costs"
"""What providers charge us for chargebacks."""


class Kind(StrEnum):
    PAY = "pay"
    EXTRA = "extra"
    SUSPENSE = "suspense"
    RELEASE = "release"
    REFUND = "refund"
    REFUND_OTHERWISE = "refund_otherwise"
    CLEAR = "clear"
    TAKE_BACK = "take_back"
    GIVE_BACK = "give_back"
    CHARGEBACK = "chargeback"
    CHARGEBACK_WON = "chargeback_won"
    CHARGEBACK_LOST = "chargeback_lost"
    CHARGEBACK_FEE = "chargeback_fee"
    WITHDRAW = "withdraw"
    PAYOUT = "payout"
    PAYOUT_REVERSAL = "payout_reversal"
    PAYOUT_FEE = "payout_fee"


REFUNDS = frozenset({Kind.REFUND, Kind.REFUND_OTHERWISE})
"""Money that went back to a client."""


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
    number: str = ""
    """That of its document, for entries of versions that numbered in the same transaction."""
    series: str = ""
    """The series in which the number of its receipt, refund note or statement is given out a moment
    later (`IssuedDocument` in core/numbering.py). Empty for an entry without a document."""

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


PAID_OTHERWISE = "paid_otherwise"
"""The external account of refunds that were paid to clients outside of their providers, which keep
what they hold of these payments for us."""


def escrow(booking_id: str) -> str:
    """Money of a booking that is not released yet."""
    return f"escrow:{booking_id}"


def earnings(developer_id: str) -> str:
    """Money of a developer that is ready to withdraw."""
    return f"developer:{developer_id}"


def clearing(developer_id: str) -> str:
    """Money released to a developer that is not ready yet."""
    return f"clearing:{developer_id}"


def withdrawing(developer_id: str) -> str:
    """Money of withdrawals whose outcome is not known yet."""
    return f"withdrawing:{developer_id}"


def owed(developer_id: str) -> str:
    """Minus the money that was taken back after it had been paid out."""
    return f"owed:{developer_id}"


def paid_out(provider: str) -> str:
    """The external account of money that a payout provider has transferred to developers."""
    return f"paid_out:{provider}"


def unapplied(payment_id: str) -> str:
    """Money that was paid twice and that the provider refunds automatically."""
    return f"unapplied:{payment_id}"


def suspense(payment_id: str) -> str:
    """Money of a wrong amount, until an operator has decided."""
    return f"suspense:{payment_id}"


def reserve(chargeback_id: str) -> str:
    """Money that is set aside until a chargeback is decided."""
    return f"chargeback:{chargeback_id}"


def movement(amount: Money, *, source: str, target: str) -> tuple[Line, Line]:
    """The lines that move `amount` from one ledger account to another."""
    return Line(source, -amount), Line(target, amount)
