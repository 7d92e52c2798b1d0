"""Counts the requests to the database and the documents in its answers."""

from __future__ import annotations

from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)


class Counted(CommandListener):
    """`requests` and `documents` since the last `clear`."""

    def __init__(self) -> None:
        self.requests = self.documents = 0

    def clear(self) -> None:
        self.requests = self.documents = 0

    def started(self, event: CommandStartedEvent) -> None:
        self.requests += 1

    def succeeded(self, event: CommandSucceededEvent) -> None:
        cursor = event.reply.get("cursor", {})
        self.documents += len(cursor.get("firstBatch", cursor.get("nextBatch", ())))

    def failed(self, event: CommandFailedEvent) -> None:
        """Counted when it was started."""
