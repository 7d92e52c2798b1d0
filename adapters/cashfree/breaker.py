"""A circuit breaker: when Cashfree fails often, calls fail at once instead of waiting."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from ports.clock import Clock

WINDOW = timedelta(minutes=5)
OPEN_FOR = timedelta(minutes=2)
FAILURES = 20
SHARE = 0.35
CALLS_AT_MOST = 1000
"""Stored calls; more would not change the result much."""


class Breaker:
    """Opens for two minutes after 20 failures within five minutes, if they are at least 35 % of the
    calls."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls: deque[tuple[datetime, bool]] = deque()
        self._failures = 0
        """Of the stored calls: counting them again took longer than all else here."""
        self._open_until: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether calls should fail at once."""
        return self._open_until is not None and self._clock.now() < self._open_until

    def record(self, *, failed: bool) -> None:
        """Record the result of a call. Opening the breaker clears the recorded calls."""
        now = self._clock.now()
        self._calls.append((now, failed))
        self._failures += failed
        while self._calls[0][0] < now - WINDOW or len(self._calls) > CALLS_AT_MOST:
            self._failures -= self._calls.popleft()[1]
        if self._failures >= FAILURES and self._failures >= SHARE * len(self._calls):
            self._open_until = now + OPEN_FOR
            self._calls.clear()
            self._failures = 0
