"""How fast an account may send messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from core.chats import TooManyMessages
from core.policy import MINUTE
from services.chats.recent import forget_oldest


@dataclass(slots=True, kw_only=True)
class SendLimit:
    """A token bucket per account, in the memory of one process: a limit for what one person types,
    not for what is stored. Several processes allow several times as much at most."""

    per_minute: int
    _free_at: dict[str, datetime] = field(default_factory=dict)

    def count(self, account: str, *, now: datetime) -> None:
        """Count one message. Raises `TooManyMessages` if the account has sent `per_minute` within a
        minute; it can send again when a part of the minute has passed."""
        step = MINUTE / self.per_minute
        free_at = max(self._free_at.pop(account, now), now)
        if free_at - now > MINUTE - step:
            self._free_at[account] = free_at
            raise TooManyMessages
        self._free_at[account] = free_at + step
        forget_oldest(self._free_at)
