"""Keeps the summaries of chats up to date: at most one write per chat and second, however many
messages come."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.chats import Chat
from core.chats_messages import SummariseChat, TellUnread
from core.chats_policy import ChatPolicy
from core.messages import ABOVE_ALL, Message
from core.outbox import OutboxMessage, message
from ports.clock import Clock
from ports.live import Live
from ports.store import Stale, Store
from services.chats.recent import forget_oldest
from services.shared.outbox import handles

log = logging.getLogger(__name__)

INTERVAL_S = 1.0
"""Between two writes of the summaries of one process, in seconds."""
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
    _noted: dict[str, None] = field(default_factory=dict)
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
                new, self._new = self._new, {}
                try:
                    await self._store(new)
                except Exception as error:  # an outbox message follows
                    log.warning("summaries of chats were not updated: %r", error)
                if self._new:
                    await asyncio.sleep(INTERVAL_S)
        finally:
            self._running = None

    @handles(SummariseChat)
    async def summarise(self, payload: SummariseChat) -> None:
        """Make the summary include the newest message and the last of each party, and publish it
        again to both, who may have missed an event."""
        messages = self.store.repositories.messages
        last = await messages.before(payload.chat, ABOVE_ALL, limit=SUMMARISED)
        if last:
            sent = {each.sender: each.seq for each in last}
            await self._store({payload.chat: NewMessages(last[-1], sent)})

    async def _store(self, new: Mapping[str, NewMessages]) -> None:
        """Two reads and writes for any number of chats, and one write for each. The notices come
        first: without the summary they do nothing."""
        repositories = self.store.repositories
        stored = await repositories.chats.many(list(new))
        updated = [
            chat.with_newest(new[chat.id].newest, sent=new[chat.id].sent)
            for chat in stored.values()
        ]
        await self._notify_later(updated)
        await asyncio.gather(*(self._save(stored[chat.id], chat, new[chat.id]) for chat in updated))

    async def _save(self, stored: Chat, updated: Chat, new: NewMessages) -> None:
        if updated != stored:
            try:
                await self.store.repositories.chats.save(updated)
            except Stale:  # for example, a party has read messages meanwhile
                await self._store({updated.id: new})
                return
        await self.publish(updated)

    async def _notify_later(self, chats: Sequence[Chat]) -> None:
        """One notice in the future for each party that has not read all. Its key is what the party
        has read and been told, so that further messages add no other."""
        notices = dict[str, OutboxMessage]()
        for chat in chats:
            for account in chat.accounts:
                at = chat.tell_at(account, chat.listed_at, self.policy)
                if at is not None:
                    added = unread_notice(chat, account, at)
                    notices[added.id] = added
        missing = notices.keys() - self._noted.keys()
        if missing:
            await self.store.repositories.outbox.add(*(notices[id_] for id_ in missing))
            self._noted |= dict.fromkeys(missing)
            forget_oldest(self._noted)

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
