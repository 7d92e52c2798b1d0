"""Who has a conversation open: a stored mark that grows old by itself, so that no process has to
notice that a browser, or another process, has gone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from core.chats import ChatId
from core.presence import KEPT_FOR, MARKED_EVERY, Presence
from ports.clock import Clock
from ports.documents import DocumentType
from ports.live import Live
from ports.store import Duplicate, Stale, Store
from services.chats.access import chat_of_party
from services.shared.recent import forget_oldest

PRESENCE = DocumentType("chat_presence", Presence, expires="expires_at")


@dataclass(slots=True, kw_only=True)
class PresenceService:
    """`by` is the acting account. Methods raise `NotFound` for one that is no party of the chat."""

    store: Store
    live: Live
    clock: Clock
    _marked: dict[str, datetime] = field(default_factory=dict)

    async def here(self, chat: ChatId, *, by: str) -> None:
        """The account has the conversation open: clients say so again and again. The mark is stored
        at most once in `MARKED_EVERY` by each process."""
        await chat_of_party(self.store.repositories, chat, by)
        now = self.clock.now()
        if now - self._marked.get(by, datetime.min.replace(tzinfo=now.tzinfo)) >= MARKED_EVERY:
            await self._mark(by, now)
            self._marked.pop(by, None)
            self._marked[by] = now
            forget_oldest(self._marked)
        await self._publish(chat, by, online=True)

    async def gone(self, chat: ChatId, *, by: str) -> None:
        """One page of the account has closed the conversation. Another page that has it open says
        `here` again when it gets the event."""
        await chat_of_party(self.store.repositories, chat, by)
        await self._publish(chat, by, online=False)

    async def of_account(self, account: str) -> Presence | None:
        """When the account last had a conversation open; None for a long time ago."""
        return await self.store.repositories.documents(PRESENCE).find(account)

    async def _mark(self, account: str, now: datetime) -> None:
        documents = self.store.repositories.documents(PRESENCE)
        found = await documents.find(account)
        fresh = Presence(account, now, now + KEPT_FOR)
        try:
            if found:
                await documents.save(replace(fresh, version=found.version))
            else:
                await documents.add(fresh)
        except (Duplicate, Stale):  # another process has just done the same
            pass

    async def _publish(self, chat: ChatId, account: str, *, online: bool) -> None:
        await self.live.publish(
            f"chat:{chat}", "presence", {"account": account, "chat": chat, "online": online}
        )
