"""Findings in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from adapters.memory.repositories.repository import (
    all_hold,
    newest_first,
    oldest_first,
    yield_control,
)
from adapters.memory.tables import Table, TableAccess
from ports.conditions import Condition
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

    async def resolve(
        self, finding_id: str, *, by: str, how: str, now: datetime, stands: bool = False
    ) -> bool:
        await yield_control()
        stored = self._table.find(finding_id)
        if stored is None:
            return False
        if stored.is_open:
            self._table.put(finding_id, stored.resolve(by=by, how=how, now=now, stands=stands))
        elif stored.stands and not stands:
            self._table.put(finding_id, replace(stored, stands=False))
        return stored.is_open

    async def reopen(self, finding: Finding) -> bool:
        await yield_control()
        stored = self._table.find(finding.id)
        if stored is None or stored.is_open or stored.accepts(finding.detail):
            return False
        self._table.put(finding.id, finding)
        return True

    async def page(
        self,
        *,
        earliest: bool = False,
        limit: int = 20,
        cursor: str | None = None,
        where: Sequence[Condition] = (),
    ) -> tuple[tuple[Finding, ...], str | None]:
        await yield_control()
        keyed = (
            (f"{finding.at.isoformat(timespec='milliseconds')}|{finding.id}", finding)
            for finding in all_hold(self._table.all(), where)
        )
        cut = oldest_first if earliest else newest_first
        return cut(keyed, limit=limit, cursor=cursor)

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
