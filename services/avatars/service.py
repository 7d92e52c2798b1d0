"""The face people give themselves, wherever it is shown."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.avatars import Avatar
from core.avatars_policy import AvatarPolicy
from ports.clock import Clock
from ports.formats import Formats
from ports.pictures import PictureRefused, Pictures
from ports.store import Repositories, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class AvatarService:
    store: Store
    pictures: Pictures
    clock: Clock
    policy: AvatarPolicy
    formats: Formats

    async def current_url(self, *, by: str) -> str | None:
        """The address of the account's picture."""
        client = await self.store.repositories.clients.find_by_account(by)
        if client:
            return client.avatar
        developer = await self.store.repositories.developers.find_by_account(by)
        return developer.avatar if developer else None

    async def change(self, *, by: str, upload: bytes) -> str:
        """Show what is in `upload` as the account's face, in the place of the one before.

        Returns its address. Raises `PictureRefused`.
        """
        if len(upload) > self.policy.avatar_bytes_maximum:
            raise self.too_large()
        face = await self.pictures.avatar(upload)
        avatar = Avatar.of(by, face, at=self.clock.now())

        async def step(repositories: Repositories) -> None:
            await repositories.avatars.put(avatar)
            await repositories.avatars.remove_of(by, but=avatar.id)
            await _wear(repositories, by, avatar.path)

        await self.store.transact(step)
        return avatar.path

    async def remove(self, *, by: str) -> None:
        """Back to the initials; without a picture nothing changes."""

        async def step(repositories: Repositories) -> None:
            await repositories.avatars.remove_of(by)
            await _wear(repositories, by, None)

        await self.store.transact(step)

    def too_large(self) -> PictureRefused:
        most = self.formats.megabytes(self.policy.avatar_bytes_maximum)
        return PictureRefused(f"This picture has more than {most}. Choose a smaller one.")


async def _wear(repositories: Repositories, account_id: str, address: str | None) -> None:
    """Both sides of an account have one face."""
    developer = await repositories.developers.find_by_account(account_id)
    if developer and developer.avatar != address:
        await repositories.developers.save(replace(developer, avatar=address))
    client = await repositories.clients.find_by_account(account_id)
    if client and client.avatar != address:
        await repositories.clients.save(replace(client, avatar=address))
