"""The faces people have given themselves."""

from __future__ import annotations

from typing import Protocol

from core.avatars import Avatar, AvatarId


class Avatars(Protocol):
    """Small immutable pictures, found by their id and read back byte for byte."""

    async def put(self, avatar: Avatar) -> None:
        """Keep it; putting the same again changes nothing that can be seen."""
        ...

    async def find(self, avatar_id: AvatarId) -> Avatar | None: ...
    async def remove_of(self, account_id: str, *, but: AvatarId | None = None) -> None:
        """Drop every picture of the account, `but` one."""
        ...
