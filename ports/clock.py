"""The time and the random names of things, from outside the pure core."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, in UTC."""
        ...


class Ids(Protocol):
    def new(self, prefix: str) -> str:
        """`prefix_` and 26 letters and digits, sortable by time of birth; never twice."""
        ...

    def secret(self) -> str:
        """256 bits nobody can guess, safe in a cookie or a link."""
        ...
