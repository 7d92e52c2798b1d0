"""The repository of profile pictures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from core.avatars import Avatar, AvatarId


class Avatars(Protocol):
    """Small immutable pictures, returned byte for byte."""

    async def put(self, avatar: Avatar) -> None:
        """Store it. Idempotent."""
        ...

    def owners(self) -> AsyncIterator[tuple[str, AvatarId]]:
        """The account and the id of every picture, without the pictures."""
        ...

    async def find(self, avatar_id: AvatarId) -> Avatar | None: ...
    async def remove_of(self, account_id: str, *, but: AvatarId | None = None) -> None:
        """Remove all pictures of the account except `but`."""
        ...
