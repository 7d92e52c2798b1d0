"""Somebody can always administer the site, also when all administrators leave at once."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from adapters.memory.clock import FixedClock
from adapters.mongo.store import MongoStore
from core.accounts import Account, LastAdministrator, Role
from onehour.testing.scheduling import RecordedWakeUps
from services.bootstrap import CAPABILITIES
from services.shared.capabilities import documents_of
from tests.app import CALLER, MONDAY, MemoryApp

MEMBER = frozenset({Role.CLIENT})


@pytest.fixture(params=["memory", "mongo"])
async def app(
    request: pytest.FixtureRequest, mongo: AsyncIOMotorClient[dict[str, Any]]
) -> AsyncIterator[MemoryApp]:
    if request.param == "memory":
        yield MemoryApp()
        return
    name, clock = f"onehour_test_{uuid.uuid4().hex[:12]}", FixedClock(MONDAY)
    store = MongoStore(mongo, name, clock, RecordedWakeUps(), documents_of(CAPABILITIES))
    await store.prepare()
    yield MemoryApp(store=store, clock=clock)
    await mongo.drop_database(name)


async def erase(app: MemoryApp, account: Account) -> None:
    await app.services.personal_data.erase(account, CALLER)


async def change(app: MemoryApp, account: Account, *, by: Account, **changes: Any) -> None:
    await app.services.administration.change(account.id, by=by, caller=CALLER, **changes)


async def left(app: MemoryApp, *accounts: Account) -> list[str]:
    """Those who can still administer the site."""
    current = [await app.store.repositories.accounts.get(account.id) for account in accounts]
    return [account.name for account in current if account.can_administer]


async def test_the_last_administrator_cannot_erase_the_account(app: MemoryApp) -> None:
    asha, bela = await app.admin("Asha Rao"), await app.admin("Bela Sen")
    await erase(app, asha)

    with pytest.raises(LastAdministrator):
        await erase(app, bela)

    assert await left(app, asha, bela) == ["Bela Sen"]


@pytest.mark.parametrize("changes", [{"suspended": True}, {"verified": False}, {"roles": MEMBER}])
async def test_one_who_cannot_sign_in_does_not_count(
    app: MemoryApp, changes: dict[str, Any]
) -> None:
    asha, bela = await app.admin("Asha Rao"), await app.admin("Bela Sen")
    await change(app, bela, by=asha, **changes)

    with pytest.raises(LastAdministrator):
        await erase(app, asha)
    with pytest.raises(LastAdministrator):
        await change(app, asha, by=bela, verified=False)

    assert await left(app, asha, bela) == ["Asha Rao"]


@pytest.mark.parametrize("changes", [{"suspended": True}, {"verified": False}, {"roles": MEMBER}])
async def test_of_two_who_remove_each_other_at_once_one_stays(
    app: MemoryApp, changes: dict[str, Any]
) -> None:
    asha, bela = await app.admin("Asha Rao"), await app.admin("Bela Sen")

    answers = await asyncio.gather(
        change(app, asha, by=bela, **changes),
        change(app, bela, by=asha, **changes),
        return_exceptions=True,
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["LastAdministrator", "NoneType"]
    assert len(await left(app, asha, bela)) == 1


async def test_of_all_who_erase_their_accounts_at_once_one_stays(app: MemoryApp) -> None:
    admins = [await app.admin(f"Admin{number} Rao") for number in range(5)]

    answers = await asyncio.gather(*(erase(app, admin) for admin in admins), return_exceptions=True)

    assert [answer for answer in answers if answer is not None] == [
        answer for answer in answers if isinstance(answer, LastAdministrator)
    ]
    assert answers.count(None) == len(admins) - 1
    assert len(await left(app, *admins)) == 1


async def test_one_who_leaves_while_another_is_suspended_stays(app: MemoryApp) -> None:
    asha, bela = await app.admin("Asha Rao"), await app.admin("Bela Sen")

    answers = await asyncio.gather(
        erase(app, asha), change(app, bela, by=asha, suspended=True), return_exceptions=True
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["LastAdministrator", "NoneType"]
    assert len(await left(app, asha, bela)) == 1
