"""Findings in memory."""

from __future__ import annotations

from adapters.memory.repositories.repository import yield_control
from adapters.memory.tables import Table, TableAccess
from ports.findings import Finding, Findings


class MemoryFindings(Findings):
    def __init__(self, tables: TableAccess) -> None:
        self._table: Table[Finding] = Table(tables, "findings")

    async def report(self, finding: Finding) -> None:
        await yield_control()
        if self._table.find(finding.id) is None:
            self._table.put(finding.id, finding)

    async def open(self, *, limit: int = 100) -> tuple[Finding, ...]:
        """The oldest first."""
        await yield_control()
        return tuple(sorted(self._table.all(), key=lambda f: (f.at, f.id))[:limit])
