"""Reports to operators when due messages wait too long."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from core.findings import FindingKind
from ports.clock import Clock
from ports.findings import Finding
from ports.store import Store
from services.shared.periodic import periodic

log = logging.getLogger(__name__)

OVERDUE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxWatch:
    """Monitors the age of due messages."""

    store: Store
    clock: Clock

    @periodic("outbox.watch", every=timedelta(minutes=5))
    async def watch(self) -> None:
        """Report, at most once per hour, a message that has been due for more than `OVERDUE`:
        there are too few workers. Failed messages that await a retry do not count."""
        now, repositories = self.clock.now(), self.store.repositories
        oldest = await repositories.outbox.oldest_due(now=now)
        if oldest is None or now - oldest <= OVERDUE:
            return
        detail = f"The oldest due message has waited since {oldest:%Y-%m-%d %H:%M:%S} UTC."
        log.error("the outbox is overdue: %s", detail)
        await repositories.findings.report(
            Finding(
                f"outbox_overdue:{now:%Y-%m-%dT%H}",
                FindingKind.OUTBOX_OVERDUE,
                "outbox",
                detail,
                now,
            )
        )
