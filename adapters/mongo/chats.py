"""Chats and messages in MongoDB.

A message has two unique keys: its `_id` is what its sender calls it, and `key`, made of its chat
and its number, is the index of the history. Any number of processes can write to one chat.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import ASCENDING, DESCENDING, IndexModel

from adapters.mongo.context import RepositoryContext
from adapters.mongo.driver import Document, any_of
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

KEY = "key"
"""Chat and number of a message. Not the `_id`, for whose ranges some engines read everything."""
OLDEST, NEWEST = [(KEY, ASCENDING)], [(KEY, DESCENDING)]
BLOCKED = {"blocked_by.0": {"$exists": True}}
OLD_INDEX = "changes"
NEAR = range(1, 9)
STEPS = (*range(1, 17), *(2**power for power in range(5, 31)))
"""How far above a known number others are looked for, for many chats at a time: first near to it,
and if there are so many, at more places."""
DIGITS = 10
"""Of a number in a key; the keys of a chat are then in the order of their numbers."""


class MongoChats(VersionedRepository[Chat], Chats):
    name = "chats"
    mapping = DocumentMapping(
        Chat,
        derived={
            "listed": lambda chat: list(chat.accounts) if chat.last_seq else [],
            "unread": lambda chat: list(chat.unread_by),
            "blocked": lambda chat: [chat.id] if chat.blocked_by else [],
            "order_key": lambda chat: order_key(chat.listed_at, chat.id),
        },
    )
    indexes = (
        IndexModel([("listed", ASCENDING), ("order_key", DESCENDING)], name="of_account"),
        IndexModel([("unread", ASCENDING)], name="unread"),
        IndexModel([("blocked", ASCENDING)], name="blocked"),
    )

    @classmethod
    async def complete(cls, collection: AsyncIOMotorCollection[Document]) -> None:
        """Write `blocked` where earlier versions stored a block without it."""
        async for chat in collection.find({**BLOCKED, "blocked": {"$exists": False}}, {"_id": 1}):
            await collection.update_one({**chat, **BLOCKED}, {"$set": {"blocked": [chat["_id"]]}})

    async def of_account(
        self, account_id: str, *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Chat, ...], str | None]:
        return await newest_first(
            self.collection, {"listed": account_id}, self.mapping, limit=limit, cursor=cursor
        )

    async def save_all(self, chats: Sequence[Chat]) -> bool:
        replacements = [
            (
                {"_id": chat.id, "version": chat.version},
                self.mapping.to_document(replace(chat, version=chat.version + 1)),
            )
            for chat in chats
        ]
        return await self.collection.replace_each(replacements) == len(chats)

    async def blocked(self, chat_ids: Sequence[str]) -> set[str]:
        """By an index in which only blocked chats have their id: it is asked before each write of
        messages, and most chats are not in it."""
        found = await self.collection.find({"blocked": any_of(chat_ids)}, fields={"_id": 1})
        return {each["_id"] for each in found}

    async def unread_count(self, account_id: str, *, at_most: int) -> int:
        found = await self.collection.find({"unread": account_id}, limit=at_most, fields={"_id": 1})
        return len(found)


def _key(chat_id: str, seq: int) -> str:
    return f"{chat_id}:{seq:0{DIGITS}d}"


def _sent_as(message: Message | Draft) -> str:
    return _sent_by(message.chat, message.sender, message.client_id)


def _sent_by(chat_id: str, sender: str, client_id: str) -> str:
    return f"{chat_id}:{sender}:{client_id}"


def _between(chat_id: str, *, above: int = 0, below: int = 10**DIGITS - 1) -> Document:
    return {KEY: {"$gt": _key(chat_id, above), "$lt": _key(chat_id, below)}}


MESSAGES = DocumentMapping(
    Message,
    id_field=None,
    derived={"_id": _sent_as, KEY: lambda each: _key(each.chat, each.seq)},
)


def _entities(documents: Iterable[Document]) -> tuple[Message, ...]:
    return tuple(map(MESSAGES.from_document, documents))


class MongoMessageChanges(MongoRepository):
    """The number of the message that each change of a chat was made to. A collection of its own: an
    index would cost time with each message, and few are changed."""

    name = "message_changes"

    async def add(self, message: Message) -> None:
        change = _key(message.chat, message.change)
        await self.collection.insert({"_id": change, "seq": message.seq})

    async def seqs(self, chat_id: str, changes: Iterable[int]) -> dict[int, int]:
        """The numbers of the changed messages, by change."""
        names = {_key(chat_id, change): change for change in changes}
        found = await self.collection.find_with("_id", list(names))
        return {names[each["_id"]]: each["seq"] for each in found}


class MongoMessages(MongoRepository, Messages):
    name = "messages"
    extra_collections = (MongoMessageChanges,)
    indexes = (IndexModel([(KEY, ASCENDING)], name="key", unique=True),)

    def __init__(self, context: RepositoryContext) -> None:
        super().__init__(context)
        self._changes = MongoMessageChanges(context)

    @classmethod
    async def complete(cls, collection: AsyncIOMotorCollection[Document]) -> None:
        """Drop the index by which earlier versions found changed messages."""
        if OLD_INDEX in await collection.index_information():
            await collection.drop_index(OLD_INDEX)

    async def append(
        self, drafts: Sequence[Draft], *, newest: Mapping[str, int]
    ) -> tuple[Message, ...]:
        """One request per round, with one message of each chat: a number is written only when the
        one before it is stored, so that there is no gap whatever fails. A message whose number
        another process has written meanwhile gets the next one in another round. When that is taken
        too, the newest number is looked up first."""
        ends = dict(newest)
        for chat in {draft.chat for draft in drafts} - ends.keys():
            ends[chat] = await self.last_seq(chat)
        stored, waiting = dict[int, Message](), list(range(len(drafts)))
        overtaken = set[str]()
        while waiting:
            messages = {
                number: Message.of(drafts[number], ends[drafts[number].chat] + 1)
                for number in _first_of_each_chat(drafts, waiting)
            }
            refused = await self.collection.insert_each(
                [MESSAGES.to_document(message) for message in messages.values()]
            )
            unclear = dict[int, Message]()
            for number, message in messages.items():
                violated = refused.get(_sent_as(message))
                if violated is None:
                    stored[number] = message
                elif violated != KEY:
                    unclear[number] = message
                if violated in (None, KEY):
                    ends[message.chat] = message.seq
            stored |= await self._sent_before(unclear)
            taken = {message.chat for message in messages.values() if _sent_as(message) in refused}
            ends |= await self._ends(taken & overtaken, ends)
            overtaken |= taken
            waiting = [number for number in waiting if number not in stored]
        return tuple(stored[number] for number in range(len(drafts)))

    async def _sent_before(self, taken: Mapping[int, Message]) -> dict[int, Message]:
        """Those of the messages that are stored already, because their senders sent them again."""
        names = {_sent_as(message): number for number, message in taken.items()}
        found = await self.collection.find_with("_id", list(names))
        return {names[each["_id"]]: MESSAGES.from_document(each) for each in found}

    async def _ends(self, chats: Collection[str], known: Mapping[str, int]) -> dict[str, int]:
        """The newest numbers of the chats: those near to the known ones and then those at `STEPS`
        above are looked up, and again above what is found. Numbers have no gaps. A sorted query
        would do, but some engines read the whole chat for it."""
        ends, open_ = {chat: known[chat] for chat in chats}, set(chats)
        steps: Sequence[int] = NEAR
        while open_:
            keys = [_key(chat, ends[chat] + step) for chat in open_ for step in steps]
            found = await self.collection.find_with(KEY, keys, fields={"chat": 1, "seq": 1})
            before = dict(ends)
            for each in found:
                ends[each["chat"]] = max(ends[each["chat"]], each["seq"])
            open_ = {chat for chat in open_ if ends[chat] - before[chat] >= len(NEAR)}
            steps = STEPS
        return ends

    async def last_seq(self, chat_id: str, *, known: int = 0) -> int:
        return (await self._ends([chat_id], {chat_id: known}))[chat_id]

    async def get(self, chat_id: str, seq: int) -> Message:
        found = await self.collection.find_one({KEY: _key(chat_id, seq)})
        if found is None:
            raise Missing
        return MESSAGES.from_document(found)

    async def many(self, chat_id: str, seqs: Collection[int]) -> dict[int, Message]:
        keys = [_key(chat_id, seq) for seq in seqs]
        found = await self.collection.find_with(KEY, keys)
        return {message.seq: message for message in _entities(found)}

    async def sent_as(
        self, chat_id: str, sender: str, client_ids: Collection[str]
    ) -> dict[str, Message]:
        ids = [_sent_by(chat_id, sender, each) for each in client_ids]
        found = await self.collection.find_with("_id", ids)
        return {message.client_id: message for message in _entities(found)}

    async def save(self, message: Message) -> None:
        document = MESSAGES.to_document(message)
        stored = {name: document[name] for name in ("_id", KEY)}
        if not await self.collection.replace(stored, document):
            raise Missing
        await self._changes.add(message)

    async def after(self, chat_id: str, seq: int, *, limit: int) -> tuple[Message, ...]:
        return await self._among(chat_id, seq, seq + limit + 1)

    async def _among(self, chat_id: str, above: int, below: int) -> tuple[Message, ...]:
        """Those with numbers between these two, which are as many, because there are no gaps."""
        among = _between(chat_id, above=above, below=below)
        return _entities(await self.collection.find(among, order=OLDEST))

    async def before(
        self, chat_id: str, seq: int, *, limit: int, known: int = 0
    ) -> tuple[Message, ...]:
        if seq > known + 1:
            seq = min(seq, await self.last_seq(chat_id, known=known) + 1)
        return await self._among(chat_id, max(0, seq - limit - 1), seq)

    async def changes(self, chat_id: str, numbers: Collection[int]) -> dict[int, int]:
        found = await self._changes.seqs(chat_id, numbers)
        old = [number for number in numbers if number not in found]
        if old:  # of a version that did not write `message_changes`
            filter_ = _between(chat_id) | {"change": {"$in": old}}
            changed = await self.collection.find(filter_, fields={"change": 1, "seq": 1})
            found |= {each["change"]: each["seq"] for each in changed}
        return found

    async def search(
        self, chat_id: str, words: Sequence[str], *, before: int, limit: int
    ) -> tuple[Message, ...]:
        filter_ = _between(chat_id, below=before) | {"$and": [_has(word) for word in words]}
        return _entities(await self.collection.find(filter_, order=NEWEST, limit=limit))

    async def sent_by(
        self, chat_id: str, account_id: str, *, after: int, limit: int
    ) -> tuple[Message, ...]:
        filter_ = _between(chat_id, above=after) | {"sender": account_id}
        return _entities(await self.collection.find(filter_, order=OLDEST, limit=limit))

    async def erase_sent_by(self, chat_id: str, account_id: str, *, now: datetime) -> None:
        filter_ = _between(chat_id) | {"sender": account_id}
        erased = {"body": "", "deleted_at": now, "files": [], "file_names": [], "flagged": False}
        await self.collection.update_many(filter_, {"$set": erased})


def _first_of_each_chat(drafts: Sequence[Draft], waiting: Iterable[int]) -> list[int]:
    """The numbers of the drafts that are the first ones in their chats."""
    first = dict[str, int]()
    for number in waiting:
        first.setdefault(drafts[number].chat, number)
    return list(first.values())


def _has(word: str) -> Document:
    """The condition for a message that has the word in its text or in the name of a file."""
    contains = {"$regex": re.escape(word), "$options": "i"}
    return {"$or": [{"body": contains}, {"file_names": contains}]}
