"""A fixed clock, and sequential ids."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from ports.clock import Clock, Ids


class FixedClock(Clock):
    """Returns the same time until it is changed."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> datetime:
        """Move the time forward; returns the new time."""
        self._now += by
        return self._now

    def set(self, moment: datetime) -> None:
        self._now = moment


class SequentialIds(Ids):
    """The same ids in every run: `bkg_00000000000000000000000001` and so on."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def new(self, prefix: str) -> str:
        return f"{prefix}_{next(self._numbers):026d}"

    def secret(self) -> str:
        """As long as a real secret: 43 characters."""
        return f"secret-{next(self._numbers):036d}"
