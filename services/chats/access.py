"""What the use cases of chats share: the access check, and transactions that are repeated."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from core.chats import Chat, ChatId
from core.errors import NotFound
from ports.store import Repositories, Stale, Store

T = TypeVar("T")


async def chat_of_party(repositories: Repositories, chat_id: ChatId, account_id: str) -> Chat:
    """The chat, for one of its parties. Raises `NotFound` for others."""
    chat = await repositories.chats.find(chat_id)
    if chat is None:
        raise NotFound
    chat.side(account_id)
    return chat


async def transact(store: Store, step: Callable[[Repositories], Awaitable[T]]) -> T:
    """Run the step in a transaction, and again when the chat was saved meanwhile: its summary is
    saved all the time, so a conflict is no reason to ask a person."""
    while True:
        try:
            return await store.transact(step)
        except Stale:
            continue
