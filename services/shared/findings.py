"""Findings that come back."""

from __future__ import annotations

from ports.findings import Finding, Findings


async def report_again(findings: Findings, finding: Finding) -> None:
    """Report it, or open it again if it was resolved under this id; not if a person accepted this
    detail."""
    if not await findings.reopen(finding):
        await findings.report(finding)
