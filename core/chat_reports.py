"""Reports of conversations to the administrators."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from core.errors import Conflict
from core.text import checked_text

REASON_MAXIMUM = 2000
"""Characters."""
READINGS_KEPT = 50
"""The latest times at which administrators read the conversation."""


class AlreadyReported(Conflict):
    """You have reported this conversation already. We are looking at it."""

    code = "already_reported"


@dataclass(frozen=True, slots=True)
class ChatReport:
    """`reporter` and `closed_by` are account ids. `readings` are the times at which administrators
    read the conversation. Times are in UTC."""

    id: str
    chat: str
    reporter: str
    reason: str
    at: datetime
    readings: tuple[datetime, ...] = ()
    closed_at: datetime | None = None
    closed_by: str | None = None
    version: int = 0

    @property
    def taken_back(self) -> bool:
        """Whether its reporter has closed it."""
        return self.closed_by == self.reporter

    def read(self, *, now: datetime) -> Self:
        """An administrator has read the conversation."""
        return replace(self, readings=(*self.readings, now)[-READINGS_KEPT:])

    def close(self, *, by: str, now: datetime) -> Self:
        """Without effect on a closed report."""
        return self if self.closed_at else replace(self, closed_at=now, closed_by=by)


def checked_reason(text: str) -> str:
    """The reason as it is stored. Raises `Invalid`."""
    return checked_text(
        text,
        field="reason",
        maximum=REASON_MAXIMUM,
        lines=True,
        called="reason",
        empty="Tell us what is wrong.",
    )
