"""What lists of money are narrowed to: people, times and amounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ports.conditions import Between, Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyFilter:
    """`accounts` are the ids of the people whose money it is, `since` is included and `before` is
    not. The amounts are minor units, both included. None does not limit."""

    accounts: tuple[str, ...] | None = None
    since: datetime | None = None
    before: datetime | None = None
    least: int | None = None
    most: int | None = None

    def conditions(self, *, time: str, amount: str = "") -> tuple[Condition, ...]:
        """Those of times and amounts; `time` and `amount` are the paths of the fields."""
        found: list[Condition] = []
        if self.since or self.before:
            found.append(Between(time, self.since, self.before))
        if amount and (self.least is not None or self.most is not None):
            below = None if self.most is None else self.most + 1
            found.append(Between(amount, self.least, below))
        return tuple(found)


ALL = MoneyFilter()
EXPORTED_TOGETHER = 200
"""Rows that an export reads at once."""
