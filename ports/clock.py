"""The current time, and new ids and secrets."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...


class Ids(Protocol):
    def new(self, prefix: str) -> str:
        """A unique id: `prefix_` and 26 letters and digits, sortable by creation time."""
        ...

    def secret(self) -> str:
        """256 random bits as a text that is safe in cookies and URLs."""
        ...
