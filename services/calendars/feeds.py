"""Secret feeds: one address for each person, with all their meetings."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections import defaultdict
from dataclasses import dataclass, replace

from core.accounts import Account, AccountId
from core.bookings import Booking, Status
from core.calendars import (
    KEPT_CANCELLED,
    KEPT_PAST,
    CalendarEntry,
    CalendarFeed,
    TooManyReads,
    is_agreed,
)
from core.calendars_policy import CalendarPolicy
from core.errors import NotFound
from core.policy import DAY, HOUR
from core.timeline import Entry
from ports.calendars import Calendars
from ports.clock import Clock, Ids
from ports.store import Repositories, Store
from services.calendars.documents import FEEDS
from services.calendars.entries import CalendarEntries

NAME = "1HourDeveloper"
MOST = 500
"""Bookings of a feed that are to come, and as many of the last months."""
STATUSES = (Status.CONFIRMED, Status.COMPLETED, Status.CANCELLED)


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed has now. `tag` changes whenever its content does."""

    entries: tuple[CalendarEntry, ...]
    zone: str
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedService:
    """`key` must never change: the secrets of all feeds are derived from it."""

    store: Store
    calendars: Calendars
    entries: CalendarEntries
    clock: Clock
    ids: Ids
    policy: CalendarPolicy
    key: bytes

    async def secret(self, *, by: str) -> str | None:
        """The secret of the account's feed, or None without a feed."""
        feed = await self.store.repositories.documents(FEEDS).find(by)
        return self._secret(feed) if feed else None

    async def renew(self, *, by: str) -> str:
        """Give the account a feed with a new secret, and return it. The address before, if there
        was one, is gone at once."""
        nonce = self.ids.secret()

        async def step(repositories: Repositories) -> CalendarFeed:
            feeds = repositories.documents(FEEDS)
            stored = await feeds.find(by)
            feed = CalendarFeed(id=by, nonce=nonce, secret_hash="", created_at=self.clock.now())
            feed = replace(feed, secret_hash=_hash(self._secret(feed)))
            if stored:
                return await feeds.save(replace(feed, version=stored.version))
            return await feeds.add(feed)

        return self._secret(await self.store.transact(step))

    async def remove(self, *, by: str) -> None:
        """Without effect if there is none."""
        await self.store.repositories.documents(FEEDS).remove(by)

    async def read(self, secret: str, *, source: str) -> Feed:
        """The feed of this secret. `source` is the network of the caller.

        Raises `NotFound` for an unknown secret and for accounts that are suspended or erased, and
        `TooManyReads`.
        """
        feed = await self.store.repositories.documents(FEEDS).find_one(secret_hash=_hash(secret))
        if feed is None:
            await self._count(f"feed-misses:{source}", self.policy.feed_misses_per_hour)
            raise NotFound
        await self._count(f"feed:{feed.id}", self.policy.feed_reads_per_hour)
        account = await self.store.repositories.accounts.get(AccountId(feed.id))
        if account.erased or account.suspended:
            raise NotFound
        entries = await self._entries(account)
        content = repr((entries, account.timezone, NAME)).encode()
        return Feed(entries, account.timezone, hashlib.sha256(content).hexdigest()[:32])

    async def write(self, feed: Feed) -> bytes:
        """The file of the feed, in a thread: a long one takes a while."""
        return await asyncio.to_thread(self.calendars.feed, feed.entries, name=NAME, zone=feed.zone)

    async def _entries(self, account: Account) -> tuple[CalendarEntry, ...]:
        """Three reads."""
        now, repositories = self.clock.now(), self.store.repositories
        upcoming, past = [
            await repositories.bookings.starting_after(
                account.id, moment, statuses=STATUSES, limit=MOST
            )
            for moment in (now - DAY, now - KEPT_PAST)
        ]
        found = {each.id: each for each in (*upcoming, *past)}
        timeline = defaultdict[str, list[Entry]](list)
        for entry in await repositories.timeline.of_bookings(list(found)):
            timeline[entry.booking_id].append(entry)
        made = (self._entry(each, account, tuple(timeline[each.id])) for each in found.values())
        shown = [
            each for each in made
            if each and (not each.cancelled or now < each.changed_at + KEPT_CANCELLED)
        ]  # fmt: skip
        return tuple(sorted(shown, key=lambda each: (each.start, each.uid)))

    def _entry(
        self, booking: Booking, account: Account, timeline: tuple[Entry, ...]
    ) -> CalendarEntry | None:
        if not is_agreed(booking, timeline):
            return None
        return self.entries.entry(booking, account, timeline)

    async def _count(self, key: str, most: int) -> None:
        throttles = self.store.repositories.throttles
        if await throttles.increment(key, window=HOUR, now=self.clock.now()) > most:
            raise TooManyReads

    def _secret(self, feed: CalendarFeed) -> str:
        text = f"calendar feed|{feed.id}|{feed.nonce}".encode()
        digest = hmac.digest(self.key, text, hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
