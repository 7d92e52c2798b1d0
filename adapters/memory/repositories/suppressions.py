"""Suppressed addresses in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from adapters.memory.repositories.repository import yield_control
from adapters.memory.tables import Table, TableAccess
from core.suppressions import Suppression, folded
from ports.suppressions import Suppressions


class MemorySuppressions(Suppressions):
    def __init__(self, tables: TableAccess) -> None:
        self._table: Table[Suppression] = Table(tables, "suppressions")

    async def find(self, email: str) -> Suppression | None:
        await yield_control()
        return self._table.find(folded(email))

    async def listed(self, emails: Sequence[str]) -> frozenset[str]:
        await yield_control()
        return frozenset(email for email in emails if self._table.find(folded(email)))

    async def since(self, moment: datetime, *, limit: int) -> tuple[Suppression, ...]:
        await yield_control()
        found = [each for each in self._table.all() if each.at >= moment]
        return tuple(sorted(found, key=lambda each: (each.at, each.email))[:limit])

    async def add(self, suppression: Suppression) -> None:
        await yield_control()
        stored = self._table.find(suppression.email)
        if stored is None or stored.at <= suppression.at:
            self._table.put(suppression.email, suppression)

    async def remove(self, email: str) -> None:
        await yield_control()
        self._table.delete(folded(email))
