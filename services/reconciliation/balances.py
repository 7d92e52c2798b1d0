"""The comparison of balances with the ledger, in steps that read a bounded part of it.

A developer may have a hundred thousand entries, and a message runs for 25 seconds at most. So what
was summed until a time is handed on from step to step; what is newer is read with the balance, at
one moment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self

from core import reconciled_earnings
from core.findings import FindingKind
from core.money import Money
from core.reconciliation import Difference
from core.transactions import Line, Transaction, Unbalanced
from ports.clock import Clock
from ports.store import Repositories
from services.payments import BALANCES
from services.reconciliation.checks import Check

READ_AT_ONCE = 200
MOST_READS = 100
"""Reads of one step: 20,000 entries."""
COMMITTED = timedelta(minutes=10)
"""No transaction with an earlier time can still be committed."""

Sums = dict[str, int]
"""Minor units by `<currency>:<account>`."""


@dataclass(slots=True)
class _Reading:
    """What was summed of all entries before `until`, by developer: None for a developer with an
    entry that cannot be read. `cursor` goes on with `developer`, of whom `part` is summed."""

    until: datetime
    done: dict[str, Sums | None] = field(default_factory=dict)
    developer: str = ""
    cursor: str | None = None
    part: Sums = field(default_factory=dict)

    @classmethod
    def of(cls, progress: str) -> Self:
        found: dict[str, Any] = json.loads(progress)
        return cls(**{**found, "until": datetime.fromisoformat(found["until"])})

    def __str__(self) -> str:
        return json.dumps(
            {
                "until": self.until.isoformat(),
                "done": self.done,
                "developer": self.developer,
                "cursor": self.cursor,
                "part": self.part,
            }
        )

    async def read(
        self, repositories: Repositories, developers: Sequence[str], *, size: int, most: int
    ) -> bool:
        """Go on, with `most` reads of `size` entries. Whether all is read."""
        left = most
        for developer in developers:
            if developer in self.done:
                continue
            if developer != self.developer:
                self.developer, self.cursor, self.part = developer, None, {}
            while developer not in self.done:
                if not left:
                    return False
                left -= 1
                await self._next(repositories, developer, size)
        return True

    async def _next(self, repositories: Repositories, developer: str, size: int) -> None:
        try:
            entries, self.cursor = await repositories.transactions.of_account(
                (developer,), limit=size, cursor=self.cursor, before=self.until
            )
        except Unbalanced:  # `EntryCheck` reports the entry
            self.done[developer] = None
            return
        add(self.part, entries)
        if self.cursor is None:
            self.done[developer], self.part = self.part, {}


@dataclass(frozen=True, slots=True)
class BalanceCheck(Check):
    """Balances, with the sum of the lines of each, of which `prepared` reads the old ones."""

    clock: Clock
    name: str = "balances"
    kinds: frozenset[FindingKind] = frozenset(
        {FindingKind.BALANCE_WRONG, FindingKind.BALANCE_BELOW_ZERO}
    )
    read_at_once: int = READ_AT_ONCE
    most_reads: int = MOST_READS
    progress: str = ""
    old: Mapping[str, Sums | None] = field(default_factory=dict)
    until: datetime | None = None

    async def ids(self, repositories: Repositories, *, after: str, limit: int) -> Sequence[str]:
        return await repositories.documents(BALANCES).ids(after=after, limit=limit)

    def resumed(self, progress: str) -> Self:
        return replace(self, progress=progress)

    async def prepared(self, repositories: Repositories, ids: Sequence[str]) -> Self:
        reading = (
            _Reading.of(self.progress) if self.progress else _Reading(self.clock.now() - COMMITTED)
        )
        balances = await repositories.documents(BALANCES).many(ids)
        developers = sorted({each.developer_id for each in balances.values()})
        over = await reading.read(
            repositories, developers, size=self.read_at_once, most=self.most_reads
        )
        progress = "" if over else str(reading)
        return replace(self, progress=progress, old=reading.done, until=reading.until)

    async def compare(
        self, repositories: Repositories, ids: Sequence[str], *, after: str
    ) -> list[Difference]:
        found = list[Difference]()
        for balance in (await repositories.documents(BALANCES).many(ids)).values():
            old = self.old.get(balance.developer_id)
            if old is None:  # unreadable, or newer than what was read
                continue
            try:
                lines = await self._lines(repositories, balance.developer_id, old)
            except Unbalanced:
                continue
            found += reconciled_earnings.of_balance(balance, lines)
        return found

    async def _lines(self, repositories: Repositories, developer_id: str, old: Sums) -> list[Line]:
        """One line per account and currency: the sum of all entries of the developer."""
        sums, cursor = dict(old), None
        while True:
            entries, cursor = await repositories.transactions.of_account(
                (developer_id,), limit=self.read_at_once, cursor=cursor, since=self.until
            )
            add(sums, entries)
            if cursor is None:
                break
        parts = ((name.partition(":"), total) for name, total in sums.items())
        return [Line(account, Money(total, currency)) for (currency, _, account), total in parts]


def add(sums: Sums, entries: Sequence[Transaction]) -> None:
    """Add the lines of these entries."""
    for entry in entries:
        for line in entry.lines:
            name = f"{line.amount.currency}:{line.account}"
            sums[name] = sums.get(name, 0) + line.amount.amount
