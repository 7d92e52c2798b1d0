"""Keeps the summaries of chats up to date: at most one write per chat and second, however many
messages come."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from core.chats import Chat, ChatId
from core.chats_messages import SummariseChat, TellUnread
from core.chats_policy import ChatPolicy
from core.messages import ABOVE_ALL, Message
from core.outbox import OutboxMessage, message
from ports.clock import Clock
from ports.live import Live
from ports.store import Store
from services.shared.outbox import handles

log = logging.getLogger(__name__)

INTERVAL_S = 1.0
"""Least time between two writes of the summaries of one process, in seconds."""
PAUSE = 19
"""The writes take a twentieth of the time at most: the pause after one is so many times as long."""
TOGETHER = 50
"""Summaries of one read and one write."""
SUMMARISED = 100
"""Messages among which the last one of each party is looked for."""


@dataclass(frozen=True, slots=True)
class NewMessages:
    """What a summary does not include yet: the newest message, and the last of each sender."""

    newest: Message
    sent: Mapping[str, int]

    def and_(self, written: Message) -> NewMessages:
        newest = written if written.seq > self.newest.seq else self.newest
        seq = max(written.seq, self.sent.get(written.sender, 0))
        return NewMessages(newest, {**self.sent, written.sender: seq})


@dataclass(slots=True, kw_only=True)
class ChatSummaries:
    """One per process. An outbox message does what a process leaves undone."""

    store: Store
    live: Live
    clock: Clock
    policy: ChatPolicy
    _new: dict[str, NewMessages] = field(default_factory=dict)
    _running: asyncio.Task[None] | None = None

    def include(self, written: Message) -> None:
        """Update the summary of the message's chat soon. Does not wait."""
        known = self._new.get(written.chat)
        first = NewMessages(written, {written.sender: written.seq})
        self._new[written.chat] = known.and_(written) if known else first
        if self._running is None:
            self._running = asyncio.create_task(self._run())

    async def settle(self) -> None:
        """Wait until the summaries include every message so far."""
        while self._running is not None:
            await asyncio.wait([self._running])

    async def _run(self) -> None:
        try:
            while self._new:
                began = monotonic()
                new, self._new = self._new, {}
                try:
                    await self._store(new)
                except Exception as error:  # an outbox message follows
                    log.warning("summaries of chats were not updated: %r", error)
                if self._new:
                    await asyncio.sleep(max(INTERVAL_S, PAUSE * (monotonic() - began)))
        finally:
            self._running = None

    @handles(SummariseChat)
    async def summarise(self, payload: SummariseChat) -> None:
        """Make the summary include the newest message and the last of each party, publish it again
        to both, who may have missed an event, and plan a notice for who has not read it then."""
        repositories = self.store.repositories
        chat = await repositories.chats.get(ChatId(payload.chat))
        last = await repositories.messages.before(
            chat.id, ABOVE_ALL, limit=SUMMARISED, known=chat.last_seq
        )
        if last:
            sent = {each.sender: each.seq for each in last}
            (chat,) = await self._store({chat.id: NewMessages(last[-1], sent)})
            await repositories.outbox.add(*self._notices(chat))

    async def _store(self, new: Mapping[str, NewMessages]) -> list[Chat]:
        """The summaries with the new messages: one read and one write for `TOGETHER` chats, unless
        some are saved elsewhere at the same time, as when a party marks them as read."""
        names, updated = list(new), list[Chat]()
        for first in range(0, len(names), TOGETHER):
            part = {name: new[name] for name in names[first : first + TOGETHER]}
            updated += await self._store_together(part)
        return updated

    async def _store_together(self, new: Mapping[str, NewMessages]) -> list[Chat]:
        chats = self.store.repositories.chats
        while True:
            stored = await chats.many(list(new))
            updated = [
                chat.with_newest(new[chat.id].newest, sent=new[chat.id].sent)
                for chat in stored.values()
            ]
            changed = [chat for chat in updated if chat != stored[chat.id]]
            if not changed or await chats.save_all(changed):
                break
        for chat in updated:
            await self.publish(chat)
        return updated

    def _notices(self, chat: Chat) -> list[OutboxMessage]:
        """One notice in the future for each party that has not read all. Its key is what the party
        has read and been told, so that further messages add no other."""
        due = {
            account: chat.tell_at(account, chat.listed_at, self.policy) for account in chat.accounts
        }
        return [unread_notice(chat, account, at) for account, at in due.items() if at]

    async def publish(self, chat: Chat) -> None:
        """Publish `chat:updated` to the open pages of both parties."""
        for account in chat.accounts:
            data = {
                "chat": chat.id,
                "last_seq": chat.last_seq,
                "changes": chat.changes,
                "read": chat.member(account).read,
                "unread": chat.unread(account),
            }
            await self.live.publish(f"account:{account}", "chat:updated", data)


def unread_notice(chat: Chat, account: str, due: datetime) -> OutboxMessage:
    """The outbox message that tells the account at `due` about messages it has not read then."""
    member = chat.member(account)
    key = f"{chat.id}:{account}:{max(member.read, member.told)}"
    return message(TellUnread(chat.id, account), key, due_at=due)
