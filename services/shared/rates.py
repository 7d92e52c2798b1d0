"""How fast an account may do something."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.errors import OneHourError
from services.shared.recent import forget_oldest


@dataclass(slots=True, kw_only=True)
class RateLimit:
    """A token bucket per account, in the memory of one process: a limit for what one person or page
    sends, not for what is stored. Several processes allow several times as much at most."""

    at_most: int
    within: timedelta
    error: type[OneHourError]
    _free_at: dict[str, datetime] = field(default_factory=dict)

    def charge(self, account: str, amount: int, *, now: datetime) -> None:
        """Count what was more expensive than one, afterwards: the account waits longer."""
        free_at = max(self._free_at.pop(account, now), now)
        self._free_at[account] = free_at + self.within / self.at_most * amount
        forget_oldest(self._free_at)

    def count(self, account: str, *, now: datetime) -> None:
        """Count one. Raises `error` if the account has used `at_most` of `within`; it may again
        when a part of that time has passed."""
        step = self.within / self.at_most
        free_at = max(self._free_at.pop(account, now), now)
        if free_at - now > self.within - step:
            self._free_at[account] = free_at
            raise self.error
        self._free_at[account] = free_at + step
        forget_oldest(self._free_at)
