"""Faces in memory."""

from __future__ import annotations

from adapters.memory.repositories.collection import pause
from adapters.memory.tables import Rows, View
from core.avatars import Avatar, AvatarId
from ports.avatars import Avatars


class MemoryAvatars(Avatars):
    def __init__(self, view: View) -> None:
        self._rows: Rows[Avatar] = Rows(view, "avatars")

    async def put(self, avatar: Avatar) -> None:
        await pause()
        self._rows.put(avatar.id, avatar)

    async def find(self, avatar_id: AvatarId) -> Avatar | None:
        await pause()
        return self._rows.find(avatar_id)

    async def remove_of(self, account_id: str, *, but: AvatarId | None = None) -> None:
        await pause()
        for avatar in self._rows.all():
            if avatar.account_id == account_id and avatar.id != but:
                self._rows.drop(avatar.id)
