"""Profile pictures in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator

from adapters.memory.repositories.repository import yield_control
from adapters.memory.tables import Table, TableAccess
from core.avatars import Avatar, AvatarId
from ports.avatars import Avatars


class MemoryAvatars(Avatars):
    def __init__(self, tables: TableAccess) -> None:
        self._table: Table[Avatar] = Table(tables, "avatars")

    async def put(self, avatar: Avatar) -> None:
        await yield_control()
        self._table.put(avatar.id, avatar)

    async def owners(self) -> AsyncIterator[tuple[str, AvatarId]]:
        await yield_control()
        for avatar in self._table.all():
            yield avatar.account_id, avatar.id

    async def find(self, avatar_id: AvatarId) -> Avatar | None:
        await yield_control()
        return self._table.find(avatar_id)

    async def remove_of(self, account_id: str, *, but: AvatarId | None = None) -> None:
        await yield_control()
        for avatar in self._table.all():
            if avatar.account_id == account_id and avatar.id != but:
                self._table.delete(avatar.id)
