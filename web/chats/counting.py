"""How many conversations of the viewer have unread messages."""

from __future__ import annotations

from core.accounts import Account, Role
from web.shared.context import services


async def unread_chats(viewer: Account) -> int | None:
    """One indexed count. None for an account that takes part in no conversations."""
    if not viewer.roles & {Role.CLIENT, Role.DEVELOPER}:
        return None
    return await services().chats.unread_count(by=viewer.id)
