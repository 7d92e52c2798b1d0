"""Ids of due effects, read ahead of their claim."""

from __future__ import annotations

from collections.abc import Sequence

AHEAD = 8
"""How many claims one look lasts for."""


class Lookahead:
    """What one look found beyond the present claim, for the claims that follow in this process.

    Smaller engines evaluate all that is due before they cut it to a page, so with thousands due
    one look per claim would be most of the work. Ids are only candidates: each is still won by
    a guarded update, and when nothing of them is left to win, the claim looks anew.
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
