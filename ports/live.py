"""Telling open browsers that something has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Live(Protocol):
    """A hint only: a browser that missed it sees the same on its next look."""

    async def publish(self, room: str, event: str, data: Mapping[str, object]) -> None:
        """Never raises. `room` is `account:<id>`, `session:<id>` or `developer:<id>`.

        After `session:ended` the sockets of that room are closed.
        """
        ...
