"""Prefetched due outbox messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import randrange
from typing import Any

PREFETCH_FACTOR = 32
"""One query reads the messages for this many claims."""
MISSES_AT_MOST = 4
"""Claims in a row that get nothing, before the messages are read again."""

Candidates = Sequence[Mapping[str, Any]]


class PrefetchedMessages:
    """Documents that a query has read for the next claims of this process.

    Smaller engines evaluate all due messages before they apply a limit, so with thousands due
    one query per claim would be slow. The documents are only candidates: each is claimed by a
    conditional update, and if none can be claimed several times, they are read again.
    """

    def __init__(self) -> None:
        self._documents: Candidates = ()

    def take(self, limit: int, *, at_least: int) -> Candidates:
        """The next candidates, oldest due time first; none if there are fewer than `at_least`."""
        if len(self._documents) < at_least:
            self._documents = ()
        taken, self._documents = self._documents[:limit], self._documents[limit:]
        return taken

    def skip(self) -> None:
        """Go on at a random place: another relay goes through the same messages, and two that
        follow one order would meet at each claim."""
        if self._documents:
            at = randrange(len(self._documents))  # noqa: S311
            self._documents = [*self._documents[at:], *self._documents[:at]]

    def store(self, documents: Candidates) -> None:
        self._documents = list(documents)
