"""What one comparison of the reconciliation promises, and what a page of it needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Self

from core.findings import FindingKind
from core.reconciliation import Difference
from ports.store import Repositories

PAGE = 100
"""Entities that are compared together."""


class Check(Protocol):
    """Compares the entities of one kind with what belongs to them.

    The subject of each difference is one of the ids it was asked about, or, for ids that are
    counted, lies between two of them. No other check has the same `kinds`.
    """

    @property
    def name(self) -> str: ...

    @property
    def kinds(self) -> frozenset[FindingKind]:
        """Of the differences that it can find."""
        ...

    at_once: bool = True
    """Whether differences are compared again in one transaction. False for a comparison that reads
    too much for one, and confirms what it finds itself."""

    page_size: int = PAGE

    progress: str = ""
    """What was read so far by a comparison that reads too much for one step; the page is not
    compared before it is empty."""

    def resumed(self, progress: str) -> Self:
        """The check that goes on from there. Most checks need one step."""
        return self

    async def ids(self, repositories: Repositories, *, after: str, limit: int) -> Sequence[str]:
        """The next ids in ascending order: one query."""
        ...

    async def prepared(self, repositories: Repositories, ids: Sequence[str]) -> Self:
        """The check with what its providers say about these entities, which is asked outside of
        transactions. Most checks ask nobody. Raises `Unavailable`."""
        return self

    async def compare(
        self, repositories: Repositories, ids: Sequence[str], *, after: str
    ) -> list[Difference]:
        """The differences of these entities; those that do not exist have none. `after` is the id
        before the first. The number of queries does not depend on what is found."""
        ...
