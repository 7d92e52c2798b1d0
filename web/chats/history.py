"""The history of a conversation in windows of neighbouring messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from core.accounts import Account, first_name
from core.bookings import Booking
from core.chats import Chat
from core.files import StoredFile
from core.messages import ABOVE_ALL, Message
from ports.chats import Messages
from web.chats.lines import (
    Line,
    MessageLine,
    Quote,
    Reader,
    StatusLine,
    merged,
    with_days,
    with_new,
)
from web.chats.statuses import bookings_of, statuses
from web.shared.context import dependencies, me, now, services
from web.shared.templating import zone

PAGE = 50
"""Messages of one page of the history."""
UNREAD_AT_MOST = 150
"""Unread messages that are shown at once, with the first of them marked."""
AROUND = 10
"""Messages shown after the one that was looked for."""


@dataclass(frozen=True, slots=True)
class Window:
    """Neighbouring messages of a conversation with all that is between them. `first` and `last` are
    the numbers of the first and last message, `earlier` and `later` say whether there are others
    before and after them."""

    lines: Sequence[Line] = ()
    first: int = 0
    last: int = 0
    earlier: bool = False
    later: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The messages of a conversation for the viewer, one of its parties. `bookings` are the latest
    of the pair; None if no states are to be shown."""

    chat: Chat
    reader: Reader
    bookings: Sequence[Booking] | None = None

    @classmethod
    async def of(cls, chat: Chat, other: Account, *, with_statuses: bool = True) -> Self:
        bookings = await bookings_of(chat) if with_statuses else None
        return cls(chat=chat, reader=_reader(other), bookings=bookings)

    async def newest(self) -> Window:
        """The newest page, long enough to begin before the first unread message."""
        unread = self.chat.unread(self.reader.account)
        limit = max(PAGE, min(unread, UNREAD_AT_MOST) + AROUND)
        window = await self.before(ABOVE_ALL, limit=limit)
        if not unread:
            return window
        read = self.chat.member(self.reader.account).read
        return replace(window, lines=with_new(window.lines, read=read, unread=unread))

    async def around(self, seq: int) -> Window:
        """The messages before and shortly after the number `seq`."""
        return await self.before(seq + AROUND)

    async def before(self, seq: int, *, limit: int = PAGE) -> Window:
        """The last messages before the number `seq`."""
        found = await _messages().before(self.chat.id, min(seq + 1, ABOVE_ALL), limit=limit + 1)
        following = found[-1] if found and found[-1].seq == seq else None
        messages = found[:-1] if following else found
        return await self._window(messages[-limit:], following=following)

    async def after(self, seq: int, *, limit: int = PAGE) -> Window:
        """The first messages after the number `seq`."""
        found = await _messages().after(self.chat.id, max(seq - 1, 0), limit=limit + 2)
        previous = found[0] if found and found[0].seq == seq else None
        rest = found[1:] if previous else found
        following = rest[limit] if len(rest) > limit else None
        return await self._window(rest[:limit], previous=previous, following=following)

    async def one(self, seq: int) -> Window:
        """One message. Raises `Missing`."""
        message = await _messages().get(self.chat.id, seq)
        return Window(lines=await self.lines_of([message]), first=seq, last=seq)

    async def quote(self, seq: int | None) -> Quote | None:
        """The message with this number, to be answered; None if there is none."""
        found = (await _messages().many(self.chat.id, [seq] if seq else ())).get(seq or 0)
        return self.reader.quote_of(found) if found and not found.deleted_at else None

    async def own(self, seq: int | None) -> Message | None:
        """The message with this number, if the viewer may change it."""
        found = (await _messages().many(self.chat.id, [seq] if seq else ())).get(seq or 0)
        return found if found and self.reader.line_of(found, self.chat, {}, {}).changeable else None

    async def lines_of(self, messages: Sequence[Message]) -> list[MessageLine]:
        """The lines of the messages, without days: at most two reads."""
        answered, files = await self.answered(messages), await files_of(messages)
        return [self.reader.line_of(each, self.chat, answered, files) for each in messages]

    async def answered(self, messages: Sequence[Message]) -> dict[int, Message]:
        """The messages that these answer, by number: at most one read."""
        known = {message.seq: message for message in messages}
        wanted = {message.reply_to for message in messages if message.reply_to} - known.keys()
        return known | await _messages().many(self.chat.id, wanted) if wanted else known

    async def _statuses(self, since: datetime | None, until: datetime | None) -> list[StatusLine]:
        return await statuses(self.chat, self.bookings or (), me(), since=since, until=until)

    async def _window(
        self,
        messages: Sequence[Message],
        *,
        previous: Message | None = None,
        following: Message | None = None,
    ) -> Window:
        earlier = bool(messages) and messages[0].seq > 1 and previous is None
        since = _beginning(messages, previous, earlier)
        until = following.at if following else None
        found = await self._statuses(since, until) if self.bookings is not None else []
        shown = await self.lines_of(messages)
        return Window(
            lines=with_days(
                self.reader, merged(shown, found), previous=previous.at if previous else None
            ),
            first=messages[0].seq if messages else 0,
            last=messages[-1].seq if messages else previous.seq if previous else 0,
            earlier=earlier,
            later=following is not None,
        )


async def files_of(messages: Sequence[Message]) -> dict[str, StoredFile]:
    """The files of the messages that exist, by id: at most one read."""
    ids = [each for message in messages for each in message.files]
    return await services().attachments.of(dependencies().store.repositories, ids)


def _messages() -> Messages:
    return dependencies().store.repositories.messages


def _reader(other: Account) -> Reader:
    return Reader(
        account=me().id,
        zone=zone(),
        names={me().id: "You", other.id: first_name(other.name)},
        since=now() - services().chats.policy.edit_within,
    )


def _beginning(
    messages: Sequence[Message], previous: Message | None, earlier: bool
) -> datetime | None:
    if previous:
        return previous.at
    return messages[0].at if earlier else None
