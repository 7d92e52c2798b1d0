"""Writes messages in batches: those that arrive while a write is in flight go out together in the
next one, so that the rate does not end at one journal write per message.

One write is in flight at a time. More make the batches smaller: two were slower, and took a tenth
more CPU time. The database stores one batch while the process acknowledges the last one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.chats import Blocked
from core.chats_messages import SummariseChat
from core.errors import NotFound, OneHourError
from core.messages import Draft, Message
from core.outbox import OutboxMessage, message
from ports.clock import Clock
from ports.store import Store
from services.shared.recent import forget_oldest

log = logging.getLogger(__name__)

BATCH = 200
"""Messages of one write."""
SUMMARISE_AFTER = timedelta(seconds=30)
"""The period of the checks of a summary. A check is due one to two periods after the message."""

Waiting = tuple[Draft, asyncio.Future[Message]]


@dataclass(slots=True)
class KnownChat:
    """What a process remembers about a chat: its parties, which never change, and the number of
    the newest message that it knows."""

    parties: tuple[str, str]
    newest: int


@dataclass(slots=True, kw_only=True)
class MessageWriter:
    """One per process. The result of `write` is durable."""

    store: Store
    clock: Clock
    _waiting: list[Waiting] = field(default_factory=list)
    _running: asyncio.Task[None] | None = None
    _known: dict[str, KnownChat] = field(default_factory=dict)
    _covered: dict[str, datetime] = field(default_factory=dict)

    async def write(self, draft: Draft) -> Message:
        """The stored message. Raises `NotFound` for a sender who is no party of the chat,
        `Blocked`, and `DatabaseUnavailable`."""
        stored: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting.append((draft, stored))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await stored

    def learn(self, chat: str, seq: int) -> None:
        """Another process has stored the message `seq`: its number need not be tried."""
        known = self._known.get(chat)
        if known:
            known.newest = max(known.newest, seq)

    async def _run(self) -> None:
        """Write until no message waits."""
        try:
            while batch := self._next_batch():
                await self._try(batch)
        finally:
            self._running = None

    async def _try(self, batch: Sequence[Waiting]) -> None:
        """An error is that of each message."""
        try:
            await self._write(batch)
        except Exception as error:
            if not isinstance(error, OneHourError):
                log.exception("messages could not be written")
            for _, stored in batch:
                _fail(stored, error)

    def _next_batch(self) -> list[Waiting]:
        """The first message of each chat, so that one who sends many does not delay the others."""
        first, later = dict[str, Waiting](), list[Waiting]()
        for waiting in self._waiting:
            chat = waiting[0].chat
            if len(first) < BATCH and chat not in first:
                first[chat] = waiting
            else:
                later.append(waiting)
        self._waiting = later
        return list(first.values())

    async def _write(self, batch: Sequence[Waiting]) -> None:
        """Two round trips: which chats are blocked is read each time, then messages and outbox are
        written."""
        names = list({draft.chat for draft, _ in batch})
        chats = await self._find(names)
        blocked = await self.store.repositories.chats.blocked(names)
        allowed = [waiting for waiting in batch if _is_allowed(waiting, chats, blocked)]
        if not allowed:
            return
        drafts = [draft for draft, _ in allowed]
        messages, _ = await asyncio.gather(
            self.store.repositories.messages.append(
                drafts, newest={name: chat.newest for name, chat in chats.items()}
            ),
            self._cover(drafts),
        )
        self._remember(messages, chats)
        for (_, stored), written in zip(allowed, messages, strict=True):
            if not stored.done():
                stored.set_result(written)

    async def _find(self, names: Sequence[str]) -> dict[str, KnownChat]:
        """Those of the chats that exist."""
        found = {name: self._known[name] for name in names if name in self._known}
        missing = [name for name in names if name not in found]
        loaded = await self.store.repositories.chats.many(missing) if missing else {}
        return found | {
            chat.id: KnownChat(chat.accounts, chat.last_seq) for chat in loaded.values()
        }

    async def _cover(self, drafts: Sequence[Draft]) -> None:
        """Have the summary of each chat checked later, at most once in each period of
        `SUMMARISE_AFTER`: this process may end before it has updated the summary. A check that is
        due sooner than after one period does not count: it may run before the message is stored."""
        now = self.clock.now()
        due = _end_of_period(now)
        missing = {draft.chat for draft in drafts if self._covered.get(draft.chat, now) < due}
        if missing:
            await self.store.repositories.outbox.add(*(_check(chat, due) for chat in missing))
            self._covered |= dict.fromkeys(missing, due)
            forget_oldest(self._covered)

    def _remember(self, messages: Sequence[Message], chats: Mapping[str, KnownChat]) -> None:
        for written in messages:
            chat = chats[written.chat]
            chat.newest = max(written.seq, chat.newest)
            self._known.pop(written.chat, None)
            self._known[written.chat] = chat
        forget_oldest(self._known)


def _is_allowed(waiting: Waiting, chats: Mapping[str, KnownChat], blocked: Collection[str]) -> bool:
    draft, stored = waiting
    chat = chats.get(draft.chat)
    if chat is None or draft.sender not in chat.parties:
        _fail(stored, NotFound())
    elif draft.chat in blocked:
        _fail(stored, Blocked())
    else:
        return True
    return False


def _fail(stored: asyncio.Future[Message], error: Exception) -> None:
    if not stored.done():
        stored.set_exception(error)


def _end_of_period(now: datetime) -> datetime:
    """The end of the next full period: the same in every process."""
    seconds = SUMMARISE_AFTER.total_seconds()
    return datetime.fromtimestamp((now.timestamp() // seconds + 2) * seconds, now.tzinfo)


def _check(chat: str, due: datetime) -> OutboxMessage:
    return message(SummariseChat(chat), f"{chat}:{due:%Y%m%d%H%M%S}", due_at=due)
