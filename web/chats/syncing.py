"""Parts of a chat that fit into one answer, so that the next answer goes on behind them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from core.chats import Chat
from core.messages import Message

READ_FIRST = 40
"""Messages. The others of a part are read only when all of these fit: they may all be long."""


@dataclass(frozen=True, slots=True)
class Part:
    """`messages` fit into an answer. `read` are the same and those that were read but do not fit;
    `is_end`: there are none behind these."""

    messages: Sequence[Message]
    read: Sequence[Message]
    is_end: bool

    @property
    def has_all(self) -> bool:
        """Whether there are no messages behind those that fit."""
        return self.is_end and len(self.messages) == len(self.read)


async def read_part(
    read: Callable[[int, int], Awaitable[Sequence[Message]]],
    after: int,
    *,
    number: Callable[[Message], int],
    limit: int,
    characters: int,
) -> Part:
    """The first messages after a number that have so many characters together, at most `limit`.
    `read` finds messages after a number, at most so many; `number` is that of a message."""
    found = list(await read(after, READ_FIRST))
    is_end = len(found) < READ_FIRST
    if not is_end and len(first_that_fit(found, characters)) == READ_FIRST:
        found += await read(number(found[-1]), limit - READ_FIRST)
        is_end = len(found) < limit
    return Part(first_that_fit(found, characters), found, is_end)


def first_that_fit(messages: Sequence[Message], characters: int) -> Sequence[Message]:
    """The first messages whose texts have so many characters together, but at least one."""
    for number, message in enumerate(messages):
        characters -= len(message.body)
        if characters < 0:
            return messages[: max(1, number)]
    return messages


def changes_so_far(chat: Chat, changed: Sequence[Message], *, has_all: bool) -> int:
    """The number of the last change that a program knows with the messages `changed`. `has_all`:
    there are no others that have changed."""
    if has_all or not changed:
        return max([chat.changes, *(message.change for message in changed)])
    return changed[-1].change
