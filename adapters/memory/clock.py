"""A clock that stands still, and ids that count."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from ports.clock import Clock, Ids


class FixedClock(Clock):
    """Shows the same moment until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Time passes; the new now."""
        self._now += by
        return self._now

    def set(self, moment: datetime) -> None:
        self._now = moment


class SequentialIds(Ids):
    """The same names in every run: `bkg_00000000000000000000000001` and so on."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def new(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers):026d}"

    def secret(self) -> str:
        """As long as a true secret: 43 characters."""
        return f"secret-{next(self._numbers):036d}"
