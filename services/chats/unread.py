"""Tells people about messages that they have not read."""

from __future__ import annotations

from dataclasses import dataclass

from core.chats import Chat, ChatId
from core.chats_messages import TellUnread
from core.chats_policy import ChatPolicy
from core.outbox import NotDueYet
from ports.clock import Clock
from ports.store import Repositories, Store
from services.shared.outbox import handles


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadNotices:
    """An outbox handler, once for messages that stay unread for a while."""

    store: Store
    clock: Clock
    policy: ChatPolicy

    @handles(TellUnread)
    async def tell(self, payload: TellUnread) -> None:
        """Send one notice about everything unread, unless it has been read. Raises `NotDueYet`."""
        await self.store.transact(lambda repositories: self._tell(repositories, payload))

    async def _tell(self, repositories: Repositories, payload: TellUnread) -> Chat | None:
        chat = await repositories.chats.get(ChatId(payload.chat))
        now = self.clock.now()
        if chat.tell_at(payload.account, chat.listed_at, self.policy) is None:
            return None
        told_at = chat.member(payload.account).told_at
        if told_at and now < told_at + self.policy.digest_again_after:
            raise NotDueYet(told_at + self.policy.digest_again_after)
        return await repositories.chats.save(chat.tell(payload.account, now=now))
