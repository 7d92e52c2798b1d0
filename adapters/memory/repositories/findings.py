"""Findings in memory."""

from __future__ import annotations

from adapters.memory.repositories.collection import pause
from adapters.memory.tables import Rows, View
from ports.findings import Finding, Findings


class MemoryFindings(Findings):
    def __init__(self, view: View) -> None:
        self._rows: Rows[Finding] = Rows(view, "findings")

    async def report(self, finding: Finding) -> None:
        await pause()
        if self._rows.find(finding.id) is None:
            self._rows.put(finding.id, finding)

    async def open(self, *, limit: int = 100) -> tuple[Finding, ...]:
        """The oldest first."""
        await pause()
        return tuple(sorted(self._rows.all(), key=lambda f: (f.at, f.id))[:limit])
