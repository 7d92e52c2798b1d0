"""Parts of a chat that fit into one answer, so that the next answer goes on behind them."""

from __future__ import annotations

from collections.abc import Sequence

from core.chats import Chat
from core.messages import Message


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
