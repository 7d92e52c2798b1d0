"""What developers offer, and how visitors find them and their free hours."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.availability import (
    Availability,
    Slot,
    Window,
    checked_reach,
    checked_timezone,
    checked_weekly,
)
from core.developers import Developer, DeveloperId, language_term, skill_term, words_of, zone_term
from core.effects import Effect, effect
from core.errors import Forbidden, Invalid, NotFound
from core.money import Money
from core.policy import DAY, Policy
from ports.clock import Clock
from ports.developers import DeveloperPage, Search, SkillCount, Sort, order_key
from ports.store import Books, Store

LONGEST_LOOK = 62 * DAY
NEXT_TIMES = 3
HALF_HOURS = 2
"""Kept next times and the site's pickers step by half hours; any quarter hour can be booked."""
BATCH = 40
MOST_BATCHES = 5


@dataclass(frozen=True, slots=True)
class Wish:
    """What a visitor looks for, in their words. Rates in paise, rating in hundredths."""

    q: str = ""
    skills: tuple[str, ...] = ()
    language: str | None = None
    timezone: str | None = None
    min_rate: int | None = None
    max_rate: int | None = None
    min_rating: int | None = None
    free_from: datetime | None = None
    free_to: datetime | None = None
    hours: int = 1
    sort: Sort = Sort.RATING
    limit: int = 20
    cursor: str | None = None

    @property
    def terms(self) -> tuple[str, ...]:
        """The words every answer must carry; the rarest kinds first, they narrow most."""
        wanted = sorted(words_of(self.q), key=len, reverse=True)
        wanted += [skill_term(skill) for skill in self.skills if skill.strip()]
        wanted += [language_term(self.language)] if self.language else []
        wanted += [zone_term(self.timezone)] if self.timezone else []
        return tuple(dict.fromkeys(wanted))


@dataclass(frozen=True, slots=True)
class DeveloperService:
    store: Store
    clock: Clock
    policy: Policy

    async def search(self, wish: Wish) -> DeveloperPage:
        """One page of published profiles: one database read, or a few when free hours count."""
        search = _search(wish)
        developers = self.store.books.developers
        if wish.free_from is None and wish.free_to is None:
            return await developers.search(search)
        return await self._search_free(wish, search)

    async def count(self, wish: Wish, *, at_most: int = 1000) -> int:
        return await self.store.books.developers.count(_search(wish), at_most=at_most)

    async def skills(self, *, limit: int = 50) -> tuple[SkillCount, ...]:
        return await self.store.books.developers.skills(limit=limit)

    async def get(self, developer_id: DeveloperId, *, by: str | None = None) -> Developer:
        """A published profile; a draft is seen by its owner alone."""
        developer = await self.store.books.developers.get(developer_id)
        if not developer.published and developer.account_id != by:
            raise NotFound
        return developer

    async def slots(
        self,
        developer_id: DeveloperId,
        *,
        since: datetime,
        until: datetime,
        hours: int,
        step: int = 1,
        by: str | None = None,
    ) -> tuple[Developer, list[Slot]]:
        """The bookable starts in [since, until): two database reads, however long the stretch."""
        if not self.policy.hours_minimum <= hours <= self.policy.hours_maximum:
            raise Invalid(hours=f"Book between 1 and {self.policy.hours_maximum} hours.")
        if not since < until <= since + LONGEST_LOOK:
            raise Invalid(to="Ask for at most 62 days, the end after the start.")
        since = max(since, self.clock.now())
        developer, busy = await asyncio.gather(
            self.get(developer_id, by=by), self._busy([developer_id], since, until, hours)
        )
        if not developer.published:
            return developer, []
        return developer, developer.availability.slots(
            since=since,
            until=until,
            hours=hours,
            busy=busy.get(developer_id, set()),
            now=self.clock.now(),
            step=step,
        )

    async def mine(self, *, by: str) -> Developer:
        return await _mine(self.store.books, by)

    async def describe(
        self,
        *,
        by: str,
        headline: str,
        bio: str,
        skills: tuple[str, ...],
        languages: tuple[str, ...],
        rate: Money,
        revisions: int,
        published: bool,
    ) -> Developer:
        """Save the profile; with `published` visitors see it. Raises `NotPublished`, `Invalid`."""

        async def step(books: Books) -> Developer:
            developer = (await _mine(books, by)).describe(
                headline=headline,
                bio=bio,
                skills=skills,
                languages=languages,
                rate=rate,
                revisions=revisions,
            )
            shown = developer.publish() if published else replace(developer, published=False)
            return await self._save(books, shown)

        return await self.store.transact(step)

    async def offer(
        self,
        *,
        by: str,
        timezone: str,
        weekly: Iterable[Window],
        notice_hours: int,
        horizon_days: int,
    ) -> Developer:
        """Save the weekly hours. Bookings that stand are not touched."""
        notice, horizon = checked_reach(
            notice_hours=notice_hours, horizon_days=horizon_days, policy=self.policy
        )
        availability = Availability(
            checked_timezone(timezone), checked_weekly(weekly), notice, horizon
        )

        async def step(books: Books) -> Developer:
            developer = await _mine(books, by)
            if developer.published and not availability.weekly:
                raise Invalid(weekly="A published profile needs weekly hours.")
            return await self._save(books, replace(developer, availability=availability))

        return await self.store.transact(step)

    async def refresh(self, developer_id: DeveloperId) -> None:
        """Keep the next free times of a profile fresh, and come back when the first has passed."""
        developer = await self.store.books.developers.get(developer_id)
        if not developer.published:
            return
        now = self.clock.now()
        times = await self._next_times(developer, now)

        async def step(books: Books) -> None:
            current = await books.developers.get(developer_id)
            if current.next_times != times:
                await books.developers.save(replace(current, next_times=times))
            await books.effects.add(_refresh_again(current, times, now))

        await self.store.transact(step)

    async def _next_times(self, developer: Developer, now: datetime) -> tuple[datetime, ...]:
        """A few days ahead are enough for most; the whole horizon only for those who are full."""
        times: tuple[datetime, ...] = ()
        for ahead in (3 * DAY, 14 * DAY, developer.availability.horizon):
            free = await self._free(
                [developer], since=now, until=now + ahead, hours=1, step=HALF_HOURS
            )
            times = tuple(slot.start for slot in free[developer.id][:NEXT_TIMES])
            if len(times) == NEXT_TIMES:
                break
        return times

    async def _save(self, books: Books, developer: Developer) -> Developer:
        saved = await books.developers.save(developer)
        refresh = effect(
            "developers.refresh",
            f"{saved.id}:{saved.version}",
            due_at=self.clock.now(),
            developer=saved.id,
        )
        await books.effects.add(refresh)
        return saved

    async def _free(
        self,
        developers: list[Developer],
        *,
        since: datetime,
        until: datetime,
        hours: int,
        step: int,
    ) -> dict[str, list[Slot]]:
        now = self.clock.now()
        since = max(since, now)
        busy = await self._busy([each.id for each in developers], since, until, hours)
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

    async def _busy(
        self, ids: Sequence[str], since: datetime, until: datetime, hours: int
    ) -> dict[str, set[int]]:
        """What is taken where a stretch of `hours` that begins before `until` may lie."""
        if until <= since:
            return {}
        last = until + timedelta(hours=hours)
        return await self.store.books.bookings.busy(ids, since=since, until=last)

    async def _search_free(self, wish: Wish, search: Search) -> DeveloperPage:
        """Candidates in order, those kept who really are free then; at most a few batches."""
        since = wish.free_from or self.clock.now()
        until = wish.free_to or since + 7 * DAY
        if not since < until <= since + LONGEST_LOOK:
            raise Invalid(free_to="Choose an end after the start, at most 62 days later.")
        kept: list[Developer] = []
        cursor = search.cursor
        last_start = until - timedelta(hours=wish.hours) + timedelta(minutes=1)
        for _ in range(MOST_BATCHES):
            page = await self.store.books.developers.search(
                replace(search, limit=BATCH, cursor=cursor)
            )
            free = await self._free(
                list(page.items), since=since, until=last_start, hours=wish.hours, step=1
            )
            for item in page.items:
                if free[item.id]:
                    kept.append(item)
                if len(kept) == wish.limit and item != page.items[-1]:
                    return DeveloperPage(tuple(kept), order_key(item, search.sort))
            cursor = page.next
            if cursor is None or len(kept) >= wish.limit:
                break
        return DeveloperPage(tuple(kept), cursor)


def _refresh_again(developer: Developer, times: tuple[datetime, ...], now: datetime) -> Effect:
    """When the first kept time can no longer be booked; without any, tomorrow."""
    passed = times[0] - developer.availability.minimum_notice if times else now + DAY
    due = max(passed, now) + timedelta(seconds=1)
    return effect(
        "developers.refresh",
        f"{developer.id}:{due.isoformat(timespec='minutes')}",
        due_at=due,
        developer=developer.id,
    )


def _search(wish: Wish) -> Search:
    return Search(
        terms=wish.terms,
        min_rate=wish.min_rate,
        max_rate=wish.max_rate,
        min_rating=wish.min_rating,
        sort=wish.sort,
        limit=wish.limit,
        cursor=wish.cursor,
    )


async def _mine(books: Books, account_id: str) -> Developer:
    developer = await books.developers.find_by_account(account_id)
    if developer is None:
        raise Forbidden("This is for developer accounts.")
    return developer
