"""Developers: profile, availability, search and free hours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from core.availability import (
    CELLS_OF_HOUR,
    Availability,
    Slot,
    cell_of,
    checked_booking_range,
    start_of_day,
    time_of,
)
from core.bookings import Booking
from core.bookings_policy import BookingPolicy
from core.calendar_exceptions import (
    CalendarException,
    ExceptionId,
    replaced,
    with_exception,
    without_exception,
)
from core.developers import Developer, DeveloperId, RefreshNextTimes
from core.errors import Errors, Forbidden, Invalid, NotFound
from core.money import Money
from core.outbox import OutboxMessage, message
from core.policy import DAY, MINUTE
from core.timezones import UTC_NAME, checked_timezone
from core.weekly_hours import Window, checked_weekly
from ports.clock import Clock
from ports.developers import SkillCount
from ports.store import Repositories, Stale, Store
from services.developers.free_hours import FreeHours
from services.developers.relaxing import Found, RelaxingSearch
from services.developers.search import MAX_SEARCH_RANGE, SearchCriteria
from services.shared.outbox import handles
from services.shared.periodic import periodic

ABOVE_ALL_RATINGS = 501
"""Hundredths of a star, which nobody has."""
REFRESHED_TOGETHER = 50
"""Profiles whose next times are computed without a pause, and written by one request: well within
the time that a request to the database may take."""
REFRESHES_FOR = 3 * MINUTE
"""Less than a periodic job may take."""
CLOCK_CHANGE = timedelta(hours=1)
"""Days on which the clocks are turned back are longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeveloperService:
    """Profiles, availability, search and free hours; `by` is the acting account. `has_ratings`: a
    capability rates developers; without one, stored ratings are those of one that is switched off,
    and are not shown."""

    store: Store
    results: RelaxingSearch
    free: FreeHours
    clock: Clock
    policy: BookingPolicy
    has_ratings: bool = False

    async def search(self, criteria: SearchCriteria) -> Found:
        """One page of published profiles: one database read, or a few when words or free hours are
        searched. Without a result, filters are left out. Raises `Invalid`."""
        if criteria.min_rating and not self.has_ratings:
            criteria = replace(criteria, min_rating=ABOVE_ALL_RATINGS)
        return await self.results.search(criteria)

    async def count(self, criteria: SearchCriteria, *, at_most: int = 1000) -> int:
        """The number of results, at most `at_most`; ignores free hours."""
        return await self.results.developer_search.count(criteria, at_most=at_most)

    async def rated(self) -> bool:
        """Whether a published profile has a rating; may be some minutes old."""
        return self.has_ratings and await self.store.repositories.developers.rated()

    def skill_key(self, skill: str) -> str:
        """The form in which skills are compared."""
        return self.results.developer_search.vocabulary.skill_key(skill)

    async def skills(self, *, limit: int = 50) -> tuple[SkillCount, ...]:
        """The most frequent skills of published profiles."""
        return await self.store.repositories.developers.skills(limit=limit)

    async def get(self, developer_id: DeveloperId, *, by: str | None = None) -> Developer:
        """A published profile, or the draft of the account `by`. Raises `NotFound`."""
        developer = await self.store.repositories.developers.get(developer_id)
        if not developer.published and developer.account_id != by:
            raise NotFound
        return developer

    async def slots(
        self,
        developer_id: DeveloperId,
        *,
        since: datetime | date,
        until: datetime | date,
        hours: int,
        step: int = 1,
        zone: str | None = None,
        by: str | None = None,
        moving: Booking | None = None,
    ) -> tuple[Developer, list[Slot]]:
        """The profile and its bookable slots with a start in [since, until), in UTC: two database
        reads. A date is the beginning of that day in `zone`, by default the developer's.
        `step` is in quarter hours. The time of the booking that is `moving` counts as free, except
        for its own start. Raises `NotFound` or `Invalid`."""
        developer, starts = await self.free_starts(
            developer_id, since=since, until=until, hours=hours, step=step, zone=zone, by=by,
            moving=moving,
        )  # fmt: skip
        length = hours * CELLS_OF_HOUR
        return developer, [Slot(time_of(cell), time_of(cell + length)) for cell in starts]

    async def free_starts(
        self,
        developer_id: DeveloperId,
        *,
        since: datetime | date,
        until: datetime | date,
        hours: int,
        step: int = 1,
        zone: str | None = None,
        by: str | None = None,
        moving: Booking | None = None,
    ) -> tuple[Developer, list[int]]:
        """As `slots`: the cells in which they start (`core.availability.time_of`)."""
        if not self.policy.hours_minimum <= hours <= self.policy.hours_maximum:
            raise Invalid(hours=f"Book between 1 and {self.policy.hours_maximum} hours.")
        if zone is None and not (isinstance(since, datetime) and isinstance(until, datetime)):
            developer = await self.get(developer_id, by=by)
            first, end = self._range(since, until, developer.timezone)
            busy = await self.free.busy([developer_id], first, end, hours)
        else:
            first, end = self._range(since, until, zone or UTC_NAME)
            developer, busy = await asyncio.gather(
                self.get(developer_id, by=by), self.free.busy([developer_id], first, end, hours)
            )
        if not developer.published:
            return developer, []
        starts = developer.availability.starts(
            since=first,
            until=end,
            hours=hours,
            busy=busy.get(developer_id, set()) - set(moving.cells if moving else ()),
            now=self.clock.now(),
            step=step,
        )
        own = cell_of(moving.start) if moving else None
        return developer, [cell for cell in starts if cell != own]

    def _range(
        self, since: datetime | date, until: datetime | date, zone: str
    ) -> tuple[datetime, datetime]:
        """In UTC, from now on. Raises `Invalid` for a range that is empty or too long."""
        first, end = (
            each if isinstance(each, datetime) else start_of_day(each, zone)
            for each in (since, until)
        )
        by_date = not (isinstance(since, datetime) and isinstance(until, datetime))
        longest = MAX_SEARCH_RANGE + (CLOCK_CHANGE if by_date else timedelta(0))
        if not first < end <= first + longest:
            raise Invalid(to="Choose an end after the start, at most 62 days later.")
        return max(first, self.clock.now()), end

    async def own_profile(self, *, by: str) -> Developer:
        """The profile of the account. Raises `Forbidden` for an account without one."""
        return await _own_profile(self.store.repositories, by)

    async def update_profile(
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
        """Save the profile; `published` makes it public. `rate` is per hour. Raises
        `NotPublished` or `Invalid`."""

        async def step(repositories: Repositories) -> Developer:
            developer = (await _own_profile(repositories, by)).describe(
                headline=headline,
                bio=bio,
                skills=skills,
                languages=languages,
                rate=rate,
                revisions=revisions,
            )
            updated = developer.publish() if published else replace(developer, published=False)
            return await self._save(repositories, updated)

        return await self.store.transact(step)

    async def update_availability(
        self,
        *,
        by: str,
        timezone: str,
        weekly: Iterable[Window],
        notice_hours: int,
        horizon_days: int,
        exceptions: Iterable[CalendarException] | None = None,
    ) -> Developer:
        """Save the weekly hours, in the local time of `timezone`, and the days off and extra hours
        if they are given. Existing bookings are not affected. Raises `Invalid` with all wrong
        fields."""
        errors = Errors()
        with errors:
            notice, horizon = checked_booking_range(
                notice_hours=notice_hours, horizon_days=horizon_days, policy=self.policy
            )
        with errors:
            zone = checked_timezone(timezone)
        with errors:
            hours = checked_weekly(weekly)
        errors.check()
        offer = Availability(zone, hours, notice, horizon)

        def change(before: Availability, today: date) -> Availability:
            given = before.exceptions if exceptions is None else exceptions
            return replace(offer, exceptions=replaced(given, before.exceptions, today=today))

        return await self._change_availability(by, change)

    async def add_exception(self, added: CalendarException, *, by: str) -> Developer:
        """Add days off or extra hours; adding the same again changes nothing. Existing bookings are
        not affected. Raises `Invalid` or `TooManyExceptions`."""

        def change(before: Availability, today: date) -> Availability:
            return replace(before, exceptions=with_exception(before.exceptions, added, today=today))

        return await self._change_availability(by, change)

    async def remove_exception(self, removed: ExceptionId, *, by: str) -> Developer:
        """Remove days off or extra hours. Raises `NoSuchException`."""

        def change(before: Availability, today: date) -> Availability:
            return replace(
                before, exceptions=without_exception(before.exceptions, removed, today=today)
            )

        return await self._change_availability(by, change)

    async def _change_availability(
        self, by: str, change: Callable[[Availability, date], Availability]
    ) -> Developer:
        """`change` gets the stored availability and the date in the developer's zone."""

        now = self.clock.now()

        async def step(repositories: Repositories) -> Developer:
            developer = await _own_profile(repositories, by)
            before = developer.availability
            availability = change(before, before.today(now))
            if developer.published and not availability.weekly:
                raise Invalid(weekly="A published profile needs weekly hours.")
            return await self._save(repositories, replace(developer, availability=availability))

        return await self.store.transact(step)

    @handles(RefreshNextTimes)
    async def refresh(self, payload: RefreshNextTimes) -> None:
        """Update the stored next free times of a profile."""
        await self.refresh_next_times(payload.developer)

    async def refresh_next_times(self, developer_id: DeveloperId) -> None:
        """Compute the next free times. Without any, look again tomorrow; otherwise
        `refresh_outdated` updates them when the first has passed.

        Single writes: whoever stops between them has not finished the message that asked for it, so
        it runs again.
        """
        repositories = self.store.repositories
        while True:
            developer = await repositories.developers.get(developer_id)
            if not developer.published:
                return
            now = self.clock.now()
            times = await self.free.next_times(developer, now)
            try:
                if developer.next_times != times:
                    await repositories.developers.save(replace(developer, next_times=times))
                break
            except Stale:  # the profile was saved meanwhile
                continue
        if not times:
            await repositories.outbox.add(_look_again(developer, now))

    @periodic("developers.next_times", every=MINUTE)
    async def refresh_outdated(self) -> None:
        """Update the stored times of all profiles whose first one has passed, many together. What
        is left after some minutes goes on with the next period."""
        began, developers = self.clock.now(), self.store.repositories.developers
        while (now := self.clock.now()) < began + REFRESHES_FOR:
            found = await developers.outdated(now=now, limit=REFRESHED_TOGETHER)
            if not found or not await self._refresh_together(found, now):
                return

    async def _refresh_together(self, found: Sequence[Developer], now: datetime) -> bool:
        """Whether times were changed. A profile that is saved meanwhile refreshes its own. The
        messages come first: without its time, a profile is not found again."""
        repositories = self.store.repositories
        times = await self.free.next_times_of(found, now)
        without = [each for each in found if not times[each.id]]
        if without:
            await repositories.outbox.add(*(_look_again(each, now) for each in without))
        changes = [(each, times[each.id]) for each in found]
        return await repositories.developers.set_next_times(changes) > 0

    async def _save(self, repositories: Repositories, developer: Developer) -> Developer:
        saved = await repositories.developers.save(developer)
        now, key = self.clock.now(), f"{saved.id}:{saved.version}"
        await repositories.outbox.add(message(RefreshNextTimes(saved.id), key, due_at=now))
        return saved


def _look_again(developer: Developer, now: datetime) -> OutboxMessage:
    """Tomorrow the horizon of a developer without free times is a day later."""
    due = now + DAY
    key = f"{developer.id}:{due.isoformat(timespec='minutes')}"
    return message(RefreshNextTimes(developer.id), key, due_at=due)


async def _own_profile(repositories: Repositories, account_id: str) -> Developer:
    developer = await repositories.developers.find_by_account(account_id)
    if developer is None:
        raise Forbidden("This is for developer accounts.")
    return developer
