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
        developers: list[Developer],
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
        """The next free starts, at most `NEXT_TIMES`. Searches a few days first, and the whole
        horizon only if necessary."""
        times: tuple[datetime, ...] = ()
        for ahead in (3 * DAY, 14 * DAY, developer.availability.horizon):
            free = await self.slots(
                [developer], since=now, until=now + ahead, hours=1, step=HALF_HOURS
            )
            times = tuple(slot.start for slot in free[developer.id][:NEXT_TIMES])
            if len(times) == NEXT_TIMES:
                break
        return times
