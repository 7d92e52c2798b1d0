"""Chats and messages in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from adapters.memory.repositories.repository import (
    VersionedRepository,
    newest_first,
    yield_control,
)
from adapters.memory.tables import Table, TableAccess
from core.chats import Chat
from core.messages import Draft, Message
from ports.chats import Chats, Messages
from ports.store import Missing, Stale


class MemoryChats(VersionedRepository[Chat], Chats):
    name = "chats"

    async def of_account(
        self, account_id: str, *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Chat, ...], str | None]:
        await yield_control()
        found = (chat for chat in self.table.all() if account_id in chat.accounts and chat.last_seq)
        keyed = ((f"{chat.listed_at.isoformat()}|{chat.id}", chat) for chat in found)
        return newest_first(keyed, limit=limit, cursor=cursor)

    async def blocked(self, chat_ids: Sequence[str]) -> set[str]:
        found = await self.many(chat_ids)
        return {chat.id for chat in found.values() if chat.blocked_by}

    async def save_all(self, chats: Sequence[Chat]) -> bool:
        results = [await self._saved(chat) for chat in chats]
        return all(results)

    async def _saved(self, chat: Chat) -> bool:
        try:
            await self.save(chat)
        except (Stale, Missing):
            return False
        return True

    async def unread_count(self, account_id: str, *, at_most: int) -> int:
        await yield_control()
        return min(at_most, sum(account_id in chat.unread_by for chat in self.table.all()))


class MemoryMessages(Messages):
    name = "messages"

    def __init__(self, tables: TableAccess) -> None:
        self.table: Table[Message] = Table(tables, self.name)

    async def append(
        self, drafts: Sequence[Draft], *, newest: Mapping[str, int]
    ) -> tuple[Message, ...]:
        await yield_control()
        return tuple(self._append(draft) for draft in drafts)

    def _append(self, draft: Draft) -> Message:
        of_chat = self._of(draft.chat)
        for stored in of_chat:
            if (stored.sender, stored.client_id) == (draft.sender, draft.client_id):
                return stored
        message = Message.of(draft, len(of_chat) + 1)
        self.table.put((message.chat, message.seq), message)
        return message

    def _of(self, chat_id: str) -> list[Message]:
        """By number."""
        found = (message for message in self.table.all() if message.chat == chat_id)
        return sorted(found, key=lambda message: message.seq)

    async def last_seq(self, chat_id: str, *, known: int = 0) -> int:
        await yield_control()
        return len(self._of(chat_id))

    async def get(self, chat_id: str, seq: int) -> Message:
        await yield_control()
        found = self.table.find((chat_id, seq))
        if found is None:
            raise Missing
        return found

    async def many(self, chat_id: str, seqs: Collection[int]) -> dict[int, Message]:
        await yield_control()
        found = {seq: self.table.find((chat_id, seq)) for seq in seqs}
        return {seq: message for seq, message in found.items() if message}

    async def sent_as(
        self, chat_id: str, sender: str, client_ids: Collection[str]
    ) -> dict[str, Message]:
        await yield_control()
        sent = (each for each in self._of(chat_id) if each.sender == sender)
        return {each.client_id: each for each in sent if each.client_id in client_ids}

    async def save(self, message: Message) -> None:
        await self.get(message.chat, message.seq)
        self.table.put((message.chat, message.seq), message)

    async def after(self, chat_id: str, seq: int, *, limit: int) -> tuple[Message, ...]:
        await yield_control()
        return _first((each for each in self._of(chat_id) if each.seq > seq), limit)

    async def before(
        self, chat_id: str, seq: int, *, limit: int, known: int = 0
    ) -> tuple[Message, ...]:
        await yield_control()
        return tuple(each for each in self._of(chat_id) if each.seq < seq)[-limit:]

    async def changes(self, chat_id: str, numbers: Collection[int]) -> dict[int, int]:
        await yield_control()
        return {each.change: each.seq for each in self._of(chat_id) if each.change in numbers}

    async def search(
        self, chat_id: str, words: Sequence[str], *, before: int, limit: int
    ) -> tuple[Message, ...]:
        await yield_control()
        found = (
            each
            for each in reversed(self._of(chat_id))
            if each.seq < before and all(_has(each, word.lower()) for word in words)
        )
        return _first(found, limit)

    async def sent_by(
        self, chat_id: str, account_id: str, *, after: int, limit: int
    ) -> tuple[Message, ...]:
        found = await self.after(chat_id, after, limit=len(self._of(chat_id)) + 1)
        return _first((each for each in found if each.sender == account_id), limit)

    async def erase_sent_by(self, chat_id: str, account_id: str, *, now: datetime) -> None:
        await yield_control()
        for message in self._of(chat_id):
            if message.sender == account_id:
                erased = replace(
                    message, body="", deleted_at=now, files=(), file_names=(), flagged=False
                )
                self.table.put((message.chat, message.seq), erased)


def _has(message: Message, word: str) -> bool:
    return any(word in text.lower() for text in (message.body, *message.file_names))


def _first(messages: Iterable[Message], limit: int) -> tuple[Message, ...]:
    return tuple(messages)[:limit]
