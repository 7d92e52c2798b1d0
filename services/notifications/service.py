"""The list of a person: read, marked as read, and announced to open browsers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from core.notifications import Area, Notification, NotificationAdded, NotificationsRead
from core.outbox import message
from ports.clock import Clock, Ids
from ports.live import Live
from ports.store import Repositories, Store
from services.notifications.documents import NOTIFICATIONS
from services.shared.outbox import handles

COUNTED = 99
"""A larger number of unread notifications is not counted exactly."""
READ_AT_ONCE = 50
"""Notifications that one transaction marks as read."""


@dataclass(frozen=True, slots=True)
class NotificationPage:
    """`next` is the cursor of the following page, None on the last one."""

    items: tuple[Notification, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationService:
    """The notifications of the account `by`; those of others do not exist for it."""

    store: Store
    live: Live
    clock: Clock
    ids: Ids

    async def page(
        self,
        *,
        by: str,
        unread: bool = False,
        area: Area | None = None,
        limit: int = 20,
        cursor: str | None = None,
    ) -> NotificationPage:
        """One page, newest first: all, only the unread ones, or those of one area. One read."""
        order, equals = "newest", dict[str, object](account_id=by)
        if unread:
            order, equals = "unread", {**equals, "read_at": None}
        elif area:
            order, equals = "of_area", {**equals, "area": area}
        found, more = await self.store.repositories.documents(NOTIFICATIONS).page(
            order, equals=equals, limit=limit, cursor=cursor
        )
        return NotificationPage(found, more)

    async def unread(self, *, by: str) -> int:
        """How many are unread, at most `COUNTED` + 1: one count in an index."""
        documents = self.store.repositories.documents(NOTIFICATIONS)
        return await documents.count(limit=COUNTED + 1, account_id=by, read_at=None)

    async def read(self, ids: Collection[str], *, by: str) -> None:
        """Mark these as read. Ids of others and unknown ones have no effect."""
        wanted = list(dict.fromkeys(ids))
        for start in range(0, len(wanted), READ_AT_ONCE):
            await self._read(wanted[start : start + READ_AT_ONCE], by=by)

    async def read_all(self, *, by: str) -> None:
        """Mark all as read that exist now."""
        now, unread = self.clock.now(), {"account_id": by, "read_at": None}
        while True:
            found, more = await self.store.repositories.documents(NOTIFICATIONS).page(
                "unread", equals=unread, limit=READ_AT_ONCE
            )
            await self._read([each.id for each in found if each.at <= now], by=by)
            if more is None or found[-1].at > now:
                return

    async def _read(self, ids: Sequence[str], *, by: str) -> None:
        async def step(repositories: Repositories) -> None:
            documents, now = repositories.documents(NOTIFICATIONS), self.clock.now()
            found = (await documents.many(ids)).values()
            unread = [each for each in found if each.account_id == by and not each.read_at]
            for each in unread:
                await documents.save(each.read(now=now))
            if unread:
                names = " ".join(each.id for each in unread)
                key = f"{by}:{self.ids.new('rd')}"
                event = message(NotificationsRead(by, names), key, due_at=now)
                await repositories.outbox.add(event)

        await self.store.transact(step)

    @handles(NotificationAdded)
    async def announce(self, payload: NotificationAdded) -> None:
        """Publish `notification:new` to the account."""
        data = {"id": payload.notification, "kind": payload.notice}
        await self.live.publish(f"account:{payload.account}", "notification:new", data)

    @handles(NotificationsRead)
    async def announce_read(self, payload: NotificationsRead) -> None:
        """Publish `notifications:read` to the account, so that one tab reads for all."""
        data = {"ids": payload.notifications.split()}
        await self.live.publish(f"account:{payload.account}", "notifications:read", data)
