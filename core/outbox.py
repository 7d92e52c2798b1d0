"""Work owed after a state change: everything the outside must hear of, and every deadline.

An effect is written in the transaction that changes the state; relays run it at least once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType, Self

OutboxId = NewType("OutboxId", str)


class State(StrEnum):
    READY = "ready"
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "void"


ATTEMPTS_BEFORE_DEAD = 200
"""About four days of half-hourly tries: longer than any outage should last."""
LONGEST_WAIT = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """`id` is aggregate, version and name, so owing the same thing twice is a duplicate.

    `due_at` lies in the future for a deadline. `lease` is the token of the relay that works
    on it now; only that relay may finish it, and only while no other has taken it over.
    """

    id: OutboxId
    kind: str
    due_at: datetime
    payload: Mapping[str, str] = field(default_factory=dict)
    state: State = State.READY
    attempts: int = 0
    lease: str | None = None
    lease_until: datetime | None = None
    last_error: str | None = None

    def fail(self, error: str, *, now: datetime, for_good: bool = True) -> Self:
        """Try again later, each time after a longer while; in the end, unless not `for_good`,
        set aside for an operator."""
        if for_good and self.attempts >= ATTEMPTS_BEFORE_DEAD:
            return replace(self, state=State.DEAD, last_error=error, lease=None, lease_until=None)
        wait = min(timedelta(seconds=2 ** min(self.attempts, 12) / 2), LONGEST_WAIT)
        return replace(self, due_at=now + wait, last_error=error, lease=None, lease_until=None)


def message(kind: str, key: str, *, due_at: datetime, **payload: str) -> OutboxMessage:
    """An effect of that kind, owed once per `key`."""
    return OutboxMessage(OutboxId(f"{key}:{kind}"), kind, due_at, payload)
