"""Ids that are read ahead, so that one query serves many pages of a comparison."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ports.clock import Clock
from ports.store import Repositories
from services.reconciliation.checks import Check

READ_AHEAD = 10_000
"""Ids, about a megabyte. Engines that read a whole collection for each range of ids do so once for
these."""
KEPT = 20
"""Runs whose ids are kept in a process; the oldest go first."""


@dataclass(frozen=True, slots=True)
class PageIds:
    """The ids of one page, and when they were read. What was added since is not among them, and is
    compared by the next run; what was removed has no differences."""

    ids: Sequence[str]
    read_at: datetime
    last: bool
    """Whether no page follows."""

    @property
    def end(self) -> str | None:
        """The id to go on after; None at the end."""
        return None if self.last else self.ids[-1]


@dataclass(frozen=True, slots=True)
class ReadIds:
    """The ids that follow `after`."""

    after: str
    page: PageIds

    def part(self, after: str, limit: int) -> PageIds | None:
        """The page after this id, if all of it was read."""
        ids, whole = self.page.ids, self.page
        place = bisect_right(ids, after)
        if after < self.after or not (whole.last or place + limit <= len(ids)):
            return None
        found = ids[place : place + limit]
        return PageIds(found, whole.read_at, last=len(found) < limit)


@dataclass(frozen=True, slots=True)
class IdsAhead:
    """The next ids of runs of comparisons that go on page by page."""

    clock: Clock
    most: int = READ_AHEAD
    _read: dict[str, ReadIds] = field(default_factory=dict)

    async def page(
        self, run: str, check: Check, repositories: Repositories, *, after: str, limit: int
    ) -> PageIds:
        """The next ids of this run. A run that begins reads them anew, and so does one that goes on
        in another process."""
        known = self._read.pop(run, None) if after else None
        found = known.part(after, limit) if known else None
        if known is None or found is None:
            now = self.clock.now()
            known = ReadIds(after, await read_ids(check, repositories, after, self.most, now=now))
            found = known.part(after, limit)
            assert found is not None
        if not found.last:
            self._read[run] = known
            while len(self._read) > KEPT:
                del self._read[next(iter(self._read))]
        return found


async def read_ids(
    check: Check, repositories: Repositories, after: str, limit: int, *, now: datetime
) -> PageIds:
    """The next ids by one query."""
    ids = await check.ids(repositories, after=after, limit=limit)
    return PageIds(ids, now, last=len(ids) < limit)
