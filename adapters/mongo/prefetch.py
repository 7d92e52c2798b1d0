"""Prefetched ids of due outbox messages."""

from __future__ import annotations

from collections.abc import Sequence

PREFETCH_FACTOR = 8
"""One query reads the ids for this many claims."""


class PrefetchedIds:
    """Ids that a query has read for the next claims of this process.

    Smaller engines evaluate all due messages before they apply a limit, so with thousands due
    one query per claim would be slow. The ids are only candidates: each is claimed by a
    conditional update, and if none can be claimed, the ids are read again.
    """

    def __init__(self) -> None:
        self._ids: list[str] = []

    def take(self, limit: int) -> list[str]:
        """The next candidates, oldest due time first; none if there are not enough."""
        if len(self._ids) < limit:
            self._ids = []
        taken, self._ids = self._ids[:limit], self._ids[limit:]
        return taken

    def store(self, ids: Sequence[str]) -> None:
        self._ids = list(ids)
