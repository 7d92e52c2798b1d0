"""Periodic jobs: work that runs once per period, whichever worker runs it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
SECOND = timedelta(seconds=1)
FIRST_RETRY = 5 * SECOND
LONGEST_RETRY = timedelta(minutes=30)
ABANDONED = "The worker stopped, or lost its lease, before the job ended."


@dataclass(frozen=True, slots=True)
class Periodic:
    """The declaration of a periodic job: `name` is `capability.verb`, `every` its period.

    Raises `ValueError` for a name of another form, and for a period that is not a whole number
    of seconds or shorter than one.
    """

    name: str
    every: timedelta

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(
                f"{self.name!r} is not a name of a periodic job; write `capability.verb`."
            )
        if self.every < SECOND or self.every % SECOND:
            raise ValueError(f"{self.name} must run every one or more whole seconds.")


@dataclass(frozen=True, slots=True)
class PeriodicJob:
    """The stored state of one periodic job. All times are the store's.

    `due_at` is the start of the period to run. It stays the same until a run succeeds, so it also
    identifies a series of failures. `retry_at` is set after a failure. `attempts` counts the
    claims since the last success, including the current one. `lease` is the fencing token of the
    worker that runs the job until `lease_until`; after that any worker may claim it.
    `last_error` is None once the job has succeeded.
    """

    name: str
    every: timedelta
    due_at: datetime
    retry_at: datetime | None = None
    lease: str | None = None
    lease_until: datetime | None = None
    attempts: int = 0
    last_started_at: datetime | None = None
    last_finished_at: datetime | None = None
    last_error: str | None = None

    @classmethod
    def first(cls, periodic: Periodic, *, now: datetime) -> Self:
        """A new job, due at once, so that a broken job is noticed at deployment and not a period
        later."""
        return cls(periodic.name, periodic.every, due_at=now)

    @property
    def next_at(self) -> datetime:
        """The earliest time a worker may claim it."""
        return self.lease_until or self.retry_at or self.due_at

    @property
    def failing(self) -> bool:
        """Whether the last run failed."""
        return self.last_error is not None

    def claim(self, token: str, *, lease: timedelta, now: datetime) -> Self:
        """Claimed by one worker until `now + lease`. A lease that expired counts as a failure."""
        return replace(
            self,
            lease=token,
            lease_until=now + lease,
            retry_at=None,
            attempts=self.attempts + 1,
            last_started_at=now,
            last_error=ABANDONED if self.lease else self.last_error,
        )

    def finish(self, *, now: datetime) -> Self:
        """After a success: due again at `due_at` plus the smallest number of periods that is
        after `now`. Missed periods are not run again.
        """
        periods = max(0, (now - self.due_at) // self.every) + 1
        return replace(
            self,
            due_at=self.due_at + periods * self.every,
            lease=None,
            lease_until=None,
            attempts=0,
            last_finished_at=now,
            last_error=None,
        )

    def fail(self, error: str, *, now: datetime) -> Self:
        """After a failure: the same period is run again after a delay that doubles from five
        seconds to half an hour, and is never longer than the period."""
        wait = min(FIRST_RETRY * 2 ** min(self.attempts - 1, 12), LONGEST_RETRY, self.every)
        return replace(self, retry_at=now + wait, lease=None, lease_until=None, last_error=error)

    def with_period(self, every: timedelta, *, now: datetime) -> Self:
        """The job with a new period. A shorter one makes it due earlier."""
        return replace(self, every=every, due_at=min(self.due_at, now + every))
