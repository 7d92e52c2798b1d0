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
    """What a capability declares: `name` is `capability.verb`, `every` whole seconds.

    Raises `ValueError` for another form of name, and for a period that is shorter than one
    second or no whole number of them.
    """

    name: str
    every: timedelta

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(
                f"{self.name!r} is no name of a periodic job; write `capability.verb`."
            )
        if self.every < SECOND or self.every % SECOND:
            raise ValueError(f"{self.name} must run every one or more whole seconds.")


@dataclass(frozen=True, slots=True)
class PeriodicJob:
    """The stored state of one periodic job. All times are the store's.

    `due_at` is the start of the period that is to be run; it stays until that run succeeds, and
    so also names a series of failures. `retry_at` is set after a failure. `attempts` counts the
    claims since the last success, the present one included. `lease` is the token of the worker
    that runs the job until `lease_until`; after that any worker may take it over.
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
        """Due at once: a job that cannot work shows it at deployment, not one period later."""
        return cls(periodic.name, periodic.every, due_at=now)

    @property
    def next_at(self) -> datetime:
        """From when on a worker may claim it."""
        return self.lease_until or self.retry_at or self.due_at

    @property
    def failing(self) -> bool:
        """Its last attempt did not succeed."""
        return self.last_error is not None

    def claim(self, token: str, *, lease: timedelta, now: datetime) -> Self:
        """Taken by one worker until `now + lease`. A lease that ran out counts as a failure."""
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
        """Succeeded: due again at the first point after `now` on the grid of its due times.

        Periods that were missed are not made up for: the run that ends now stands for them all.
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
        """Run the same period again after a pause that doubles: five seconds at first, at most
        half an hour, and never longer than the period."""
        wait = min(FIRST_RETRY * 2 ** min(self.attempts - 1, 12), LONGEST_RETRY, self.every)
        return replace(self, retry_at=now + wait, lease=None, lease_until=None, last_error=error)

    def with_period(self, every: timedelta, *, now: datetime) -> Self:
        """The period has changed in the code. A shorter one brings the next run forward."""
        return replace(self, every=every, due_at=min(self.due_at, now + every))
