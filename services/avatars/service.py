"""Profile pictures."""

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
    """Reads and changes profile pictures; `by` is the acting account."""

    store: Store
    pictures: Pictures
    clock: Clock
    policy: AvatarPolicy
    formats: Formats

    async def current_url(self, *, by: str) -> str | None:
        """The path of the account's picture, or None."""
        client = await self.store.repositories.clients.find_by_account(by)
        if client:
            return client.avatar
        developer = await self.store.repositories.developers.find_by_account(by)
        return developer.avatar if developer else None

    async def change(self, *, by: str, upload: bytes) -> str:
        """Replace the account's picture by `upload`, cropped to a square and re-encoded.

        Returns its path. Raises `PictureRefused`.
        """
        if len(upload) > self.policy.avatar_bytes_maximum:
            raise self.too_large()
        picture = await self.pictures.avatar(upload)
        avatar = Avatar.of(by, picture, at=self.clock.now())

        async def step(repositories: Repositories) -> None:
            await repositories.avatars.put(avatar)
            await repositories.avatars.remove_of(by, but=avatar.id)
            await _set_on_profiles(repositories, by, avatar.path)

        await self.store.transact(step)
        return avatar.path

    async def remove(self, *, by: str) -> None:
        """Remove the picture; the initials are shown instead. Idempotent."""

        async def step(repositories: Repositories) -> None:
            await repositories.avatars.remove_of(by)
            await _set_on_profiles(repositories, by, None)

        await self.store.transact(step)

    def too_large(self) -> PictureRefused:
        """The error for an upload over the limit."""
        most = self.formats.megabytes(self.policy.avatar_bytes_maximum)
        return PictureRefused(f"This picture is larger than {most}. Choose a smaller one.")


async def _set_on_profiles(
    repositories: Repositories, account_id: str, address: str | None
) -> None:
    """The client and the developer profile of an account show the same picture."""
    developer = await repositories.developers.find_by_account(account_id)
    if developer and developer.avatar != address:
        await repositories.developers.save(replace(developer, avatar=address))
    client = await repositories.clients.find_by_account(account_id)
    if client and client.avatar != address:
        await repositories.clients.save(replace(client, avatar=address))
