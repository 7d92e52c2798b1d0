"""Findings that somebody must check."""

from __future__ import annotations

from ports.findings import Finding
from tests.app import MemoryApp

FINDING = "refund_refused:pay_1:1"


async def stored_finding(app: MemoryApp, *, resolved: bool = False) -> None:
    """One that is open, or was resolved by itself."""
    now, findings = app.clock.now(), app.store.repositories.findings
    await findings.report(Finding(FINDING, "refund_refused", "pay_1", "Refused.", now))
    if resolved:
        await findings.resolve(FINDING, by="reconciliation", how="It was repaired.", now=now)
