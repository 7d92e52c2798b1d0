"""The lines of a conversation: messages, with days, states of bookings and the first unread one in
between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from core.chats import Chat, preview_of
from core.files import StoredFile
from core.messages import Message


@dataclass(frozen=True, slots=True)
class DayLine:
    """The following lines are of this day; `at` is the time of the first."""

    kind: ClassVar[str] = "day"
    at: datetime
    day: date


@dataclass(frozen=True, slots=True)
class NewLine:
    """The following messages are new for the viewer."""

    kind: ClassVar[str] = "new"
    count: int


@dataclass(frozen=True, slots=True)
class StatusLine:
    """Something about a booking or the conversation. `key` is unique in the conversation."""

    kind: ClassVar[str] = "status"
    key: str
    at: datetime
    words: str
    icon: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """The message that is answered; `text` is empty if it was deleted or is only `files`."""

    seq: int
    name: str
    text: str
    files: int = 0


@dataclass(frozen=True, slots=True)
class MessageLine:
    """`changeable`: the viewer may still edit and delete it. `files` are those of its files that
    exist."""

    kind: ClassVar[str] = "message"
    message: Message
    name: str
    is_mine: bool
    is_read: bool
    changeable: bool
    quote: Quote | None
    files: Sequence[StoredFile] = ()

    @property
    def lost(self) -> int:
        """How many of its files were removed."""
        return len(self.message.files) - len(self.files)

    @property
    def at(self) -> datetime:
        return self.message.at


Line = DayLine | NewLine | StatusLine | MessageLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The viewer of a conversation. `names` are the first names of both parties by account id, the
    viewer's own is "You". `since` is the time until which own messages can no longer be changed."""

    account: str
    zone: str
    names: Mapping[str, str]
    since: datetime

    def line_of(
        self,
        message: Message,
        chat: Chat,
        answered: Mapping[int, Message],
        files: Mapping[str, StoredFile],
    ) -> MessageLine:
        """`answered` are messages by number, `files` those of messages by id."""
        mine = message.sender == self.account
        original = answered.get(message.reply_to or 0)
        return MessageLine(
            message=message,
            name=self.names[message.sender],
            is_mine=mine,
            is_read=mine and message.seq <= chat.other(self.account).read,
            changeable=mine and not message.deleted_at and message.at >= self.since,
            quote=self.quote_of(original) if original else None,
            files=[files[each] for each in message.files if each in files],
        )

    def quote_of(self, message: Message) -> Quote:
        name = self.names[message.sender]
        return Quote(message.seq, name, preview_of(message), len(message.files))

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.zone)).date()


def with_days(
    reader: Reader, lines: Iterable[StatusLine | MessageLine], *, previous: datetime | None
) -> list[Line]:
    """The lines with a line before each new day; `previous` is the time of the line before."""
    found, day = list[Line](), reader.day_of(previous) if previous else None
    for line in lines:
        if reader.day_of(line.at) != day:
            day = reader.day_of(line.at)
            found.append(DayLine(line.at, day))
        found.append(line)
    return found


def merged(
    messages: Sequence[MessageLine], statuses: Sequence[StatusLine]
) -> list[StatusLine | MessageLine]:
    """All by time; messages stay in the order of their numbers."""
    found, rest = list[StatusLine | MessageLine](), sorted(statuses, key=lambda each: each.at)
    for message in messages:
        while rest and rest[0].at <= message.at:
            found.append(rest.pop(0))
        found.append(message)
    return [*found, *rest]


def with_new(lines: Sequence[Line], *, read: int, unread: int) -> list[Line]:
    """The lines with a line before the first message of the other party after the number `read`."""
    for index, line in enumerate(lines):
        if isinstance(line, MessageLine) and line.message.seq > read and not line.is_mine:
            return [*lines[:index], NewLine(unread), *lines[index:]]
    return list(lines)
