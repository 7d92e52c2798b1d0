"""Chats and messages in MongoDB.

The `_id` of a message is made of its chat and its number: it is the only index of the history, and
keeps the numbers of a chat unique, whatever number of processes write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pymongo import ASCENDING, DESCENDING, IndexModel

from adapters.mongo.driver import Document
from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import (
    MongoRepository,
    VersionedRepository,
    newest_first,
    order_key,
)
from core.chats import Chat
from core.messages import Draft, Message
from ports.chats import Chats, Messages
from ports.store import Missing

OLDEST, NEWEST = [("_id", ASCENDING)], [("_id", DESCENDING)]
CHANGE_KEY = "change_key"
"""Chat and number of the change, only in messages that were changed."""
DIGITS = 10
"""Of a number in a key; the keys of a chat are then in the order of their numbers."""


class MongoChats(VersionedRepository[Chat], Chats):
    name = "chats"
    mapping = DocumentMapping(
        Chat,
        derived={
            "listed": lambda chat: list(chat.accounts) if chat.last_seq else [],
            "unread": lambda chat: list(chat.unread_by),
            "order_key": lambda chat: order_key(chat.listed_at, chat.id),
        },
    )
    indexes = (
        IndexModel([("listed", ASCENDING), ("order_key", DESCENDING)], name="of_account"),
        IndexModel([("unread", ASCENDING)], name="unread"),
    )

    async def of_account(
        self, account_id: str, *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Chat, ...], str | None]:
        return await newest_first(
            self.collection, {"listed": account_id}, self.mapping, limit=limit, cursor=cursor
        )

    async def unread_count(self, account_id: str, *, at_most: int) -> int:
        found = await self.collection.find({"unread": account_id}, limit=at_most, fields={"_id": 1})
        return len(found)


def _key(chat_id: str, seq: int) -> str:
    return f"{chat_id}:{seq:0{DIGITS}d}"


def _sent_as(message: Message | Draft) -> str:
    return f"{message.chat}:{message.sender}:{message.client_id}"


def _between(chat_id: str, *, above: int = 0, below: int = 10**DIGITS - 1) -> Document:
    return {"_id": {"$gt": _key(chat_id, above), "$lt": _key(chat_id, below)}}


MESSAGES = DocumentMapping(
    Message,
    id_field=None,
    derived={"_id": lambda each: _key(each.chat, each.seq), "sent_as": _sent_as},
)


def _entities(documents: Iterable[Document]) -> tuple[Message, ...]:
    return tuple(map(MESSAGES.from_document, documents))


class MongoMessages(MongoRepository, Messages):
    name = "messages"
    indexes = (
        IndexModel([("sent_as", ASCENDING)], name="sent_as", unique=True),
        IndexModel([(CHANGE_KEY, ASCENDING)], name="changes", sparse=True),
    )

    async def append(
        self, drafts: Sequence[Draft], *, newest: Mapping[str, int]
    ) -> tuple[Message, ...]:
        """One request, unless other processes have written to one of the chats meanwhile. Then
        those that remain get new numbers: an ordered insert stops at the first number that is
        taken, so the messages of a sender keep their order."""
        ends = dict(newest)
        for chat in {draft.chat for draft in drafts} - ends.keys():
            ends[chat] = await self.last_seq(chat)
        stored = list[Message]()
        while len(stored) < len(drafts):
            numbered = _numbered(drafts[len(stored) :], ends)
            count = await self.collection.insert_in_order([*map(MESSAGES.to_document, numbered)])
            stored += numbered[:count]
            ends |= {message.chat: message.seq for message in numbered[:count]}
            if count < len(numbered):
                draft = drafts[len(stored)]
                if sent := await self.collection.find_one({"sent_as": _sent_as(draft)}):
                    stored.append(MESSAGES.from_document(sent))
                ends[draft.chat] = await self.last_seq(draft.chat)
        return tuple(stored)

    async def last_seq(self, chat_id: str) -> int:
        newest = await self.collection.find(
            _between(chat_id), order=NEWEST, limit=1, fields={"seq": 1}
        )
        return int(newest[0]["seq"]) if newest else 0

    async def get(self, chat_id: str, seq: int) -> Message:
        found = await self.collection.find_one({"_id": _key(chat_id, seq)})
        if found is None:
            raise Missing
        return MESSAGES.from_document(found)

    async def save(self, message: Message) -> None:
        document = MESSAGES.to_document(message)
        document[CHANGE_KEY] = _key(message.chat, message.change)
        if not await self.collection.replace({"_id": document["_id"]}, document):
            raise Missing

    async def after(self, chat_id: str, seq: int, *, limit: int) -> tuple[Message, ...]:
        return _entities(
            await self.collection.find(_between(chat_id, above=seq), order=OLDEST, limit=limit)
        )

    async def before(self, chat_id: str, seq: int, *, limit: int) -> tuple[Message, ...]:
        found = await self.collection.find(_between(chat_id, below=seq), order=NEWEST, limit=limit)
        return _entities(reversed(found))

    async def changed(self, chat_id: str, after: int, *, limit: int) -> tuple[Message, ...]:
        keys = {CHANGE_KEY: _between(chat_id, above=after)["_id"]}
        found = await self.collection.find(keys, order=[(CHANGE_KEY, ASCENDING)], limit=limit)
        return _entities(found)

    async def search(
        self, chat_id: str, words: Sequence[str], *, before: int, limit: int
    ) -> tuple[Message, ...]:
        filter_ = _between(chat_id, below=before) | {"body": _has_all(words)}
        return _entities(await self.collection.find(filter_, order=NEWEST, limit=limit))

    async def sent_by(
        self, chat_id: str, account_id: str, *, after: int, limit: int
    ) -> tuple[Message, ...]:
        filter_ = _between(chat_id, above=after) | {"sender": account_id}
        return _entities(await self.collection.find(filter_, order=OLDEST, limit=limit))

    async def erase_sent_by(self, chat_id: str, account_id: str, *, now: datetime) -> None:
        filter_ = _between(chat_id) | {"sender": account_id}
        erased = {"body": "", "deleted_at": now, "files": [], "flagged": False}
        await self.collection.update_many(filter_, {"$set": erased})


def _numbered(drafts: Sequence[Draft], ends: Mapping[str, int]) -> list[Message]:
    """The drafts with the next numbers of their chats."""
    next_, messages = dict(ends), list[Message]()
    for draft in drafts:
        next_[draft.chat] += 1
        messages.append(Message.of(draft, next_[draft.chat]))
    return messages


def _has_all(words: Sequence[str]) -> Document:
    """The condition for a text with all words, in any order."""
    return {"$regex": "".join(f"(?=[\\s\\S]*{re.escape(word)})" for word in words), "$options": "i"}
