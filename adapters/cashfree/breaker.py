"""A breaker: when Cashfree fails often, callers hear so at once instead of waiting."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from ports.clock import Clock

WINDOW = timedelta(minutes=5)
OPEN_FOR = timedelta(minutes=2)
FAILURES = 20
SHARE = 0.35
REMEMBERED = 1000
"""So many calls are looked back on at most; more would tell nothing new."""


class Breaker:
    """Opens after 20 failures that are at least 35 % of the calls of five minutes, for two."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls: deque[tuple[datetime, bool]] = deque(maxlen=REMEMBERED)
        self._rests_until: datetime | None = None

    @property
    def open(self) -> bool:
        """True while nobody should call."""
        return self._rests_until is not None and self._clock.now() < self._rests_until

    def record(self, *, failed: bool) -> None:
        """Remember how a call ended. Opening forgets the past: closed again means a new start."""
        now = self._clock.now()
        self._calls.append((now, failed))
        while self._calls[0][0] < now - WINDOW:
            self._calls.popleft()
        failures = sum(failed for _, failed in self._calls)
        if failures >= FAILURES and failures >= SHARE * len(self._calls):
            self._rests_until = now + OPEN_FOR
            self._calls.clear()
