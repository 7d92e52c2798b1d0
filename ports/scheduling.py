"""The due book: owed work and deadlines, who may run them, and the bell that wakes relays;
periodic jobs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from core.outbox import OutboxId, OutboxMessage
from core.periodic import Periodic, PeriodicJob


class Outbox(Protocol):
    """Adding an id that is there already changes nothing: the same work is owed once.

    A claim is a compare-and-set with a lease: of many relays one gets an effect, and when its
    lease runs out another may. `finish`, `fail` and `postpone` say False when the lease in
    their hand is no longer the effect's own: somebody else has taken over.
    """

    async def add(self, *messages: OutboxMessage) -> None: ...
    async def find(self, message_id: str) -> OutboxMessage | None: ...
    async def cancel(self, *message_ids: str, now: datetime) -> None:
        """This is owed no longer. Work already begun is not called back."""
        ...

    async def claim(
        self,
        *,
        now: datetime,
        lease: timedelta,
        token: str,
        limit: int,
        only: Sequence[str] = (),
    ) -> tuple[OutboxMessage, ...]:
        """Due, unleased effects, the longest due first, each now leased under `token`."""
        ...

    async def finish(self, message_id: OutboxId, *, token: str, now: datetime) -> bool: ...
    async def fail(self, failed: OutboxMessage, *, token: str) -> bool:
        """Keep what `OutboxMessage.fail` made of it."""
        ...

    async def postpone(self, message_id: OutboxId, *, token: str, until: datetime) -> bool:
        """Not yet: due again later, as if it had never been tried."""
        ...

    async def retry(self, message_id: OutboxId, *, now: datetime) -> bool:
        """An operator brings a dead effect back."""
        ...

    async def in_state(self, state: str, *, limit: int) -> tuple[OutboxMessage, ...]: ...
    async def oldest_due(self, *, now: datetime) -> datetime | None:
        """Since when the most overdue effect waits; None when nothing is due."""
        ...


class Notifier(Protocol):
    """Rings for relays after a commit. Losing a ring delays work by one poll, no more."""

    async def wake_up(self, message_ids: Sequence[str]) -> None:
        """Never raises, never waits for long."""
        ...


class PeriodicJobs(Protocol):
    """One row per periodic job. Used outside of transactions.

    The time is the store's own, never the caller's, so workers whose clocks differ agree on what
    is due and when a lease ends. A claim is a compare-and-set: of any number of workers one gets
    a due job, and nobody else until its lease has run out. The token fences: `finish` and `fail`
    return False, and change nothing, when the job is no longer leased under it.
    All methods raise `Unavailable` when the store does not answer.
    """

    async def ensure(self, jobs: Sequence[Periodic]) -> None:
        """Create the rows that are missing, due at once, and update the period of those whose
        period has changed. Rows of other jobs are left alone: newer code may run them."""
        ...

    async def claim(
        self, names: Sequence[str], *, lease: timedelta, token: str
    ) -> tuple[PeriodicJob, ...]:
        """Those of the named jobs that are due and not leased, each now leased under `token`,
        the longest due first. `token` must be new for each call."""
        ...

    async def finish(self, name: str, *, token: str) -> bool:
        """It succeeded (`PeriodicJob.finish`)."""
        ...

    async def fail(self, name: str, *, token: str, error: str) -> bool:
        """It is to be run again (`PeriodicJob.fail`)."""
        ...

    async def all(self) -> tuple[PeriodicJob, ...]:
        """Every row, by name."""
        ...
