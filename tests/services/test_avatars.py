"""A profile picture is added, changed and removed; profiles and lists show it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from adapters.memory.store import MemoryStore
from core.accounts import AccountId, Role
from core.avatars import Avatar, AvatarId
from core.avatars_policy import AvatarPolicy
from core.policy import Policies
from onehour.testing.pictures_samples import BLUE, GREEN, RED, plain
from ports.pictures import PictureRefused
from services.developers.search import SearchCriteria
from tests.app import CALLER, MemoryApp, memory_app

SIZE = (300, 300)


async def kept(app: MemoryApp, address: str | None) -> Avatar | None:
    assert address and address.startswith("/avatars/") and address.endswith(".webp")
    name = address.removeprefix("/avatars/").removesuffix(".webp")
    return await app.store.repositories.avatars.find(AvatarId(name))


async def test_a_developers_picture_is_shown_in_search_results(app: MemoryApp) -> None:
    lucia = await app.developer()

    address = await app.services.avatars.change(by=lucia.account_id, upload=plain("PNG", SIZE, RED))

    found = await app.services.developers.search(SearchCriteria())
    assert [developer.avatar for developer in found.items] == [address]
    avatar = await kept(app, address)
    assert avatar and (avatar.account_id, avatar.at) == (lucia.account_id, app.clock.now())
    assert (avatar.picture[:4], avatar.picture[8:12]) == (b"RIFF", b"WEBP")


async def test_a_clients_picture_is_stored_with_the_client(app: MemoryApp) -> None:
    meera, client = await app.client()

    address = await app.services.avatars.change(by=meera.id, upload=plain("JPEG", SIZE, BLUE))

    assert (await app.store.repositories.clients.get(client.id)).avatar == address
    assert await app.services.avatars.current_url(by=meera.id) == address


async def test_a_role_that_is_added_later_has_the_picture(app: MemoryApp) -> None:
    meera, _ = await app.client()
    address = await app.services.avatars.change(by=meera.id, upload=plain("PNG", SIZE, BLUE))

    await app.services.administration.change(
        meera.id,
        by=await app.admin(),
        caller=CALLER,
        roles=frozenset({Role.CLIENT, Role.DEVELOPER}),
    )

    assert (await app.services.developers.own_profile(by=meera.id)).avatar == address


async def test_pictures_of_earlier_versions_are_shown_with_the_account(app: MemoryApp) -> None:
    meera, _ = await app.client()
    address = await app.services.avatars.change(by=meera.id, upload=plain("PNG", SIZE, BLUE))
    accounts = app.store.repositories.accounts
    await accounts.save(replace(await accounts.get(meera.id), avatar=None))

    await app.services.avatars.fill_accounts()
    await app.services.avatars.fill_accounts()

    assert (await accounts.get(meera.id)).avatar == address


async def test_a_second_picture_replaces_the_first(app: MemoryApp) -> None:
    lucia = await app.developer()
    by = lucia.account_id
    first = await app.services.avatars.change(by=by, upload=plain("PNG", SIZE, RED))

    second = await app.services.avatars.change(by=by, upload=plain("PNG", SIZE, GREEN))

    assert second != first
    assert await kept(app, first) is None
    assert await kept(app, second)
    assert await app.services.avatars.current_url(by=by) == second


async def test_the_same_picture_again_changes_nothing(app: MemoryApp) -> None:
    lucia = await app.developer()
    by, upload = lucia.account_id, plain("PNG", SIZE, RED)
    first = await app.services.avatars.change(by=by, upload=upload)
    before = await app.services.developers.own_profile(by=by)

    second = await app.services.avatars.change(by=by, upload=upload)

    assert second == first
    assert await kept(app, first)
    assert await app.services.developers.own_profile(by=by) == before


async def test_a_removed_picture_is_gone_and_the_same_picture_of_another_account_stays(
    app: MemoryApp,
) -> None:
    lucia, arjun = await app.developer(), await app.developer("Arjun Nair")
    upload = plain("PNG", SIZE, RED)
    hers = await app.services.avatars.change(by=lucia.account_id, upload=upload)
    his = await app.services.avatars.change(by=arjun.account_id, upload=upload)

    await app.services.avatars.remove(by=lucia.account_id)

    assert await kept(app, hers) is None
    assert (await app.services.developers.own_profile(by=lucia.account_id)).avatar is None
    assert await kept(app, his)
    assert await app.services.avatars.current_url(by=arjun.account_id) == his


async def test_taking_off_what_is_not_there_changes_nothing(app: MemoryApp) -> None:
    meera, client = await app.client()

    await app.services.avatars.remove(by=meera.id)

    assert await app.store.repositories.clients.get(client.id) == client


async def test_a_refused_picture_changes_nothing(app: MemoryApp) -> None:
    meera, _ = await app.client()
    address = await app.services.avatars.change(by=meera.id, upload=plain("PNG", SIZE, RED))

    with pytest.raises(PictureRefused, match="Choose a JPEG, PNG, WebP or GIF picture"):
        await app.services.avatars.change(by=meera.id, upload=b"<svg/>")

    assert await app.services.avatars.current_url(by=meera.id) == address
    assert await kept(app, address)


async def test_operators_say_how_many_bytes_a_picture_may_have() -> None:
    upload = plain("BMP", SIZE, RED)
    app = memory_app(policies=Policies(AvatarPolicy(avatar_bytes_maximum=len(upload) - 1)))
    meera, _ = await app.client()

    with pytest.raises(PictureRefused) as refused:
        await app.services.avatars.change(by=meera.id, upload=upload)

    size = f"{(len(upload) - 1) / 1_000_000:g}\N{NO-BREAK SPACE}MB"
    assert refused.value.message == f"This picture is larger than {size}. Choose a smaller one."


async def test_of_pictures_changed_at_once_the_one_shown_is_stored(app: MemoryApp) -> None:
    lucia = await app.developer()
    by = lucia.account_id
    uploads = [plain("PNG", SIZE, colour) for colour in (RED, GREEN, BLUE)]

    addresses = await asyncio.gather(
        *(app.services.avatars.change(by=by, upload=upload) for upload in uploads)
    )

    shown = await app.services.avatars.current_url(by=by)
    assert [bool(await kept(app, address)) for address in addresses] == [
        address == shown for address in addresses
    ]


async def test_a_conflict_runs_the_change_again(app: MemoryApp) -> None:
    lucia = await app.developer()
    assert isinstance(app.store, MemoryStore)
    app.store.conflicts = 2

    address = await app.services.avatars.change(by=lucia.account_id, upload=plain("PNG", SIZE, RED))

    assert await app.services.avatars.current_url(by=lucia.account_id) == address


async def test_an_account_without_a_profile_has_no_picture(app: MemoryApp) -> None:
    assert await app.services.avatars.current_url(by=AccountId("acc_nobody")) is None


async def test_the_picture_of_an_erased_account_is_gone(app: MemoryApp) -> None:
    account, _ = await app.client()
    address = await app.services.avatars.change(by=account.id, upload=plain("PNG", SIZE, RED))

    await app.services.personal_data.erase(account, CALLER)

    client = await app.store.repositories.clients.find_by_account(account.id)
    assert client
    assert client.avatar is None
    assert await kept(app, address) is None
