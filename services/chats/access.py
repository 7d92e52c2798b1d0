"""The access check that the use cases of chats share."""

from __future__ import annotations

from core.chats import Chat, ChatId
from core.errors import NotFound
from ports.store import Repositories


async def chat_of_party(repositories: Repositories, chat_id: ChatId, account_id: str) -> Chat:
    """The chat, for one of its parties. Raises `NotFound` for others."""
    chat = await repositories.chats.find(chat_id)
    if chat is None:
        raise NotFound
    chat.side(account_id)
    return chat
