"""Ids of due messages, read ahead of their claim."""

from __future__ import annotations

from collections.abc import Sequence

PREFETCH_FACTOR = 8
"""One query reads ids for so many claims."""


class PrefetchedIds:
    """The ids one query found beyond its own claim, for the next claims of this process.

    Smaller engines evaluate everything that is due before they apply the limit, so with
    thousands due one query per claim would be most of the work. The ids are only candidates:
    each is claimed by a guarded update, and if none could be claimed, the ids are read again.
    """

    def __init__(self) -> None:
        self._ids: list[str] = []

    def take(self, limit: int) -> list[str]:
        """The next candidates, the longest due first; none if there are not enough."""
        if len(self._ids) < limit:
            self._ids = []
        taken, self._ids = self._ids[:limit], self._ids[limit:]
        return taken

    def keep(self, ids: Sequence[str]) -> None:
        self._ids = list(ids)
