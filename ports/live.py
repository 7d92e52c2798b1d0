"""Live updates for open browsers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Live(Protocol):
    """Best effort: a browser that misses an update gets the data with its next request."""

    async def publish(self, room: str, event: str, data: Mapping[str, object]) -> None:
        """Send an event to all sockets of a room: `account:<id>`, `session:<id>` or
        `developer:<id>`. Never raises. `data` must be JSON-serialisable.

        After the event `session:ended` the sockets of that room are closed.
        """
        ...
