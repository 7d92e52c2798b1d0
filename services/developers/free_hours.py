"""Free hours of developers: the offered hours without those of bookings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.availability import Slot
from core.developers import Developer
from core.policy import DAY
from ports.clock import Clock
from ports.store import Store

NEXT_TIMES = 3
HALF_HOURS = 2
"""Quarter hours between the stored next times; any quarter hour can be booked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeHours:
    """Computes free slots from availability and bookings."""

    store: Store
    clock: Clock

    async def slots(
        self,
        developers: Sequence[Developer],
        *,
        since: datetime,
        until: datetime,
        hours: int,
        step: int,
    ) -> dict[str, list[Slot]]:
        """The free slots of `hours` hours by developer id, with a start in [since, until). `step`
        is the distance of starts in quarter hours."""
        now = self.clock.now()
        since = max(since, now)
        busy = await self.busy([each.id for each in developers], since, until, hours)
        return {
            developer.id: developer.availability.slots(
                since=since,
                until=until,
                hours=hours,
                busy=busy.get(developer.id, set()),
                now=now,
                step=step,
            )
            for developer in developers
        }

    async def busy(
        self, ids: Sequence[str], since: datetime, until: datetime, hours: int
    ) -> dict[str, set[int]]:
        """The booked quarter hours by developer id that can overlap a slot of `hours` hours with a
        start in [since, until)."""
        if until <= since:
            return {}
        last = until + timedelta(hours=hours)
        return await self.store.repositories.bookings.busy(ids, since=since, until=last)

    async def next_times(self, developer: Developer, now: datetime) -> tuple[datetime, ...]:
        """The next free starts, at most `NEXT_TIMES`."""
        return (await self.next_times_of([developer], now))[developer.id]

    async def next_times_of(
        self, developers: Sequence[Developer], now: datetime
    ) -> dict[str, tuple[datetime, ...]]:
        """The next free starts of each, at most `NEXT_TIMES`, by developer id. Searches a few days
        first, and the whole horizon only of those for whom it is necessary."""
        times: dict[str, tuple[datetime, ...]] = {}
        left = list(developers)
        for ahead in (3 * DAY, 14 * DAY, None):
            if not left:
                break
            horizon = max(each.availability.horizon for each in left)
            free = await self.slots(
                left, since=now, until=now + (ahead or horizon), hours=1, step=HALF_HOURS
            )
            times |= {key: tuple(s.start for s in free[key][:NEXT_TIMES]) for key in free}
            left = [each for each in left if len(times[each.id]) < NEXT_TIMES]
        return times
