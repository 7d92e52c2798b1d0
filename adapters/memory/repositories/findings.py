"""Findings in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

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

    async def find(self, finding_id: str) -> Finding | None:
        await yield_control()
        return self._table.find(finding_id)

    async def resolve(self, finding_id: str, *, by: str, how: str, now: datetime) -> bool:
        await yield_control()
        stored = self._table.find(finding_id)
        if stored is None or not stored.is_open:
            return False
        self._table.put(finding_id, stored.resolve(by=by, how=how, now=now))
        return True

    async def reopen(self, finding: Finding) -> bool:
        await yield_control()
        stored = self._table.find(finding.id)
        if stored is None or stored.is_open:
            return False
        self._table.put(finding.id, finding)
        return True

    async def open(self, *, limit: int = 100) -> tuple[Finding, ...]:
        """The oldest first."""
        await yield_control()
        found = (finding for finding in self._table.all() if finding.is_open)
        return tuple(sorted(found, key=lambda f: (f.at, f.id))[:limit])

    async def of_kinds(
        self, kinds: Sequence[str], *, after: str = "", until: str | None = None
    ) -> tuple[Finding, ...]:
        await yield_control()
        found = (
            finding
            for finding in self._table.all()
            if finding.kind in kinds
            and finding.subject > after
            and (until is None or finding.subject <= until)
        )
        return tuple(sorted(found, key=lambda finding: finding.id))
