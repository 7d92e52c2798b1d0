"""What a developer has earned: money that clears, that is ready, that is being withdrawn, and owed.

Each of the four amounts is the balance of one ledger account of the developer
(`core/transactions.py`). The running balance is kept because a withdrawal must be refused when the
money is not there; it equals the sum of the ledger's lines at all times.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, NewType, Self

from core.errors import Conflict
from core.money import Money, zero
from core.outbox import Payload
from core.transactions import (
    Line,
    Transaction,
    clearing,
    earnings,
    owed,
    withdrawing,
)

BalanceId = NewType("BalanceId", str)


class Overdrawn(Conflict):
    """There is not that much money ready to withdraw."""

    code = "overdrawn"


def balance_id(developer_id: str, currency: str) -> BalanceId:
    """One balance per developer and currency."""
    return BalanceId(f"{developer_id}:{currency}")


@dataclass(frozen=True, slots=True)
class Balance:
    """The running balance of a developer in one currency.

    `available` is ready to withdraw. `owed` is what was refunded or lost after it had been paid
    out; it is netted against what becomes ready next. No amount is ever below zero.
    """

    id: BalanceId
    developer_id: str
    clearing: Money
    available: Money
    withdrawing: Money
    owed: Money
    version: int = 0

    @classmethod
    def empty(cls, developer_id: str, currency: str) -> Self:
        nothing = zero(currency)
        key = balance_id(developer_id, currency)
        return cls(key, developer_id, nothing, nothing, nothing, nothing)

    @property
    def currency(self) -> str:
        return self.available.currency

    @property
    def ready(self) -> Money:
        """What a person reads as the balance: below zero while money is owed."""
        return self.available - self.owed

    @property
    def total(self) -> Money:
        """Everything that belongs to the developer, less what is owed."""
        return self.clearing + self.ready + self.withdrawing

    def apply(self, lines: Iterable[Line]) -> Self:
        """The balance after these lines of a ledger entry; those of other accounts are ignored.

        Raises `Overdrawn` if an amount would be below zero.
        """
        of = self.developer_id
        changes = dict.fromkeys((clearing(of), earnings(of), withdrawing(of), owed(of)), 0)
        for line in lines:
            if line.account in changes and line.amount.currency == self.currency:
                changes[line.account] += line.amount.amount
        cleared, ready, leaving, debt = (Money(each, self.currency) for each in changes.values())
        after = replace(
            self,
            clearing=self.clearing + cleared,
            available=self.available + ready,
            withdrawing=self.withdrawing + leaving,
            owed=self.owed - debt,
        )
        amounts = (after.clearing, after.available, after.withdrawing, after.owed)
        if any(each.amount < 0 for each in amounts):
            raise Overdrawn
        return after

    def credit(self, amount: Money) -> tuple[Line, ...]:
        """The lines that give `amount` to the developer: what is owed is netted first."""
        netted = Money(min(amount.amount, self.owed.amount), self.currency)
        lines = (
            Line(owed(self.developer_id), netted),
            Line(earnings(self.developer_id), amount - netted),
        )
        return tuple(line for line in lines if line.amount)

    def take(self, amount: Money, *, from_clearing: Money) -> tuple[Line, ...]:
        """The lines that take `amount` back: first `from_clearing`, then what is ready; the rest
        is owed."""
        rest = amount - from_clearing
        ready = Money(min(rest.amount, self.available.amount), self.currency)
        lines = (
            Line(clearing(self.developer_id), -from_clearing),
            Line(earnings(self.developer_id), -ready),
            Line(owed(self.developer_id), -(rest - ready)),
        )
        return tuple(line for line in lines if line.amount)


@dataclass(frozen=True, slots=True)
class Clearing:
    """The released money of one booking until it is ready to withdraw. `id` is the booking's;
    `amount` is what is left of it after later refunds."""

    id: str
    developer_id: str
    amount: Money
    released_at: datetime
    clears_at: datetime
    cleared: bool = False
    version: int = 0

    def clear(self) -> Self:
        return replace(self, cleared=True)

    def take(self, amount: Money) -> tuple[Self, Money]:
        """Take back up to `amount`; returns what could be taken here."""
        most = 0 if self.cleared else self.amount.amount
        taken = Money(min(amount.amount, most), amount.currency)
        return replace(self, amount=self.amount - taken), taken

    def give(self, amount: Money) -> Self:
        """Money that was taken back is here again."""
        return replace(self, amount=self.amount + amount)


@dataclass(frozen=True, slots=True)
class ClearEarnings(Payload):
    """The clearing time of a booking's money is over: make it ready to withdraw."""

    kind: ClassVar[str] = "payments.clear"
    booking: str


def earned(entry: Transaction, developer_id: str) -> Money:
    """What the developer got by a release. Entries of older versions name the account of ready
    money, because there was no clearing."""
    mine = (clearing(developer_id), earnings(developer_id))
    currency = entry.lines[0].amount.currency
    return sum((x.amount for x in entry.lines if x.account in mine), zero(currency))
