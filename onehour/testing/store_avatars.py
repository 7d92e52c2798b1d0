"""Profile pictures in a store."""

from __future__ import annotations

from onehour.testing.samples.avatars import an_avatar
from onehour.testing.samples.sample import assert_whole
from ports.store import Repositories, Store

EVERY_BYTE = bytes(range(256)) * 200
"""50 kB: larger than any picture of 256 x 256 pixels."""


class AvatarsContract:
    async def test_a_picture_comes_back_byte_for_byte(self, store: Store) -> None:
        avatar = an_avatar(picture=EVERY_BYTE)
        assert_whole(avatar)

        await store.repositories.avatars.put(avatar)
        await store.repositories.avatars.put(avatar)

        found = await store.repositories.avatars.find(avatar.id)
        assert found == avatar
        assert type(found.picture) is bytes
        assert await store.repositories.avatars.find(an_avatar("acc_none").id) is None

    async def test_the_same_picture_is_stored_once_per_account(self, store: Store) -> None:
        mine, hers = an_avatar("acc_1"), an_avatar("acc_2")
        await store.repositories.avatars.put(mine)
        await store.repositories.avatars.put(hers)

        await store.repositories.avatars.remove_of("acc_1")

        assert await store.repositories.avatars.find(mine.id) is None
        assert await store.repositories.avatars.find(hers.id) == hers

    async def test_a_new_picture_replaces_all_before(self, store: Store) -> None:
        before = [an_avatar(picture=bytes([number])) for number in range(3)]
        for avatar in before:
            await store.repositories.avatars.put(avatar)
        new, hers = an_avatar(picture=b"new"), an_avatar("acc_2")
        await store.repositories.avatars.put(hers)

        async def step(repositories: Repositories) -> None:
            await repositories.avatars.put(new)
            await repositories.avatars.remove_of("acc_1", but=new.id)

        await store.transact(step)

        assert [await store.repositories.avatars.find(avatar.id) for avatar in before] == [None] * 3
        assert await store.repositories.avatars.find(new.id) == new
        assert await store.repositories.avatars.find(hers.id) == hers

    async def test_owners_are_listed_without_the_pictures(self, store: Store) -> None:
        mine, hers = an_avatar("acc_1"), an_avatar("acc_2")
        for avatar in (mine, hers):
            await store.repositories.avatars.put(avatar)

        found = {pair async for pair in store.repositories.avatars.owners()}

        assert found == {("acc_1", mine.id), ("acc_2", hers.id)}
