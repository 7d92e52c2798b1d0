"""Prefetched due outbox messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

PREFETCH_FACTOR = 8
"""One query reads the messages for this many claims."""

Candidates = Sequence[Mapping[str, Any]]


class PrefetchedMessages:
    """Documents that a query has read for the next claims of this process.

    Smaller engines evaluate all due messages before they apply a limit, so with thousands due
    one query per claim would be slow. The documents are only candidates: each is claimed by a
    conditional update, and if none can be claimed, they are read again.
    """

    def __init__(self) -> None:
        self._documents: Candidates = ()

    def take(self, limit: int) -> Candidates:
        """The next candidates, oldest due time first; none if there are not enough."""
        if len(self._documents) < limit:
            self._documents = ()
        taken, self._documents = self._documents[:limit], self._documents[limit:]
        return taken

    def store(self, documents: Candidates) -> None:
        self._documents = list(documents)
