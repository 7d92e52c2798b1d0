"""Keeps the sums of each day (core/money_days.py), and reads them for administrators."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.money_days import MoneyDay
from core.policy import MINUTE, SECOND
from core.transactions import Transaction
from ports.clock import Clock
from ports.store import Duplicate, Repositories, Stale, Store
from services.payments.documents import MONEY_DAYS
from services.shared.periodic import periodic

GRACE = 10 * MINUTE
"""An entry is in the ledger this long after its time at the latest: no transaction lasts longer."""
LATEST_AT_MOST = 5_000
"""Entries that an overview reads beside the sums. They are those of some minutes."""
DAYS_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class MoneyDays:
    """Days in order, the last one is today. `as_of`: entries after that time are not counted."""

    days: tuple[MoneyDay, ...]
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyDayService:
    store: Store
    clock: Clock

    @periodic("payments.count_days", every=5 * MINUTE)
    async def count(self) -> None:
        """Add the entries since the last time to the sums: a day at a time, each saved when it is
        counted. Several at once do no harm: one saves, the others leave it."""
        until = self.clock.now() - GRACE
        with contextlib.suppress(Stale, Duplicate):
            for _ in range(DAYS_AT_ONCE):
                day = await self._open_day()
                if day is None or day.until >= until:
                    return
                await self._save(await self._counted(day, min(day.end, until)))

    async def overview(self, days: int) -> MoneyDays:
        """The last `days` days, today included, with the entries that are not in the sums yet:
        at most `days` documents and `LATEST_AT_MOST` entries are read."""
        repositories, now = self.store.repositories, self.clock.now()
        found, _ = await repositories.documents(MONEY_DAYS).page("latest", limit=days)
        known = {each.id: each for each in found}
        last = found[0] if found else await self._first_day()
        as_of = now
        if last is not None:
            entries = list[Transaction]()
            async for entry in repositories.transactions.between(last.until, now + SECOND):
                if len(entries) == LATEST_AT_MOST:
                    as_of = entry.at
                    break
                entries.append(entry)
            known |= {each.id: each for each in _divided(last, entries, as_of)}
        return MoneyDays(_filled(known, MoneyDay.of(now), days), as_of)

    async def _open_day(self) -> MoneyDay | None:
        """The day that is being counted: the last one, or the one after it."""
        found, _ = await self.store.repositories.documents(MONEY_DAYS).page("latest", limit=1)
        if not found:
            return await self._first_day()
        (last,) = found
        return last if last.until < last.end else last.following()

    async def _first_day(self) -> MoneyDay | None:
        first = await self.store.repositories.transactions.first()
        return MoneyDay.of(first.at) if first else None

    async def _counted(self, day: MoneyDay, until: datetime) -> MoneyDay:
        counted = day
        async for entry in self.store.repositories.transactions.between(day.until, until):
            counted = counted.add((entry,), until=counted.until)
        return replace(counted, until=until)

    async def _save(self, day: MoneyDay) -> None:
        async def step(repositories: Repositories) -> None:
            documents = repositories.documents(MONEY_DAYS)
            await (documents.save(day) if day.version else documents.add(day))

        await self.store.transact(step)


def _divided(last: MoneyDay, entries: list[Transaction], until: datetime) -> list[MoneyDay]:
    """The last day and those after it, with these entries."""
    found, day = list[MoneyDay](), last
    while True:
        own = [each for each in entries if day.until <= each.at < day.end]
        day = day.add(own, until=min(day.end, until))
        found.append(day)
        if until <= day.end:
            return found
        day = day.following()


def _filled(known: dict[str, MoneyDay], today: MoneyDay, days: int) -> tuple[MoneyDay, ...]:
    """Each of the days, also those without entries before the first one."""
    wanted = [MoneyDay.of(today.until - timedelta(days=n)) for n in reversed(range(days))]
    return tuple(known.get(each.id, each) for each in wanted)
