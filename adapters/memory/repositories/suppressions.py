"""Suppressed addresses in memory."""

from __future__ import annotations

from adapters.memory.repositories.collection import pause
from adapters.memory.tables import Rows, View
from core.suppressions import Suppression, folded
from ports.suppressions import Suppressions


class MemorySuppressions(Suppressions):
    def __init__(self, view: View) -> None:
        self._rows: Rows[Suppression] = Rows(view, "suppressions")

    async def find(self, email: str) -> Suppression | None:
        await pause()
        return self._rows.find(folded(email))

    async def add(self, suppression: Suppression) -> None:
        await pause()
        there = self._rows.find(suppression.email)
        if there is None or there.at <= suppression.at:
            self._rows.put(suppression.email, suppression)

    async def remove(self, email: str) -> None:
        await pause()
        self._rows.drop(folded(email))
