"""The repositories of chats and their messages."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from core.chats import Chat, ChatId
from core.messages import Draft, Message


class Chats(Protocol):
    """One entity per pair: its id is made of the pair, and adding it again raises `Duplicate`."""

    async def get(self, chat_id: ChatId) -> Chat: ...
    async def find(self, chat_id: ChatId) -> Chat | None: ...
    async def many(self, chat_ids: Sequence[str]) -> dict[str, Chat]:
        """Those that exist, by id."""
        ...

    async def blocked(self, chat_ids: Sequence[str]) -> set[str]:
        """Those of the chats in which a party has blocked the other, without loading the rest."""
        ...

    async def add(self, chat: Chat) -> Chat: ...
    async def save(self, chat: Chat) -> Chat: ...
    async def save_all(self, chats: Sequence[Chat]) -> bool:
        """Replace each chat whose stored version is the given one, in one request. False if some
        were not; it is not known which, so all are to be read again. Durable after the next other
        write; until then a crash of the database may lose it. Not in a transaction."""
        ...

    async def of_account(
        self, account_id: str, *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Chat, ...], str | None]:
        """Chats of an account that have a message, latest message first, and the next cursor."""
        ...

    async def unread_count(self, account_id: str, *, at_most: int) -> int:
        """How many chats have messages the account has not read, counted up to `at_most`."""
        ...


class Messages(Protocol):
    """Messages, numbered from 1 within each chat, without gaps, in the order they were written.

    A sender's `client_id` is unique in a chat.
    """

    async def append(
        self, drafts: Sequence[Draft], *, newest: Mapping[str, int]
    ) -> tuple[Message, ...]:
        """Store the drafts and return the messages in the same order: those of one chat get the
        next numbers in the given order. For a `client_id` that is stored already, the stored
        message is returned, and nothing is written. Any number of processes can write to one chat.

        `newest` has the newest number of some chats, by id, as the caller knows it. It saves a
        query and may be outdated.

        Durable when it returns. After an interruption some of the first drafts may be stored; the
        caller sends all again. Not in a transaction.
        """
        ...

    async def last_seq(self, chat_id: str, *, known: int = 0) -> int:
        """The number of the newest message, 0 without any. `known` is that of a message that
        exists, or 0; the nearer it is, the fewer queries are needed."""
        ...

    async def get(self, chat_id: str, seq: int) -> Message:
        """Raises `Missing`."""
        ...

    async def many(self, chat_id: str, seqs: Collection[int]) -> dict[int, Message]:
        """Those that exist, by number, in one query."""
        ...

    async def sent_as(
        self, chat_id: str, sender: str, client_ids: Collection[str]
    ) -> dict[str, Message]:
        """Those of a sender's messages that exist, by `client_id`, in one query."""
        ...

    async def save(self, message: Message) -> None:
        """Replace a stored message after an edit or a deletion, whose `change` is new in the chat:
        save the chat before. Raises `Missing`."""
        ...

    async def after(self, chat_id: str, seq: int, *, limit: int) -> tuple[Message, ...]:
        """The first messages with a higher number, by number."""
        ...

    async def before(
        self, chat_id: str, seq: int, *, limit: int, known: int = 0
    ) -> tuple[Message, ...]:
        """The last messages with a lower number, by number. `known` as in `last_seq`."""
        ...

    async def changes(self, chat_id: str, numbers: Collection[int]) -> dict[int, int]:
        """The number of the message to which each of these changes was made, by number of the
        change. Changes of a message that was changed again later may be left out."""
        ...

    async def search(
        self, chat_id: str, words: Sequence[str], *, before: int, limit: int
    ) -> tuple[Message, ...]:
        """The last messages with a lower number whose text and names of files contain all words, in
        any case, latest first."""
        ...

    async def sent_by(
        self, chat_id: str, account_id: str, *, after: int, limit: int
    ) -> tuple[Message, ...]:
        """The first messages of one sender with a higher number, by number."""
        ...

    async def erase_sent_by(self, chat_id: str, account_id: str, *, now: datetime) -> None:
        """Remove the texts and files of one sender, as if it had deleted the messages at `now`."""
        ...
