"""Profile pictures."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

from core.accounts import AccountId
from core.avatars import Avatar
from core.avatars_policy import AvatarPolicy
from ports.clock import Clock
from ports.formats import Formats
from ports.pictures import PictureRefused, Pictures
from ports.store import Repositories, Stale, Store


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
        account = await self.store.repositories.accounts.find(AccountId(by))
        return account.avatar if account else None

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
            await _show(repositories, by, avatar.path)

        await self.store.transact(step)
        return avatar.path

    async def remove(self, *, by: str) -> None:
        """Remove the picture; the initials are shown instead. Idempotent."""

        async def step(repositories: Repositories) -> None:
            await repositories.avatars.remove_of(by)
            await _show(repositories, by, None)

        await self.store.transact(step)

    async def fill_accounts(self) -> None:
        """Set the pictures of accounts from before accounts had them. Idempotent."""

        async for owner, avatar in self.store.repositories.avatars.owners():
            account = await self.store.repositories.accounts.find(AccountId(owner))
            if account and account.avatar is None:
                path = Avatar.path_of(avatar)
                with suppress(Stale):  # the person has changed the account just now
                    await self.store.repositories.accounts.save(replace(account, avatar=path))

    def too_large(self) -> PictureRefused:
        """The error for an upload over the limit."""
        most = self.formats.megabytes(self.policy.avatar_bytes_maximum)
        return PictureRefused(f"This picture is larger than {most}. Choose a smaller one.")


async def _show(repositories: Repositories, account_id: str, address: str | None) -> None:
    """The account, its client and its developer profile show the same picture."""
    account = await repositories.accounts.find(AccountId(account_id))
    if account and account.avatar != address:
        await repositories.accounts.save(replace(account, avatar=address))
    developer = await repositories.developers.find_by_account(account_id)
    if developer and developer.avatar != address:
        await repositories.developers.save(replace(developer, avatar=address))
    client = await repositories.clients.find_by_account(account_id)
    if client and client.avatar != address:
        await repositories.clients.save(replace(client, avatar=address))
