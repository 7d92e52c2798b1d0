"""`onehour reconcile`: makes all comparisons now, and prints what does not fit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from core.errors import OneHourError
from onehour.container import build, close
from onehour.settings import Settings
from onehour.tables import text_table
from ports.findings import Finding
from services.reconciliation import PageResult

HEAD = ("state", "severity", "who acts", "kind", "about", "since (UTC)", "detail")


class Differences(OneHourError):
    """Something does not fit."""

    code = "differences"


def main(settings: Settings) -> None:
    """Prints one line per finding. Raises `Differences` while some are open, and `Unavailable`."""
    asyncio.run(_run(settings))


async def _run(settings: Settings) -> None:
    container = build(settings)
    try:
        report(await container.services().reconciliation.run())
    finally:
        await close(container)


def report(pages: Sequence[PageResult]) -> None:
    """Raises `Differences` if a finding is open, or a provider has not answered."""
    open_ = [finding for page in pages for finding in page.open]
    resolved = [finding for page in pages for finding in page.resolved]
    if open_ or resolved:
        rows = [HEAD, *map(_cells, open_), *map(_cells, resolved)]
        print(text_table(rows))
    missed = sorted({page.missed for page in pages} - {""})
    if missed:
        raise Differences(
            f"{len(open_)} findings are open; not compared to the end: {', '.join(missed)}."
        )
    if open_:
        raise Differences(f"{len(open_)} findings are open, {len(resolved)} were resolved.")
    print(f"Everything fits; {len(resolved)} findings were resolved.")


def _cells(finding: Finding) -> tuple[str, ...]:
    return (
        "open" if finding.is_open else "resolved",
        finding.severity,
        finding.owner,
        finding.kind,
        finding.subject,
        f"{finding.at:%Y-%m-%d %H:%M}",
        finding.detail,
    )
