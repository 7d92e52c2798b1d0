"""The limits of payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import ClassVar

from core.policy import DAY, HOUR, MINUTE, SECOND


@dataclass(frozen=True, slots=True)
class PaymentPolicy:
    """What operators may tune; defaults and their sources: docs/rules.md."""

    AT_MOST: ClassVar[tuple[tuple[str, str], ...]] = (("clearing", "clearing_of_first_jobs"),)
    MAY_BE_ZERO: ClassVar[frozenset[str]] = frozenset(
        {"clearing", "clearing_of_first_jobs", "first_jobs"}
    )

    poll_after: tuple[timedelta, ...] = (
        (10 * SECOND, 30 * SECOND, 1 * MINUTE, 3 * MINUTE, 10 * MINUTE, 30 * MINUTE)
        + tuple(hour * HOUR for hour in range(1, 25))
        + tuple(day * DAY for day in range(2, 8))
    )
    """When the gateway is polled for an open payment, counted from the opening of its checkout; for
    a refund from its request, without the polls before the first minute."""
    clearing: timedelta = 3 * DAY
    """How long after its release money is ready to withdraw."""
    clearing_of_first_jobs: timedelta = 7 * DAY
    """The same for the first jobs of a developer."""
    first_jobs: int = 3
    """How many jobs of a developer are the first ones."""
    refundable: timedelta = 180 * DAY
    """How long after the payment the provider refunds it."""
    refund_requests: int = 4
    """How often a refund that the provider refuses finally is requested, under a new id each time,
    until it waits for an administrator."""
    refund_again_after: tuple[timedelta, ...] = (1 * HOUR, 6 * HOUR, 24 * HOUR)
    """How long after each refusal it is requested again; the last one also after later ones."""

    def is_early(self, turn: int) -> bool:
        """Whether this poll is before the first minute: only an open checkout needs it."""
        return turn < len(self.poll_after) and self.poll_after[turn] < MINUTE

    def poll_at(self, since: datetime, turn: int) -> datetime:
        """When the poll `turn` of a series is due: after the last delay, once per day."""
        beyond = max(0, turn + 1 - len(self.poll_after))
        return since + self.poll_after[turn - beyond] + beyond * DAY

    def refund_again_at(self, attempt: int, *, now: datetime) -> datetime | None:
        """When a refund whose request number `attempt`, from 1, is refused now is requested again.
        None: not by itself."""
        if attempt >= self.refund_requests:
            return None
        waits = self.refund_again_after
        return now + waits[min(attempt, len(waits)) - 1]

    def clears_at(self, released_at: datetime, *, releases_before: int) -> datetime:
        """When money released now is ready, for a developer with `releases_before` releases."""
        first = releases_before < self.first_jobs
        return released_at + (self.clearing_of_first_jobs if first else self.clearing)

    def next_poll_at(self, since: datetime, *, now: datetime, ends: bool = True) -> datetime | None:
        """When a series that began at `since` asks next, without the polls before the first minute.
        A series that `ends` has only those of the policy, and None after the last one."""
        last = len(self.poll_after)
        for turn in count(next((n for n in range(last) if not self.is_early(n)), 0)):
            if ends and turn >= last:
                return None
            if (at := self.poll_at(since, turn)) > now:
                return at
        raise AssertionError("unreachable")
