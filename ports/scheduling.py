"""The outbox and its leases, the notifier that wakes relays, and periodic jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from core.outbox import OutboxId, OutboxMessage, State
from core.periodic import Periodic, PeriodicJob


class OutboxList(StrEnum):
    """Lists of outbox messages for operators."""

    WAITING = "waiting"
    """Not done yet: due, or due later."""
    FAILING = "failing"
    """Those of the waiting ones whose last attempt failed."""
    DEAD = "dead"
    DONE = "done"
    CANCELLED = "cancelled"


OUTBOX_STATES: Mapping[OutboxList, State] = {
    OutboxList.WAITING: State.READY,
    OutboxList.FAILING: State.READY,
    OutboxList.DEAD: State.DEAD,
    OutboxList.DONE: State.DONE,
    OutboxList.CANCELLED: State.CANCELLED,
}
"""The state of the messages of each list."""
LATEST_FIRST = frozenset({OutboxList.DONE, OutboxList.CANCELLED})
"""The lists that begin with the latest due time; the others begin with the earliest."""


class Outbox(Protocol):
    """Outbox messages. Adding an id that exists changes nothing. An added message gets the
    `current_trace` (ports/telemetry.py).

    A claim is a compare-and-set with a lease: of many relays one gets a message, and another may
    claim it after the lease has expired. The token is a fencing token: `finish`, `remove`, `fail`
    and `postpone` change nothing, and say so, if the message is no longer leased under it.
    """

    async def add(self, *messages: OutboxMessage) -> None: ...
    async def find(self, message_id: str) -> OutboxMessage | None: ...
    async def many(self, message_ids: Sequence[str]) -> dict[str, OutboxMessage]:
        """Those that exist, by id, in one query."""
        ...

    async def cancel(self, *message_ids: str, now: datetime) -> None:
        """Cancel messages that are not done yet. A handler that is running is not stopped."""
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
        """Due messages without a lease, oldest due time first, each now leased under `token`.

        At most `limit`; only those with the ids in `only`, if it is given.
        """
        ...

    async def finish(self, *message_ids: OutboxId, token: str, now: datetime) -> int:
        """How many of them were still leased, and are done now: one write for any number."""
        ...

    async def remove(self, *message_ids: OutboxId, token: str) -> int:
        """How many of them were still leased, and exist no more: one write for any number."""
        ...

    async def fail(self, failed: OutboxMessage, *, token: str) -> bool:
        """Store the result of `OutboxMessage.fail`."""
        ...

    async def postpone(self, message_id: OutboxId, *, token: str, until: datetime) -> bool:
        """Make it due again at `until`, with no attempts counted."""
        ...

    async def retry(self, message_id: OutboxId, *, now: datetime) -> bool:
        """Make a dead letter due again. False if there is none with this id."""
        ...

    async def in_state(self, state: str, *, limit: int) -> tuple[OutboxMessage, ...]: ...
    async def page(
        self, wanted: OutboxList, *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[OutboxMessage, ...], str | None]:
        """A page of the list, by due time, and the next cursor."""
        ...

    async def count(self, wanted: OutboxList, *, at_most: int) -> int:
        """How many messages the list has, counted up to `at_most`."""
        ...

    async def oldest_due(self, *, now: datetime) -> datetime | None:
        """The due time of the oldest due message without a lease; None if nothing is due."""
        ...

    async def count_due(self, *, now: datetime, at_most: int) -> int:
        """How many messages are due and without a lease, counted up to `at_most`."""
        ...


class Notifier(Protocol):
    """Wakes relays after a commit. A lost wake-up delays messages until the next poll."""

    async def wake_up(self, message_ids: Sequence[str]) -> None:
        """Tell relays that these messages are due. Never raises and does not wait."""
        ...


class PeriodicJobs(Protocol):
    """The stored state of periodic jobs. Used outside of transactions.

    The clock is that of the store, never the caller's, so that workers whose clocks differ agree
    on what is due and when a lease ends. A claim is a compare-and-set: of any number of workers
    one gets a due job, and no other until its lease has expired. The token is a fencing token:
    `finish` and `fail` return False, and change nothing, if the job is no longer leased under
    it. All methods raise `Unavailable` if the store does not respond.
    """

    async def ensure(self, jobs: Sequence[Periodic]) -> None:
        """Add the missing jobs, due at once, and update changed periods. Other stored jobs are not
        changed, because workers of a newer version may run them."""
        ...

    async def claim(
        self, names: Sequence[str], *, lease: timedelta, token: str
    ) -> tuple[PeriodicJob, ...]:
        """Those of the named jobs that are due and not leased, oldest due time first, each now
        leased under `token`, which must be new for each call."""
        ...

    async def finish(self, name: str, *, token: str) -> bool:
        """Store a success (`PeriodicJob.finish`)."""
        ...

    async def fail(self, name: str, *, token: str, error: str) -> bool:
        """Store a failure (`PeriodicJob.fail`)."""
        ...

    async def all(self) -> tuple[PeriodicJob, ...]:
        """Every stored job, by name."""
        ...
