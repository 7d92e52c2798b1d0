"""What the ledger says about each day: money that came and went, and where the rest is at its end.

A day is one of India (core/numbering.py). The sums of a day are kept, because an overview must not
read a hundred thousand entries; they are made of entries alone and can be made again from them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self

from core.money import CURRENCY, Money
from core.numbering import INDIA
from core.transactions import FEES, PAID_OTHERWISE, Kind, Transaction

NOTHING = Money(0)
IN_ALL = "held", "clearing", "ready", "withdrawing", "owed"
"""The amounts that are those at the end of the day, not of the day alone."""


@dataclass(frozen=True, slots=True)
class MoneyDay:
    """The day with the id `2026-11-30`. Its sums are those of the entries before `until`, in UTC.

    `gross` is what clients paid, `fees` what the marketplace earned less what it gave back,
    `refunds` what clients have got back of it, `paid_out` what developers got less what came
    back: of this day. `held` for bookings, `clearing`, `ready` and `withdrawing` of developers, and
    `owed` by them (below zero) are the balances at `until`.
    """

    id: str
    until: datetime
    gross: Money = NOTHING
    payments: int = 0
    fees: Money = NOTHING
    refunds: Money = NOTHING
    paid_out: Money = NOTHING
    held: Money = NOTHING
    clearing: Money = NOTHING
    ready: Money = NOTHING
    withdrawing: Money = NOTHING
    owed: Money = NOTHING
    version: int = 0

    @classmethod
    def of(cls, moment: datetime) -> Self:
        """An empty day, up to its beginning."""
        day = (moment.astimezone(UTC) + INDIA).date()
        return cls(day.isoformat(), _start(day))

    @property
    def end(self) -> datetime:
        """When the day ends, in UTC."""
        return _start(date.fromisoformat(self.id) + timedelta(days=1))

    @property
    def due_out(self) -> Money:
        """What developers can or will get, less what they owe."""
        return self.clearing + self.ready + self.withdrawing + self.owed

    def following(self) -> Self:
        """The next day, with the balances of this one."""
        day = (date.fromisoformat(self.id) + timedelta(days=1)).isoformat()
        kept = {name: getattr(self, name) for name in IN_ALL}
        return replace(type(self)(day, self.end), **kept)

    def add(self, entries: Iterable[Transaction], *, until: datetime) -> Self:
        """The day with these entries, which are all of the time from its `until` to the new one."""
        sums = {
            part.name: getattr(self, part.name).amount
            for part in fields(self)
            if isinstance(getattr(self, part.name), Money)
        }
        payments = self.payments
        for entry in entries:
            payments += entry.kind is Kind.PAY
            for line in entry.lines:
                name, sign = _sum_of(entry.kind, line.account)
                if name and line.amount.currency == CURRENCY:
                    sums[name] += sign * line.amount.amount
        amounts: dict[str, Any] = {name: Money(value) for name, value in sums.items()}
        return replace(self, until=until, payments=payments, **amounts)


_BALANCES = {
    "escrow": "held",
    "clearing": "clearing",
    "developer": "ready",
    "withdrawing": "withdrawing",
    "owed": "owed",
    "paid_out": "paid_out",
}


def _sum_of(kind: Kind, account: str) -> tuple[str, int]:
    """Which sum a line belongs to, and its sign there. Empty for none."""
    name, _, _ = account.partition(":")
    if name == "gateway":
        # Money that was paid twice, or of another amount, goes back and is no payment.
        return {Kind.PAY: ("gross", -1), Kind.REFUND: ("refunds", 1)}.get(kind, ("", 0))
    if account == PAID_OTHERWISE:
        return "refunds", 1
    if kind is Kind.PAYOUT_FEE:  # our cost, which no developer got
        return "", 0
    return ("fees", 1) if account == FEES else (_BALANCES.get(name, ""), 1)


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC) - INDIA
