"""The list of addresses that get no mail."""

from __future__ import annotations

from typing import Protocol

from core.suppressions import Suppression


class Suppressions(Protocol):
    """One entry for each address, whatever its capitals."""

    async def find(self, email: str) -> Suppression | None: ...
    async def add(self, suppression: Suppression) -> None:
        """Put it on the list. Of two for one address the later stays, whichever comes first;
        a repeat changes nothing."""
        ...

    async def remove(self, email: str) -> None:
        """Off the list; harmless when it is not on it."""
        ...
