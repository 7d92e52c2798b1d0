"""What administrators do with accounts, what follows from it, and what is kept of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest

from core.accounts import (
    Account,
    AccountErased,
    AccountId,
    EmailTaken,
    EmailUnverified,
    Role,
    Suspended,
    WrongPassword,
)
from core.audit import Entry
from core.errors import Invalid, NotFound
from core.factors import Factor
from core.sessions import Caller
from services.accounts.administration import NotYourself
from tests.app import CALLER, PASSWORD, MemoryApp

DESK = Caller("desk", "192.0.2.14", "Firefox on Linux")
SECOND = timedelta(seconds=1)
BOTH = frozenset({Role.CLIENT, Role.DEVELOPER})


@dataclass
class Office:
    """An administrator of the house, at work."""

    app: MemoryApp
    admin: Account

    async def change(self, account: Account, **criteria: object) -> Account:
        await self.app.pass_time(SECOND)
        changed = await self.app.services.administration.change(
            account.id,
            by=self.admin,
            caller=DESK,
            **criteria,  # type: ignore[arg-type]
        )
        await self.app.run()
        return changed

    async def told(self, account: Account, what: str) -> Entry:
        """The one line of the account's activity that says this."""
        await self.app.run()
        entries, _ = await self.app.services.audit.recent(by=account.id, limit=50)
        (entry,) = [entry for entry in entries if entry.what == what]
        return entry

    async def activity(self, account: Account) -> list[str]:
        await self.app.run()
        entries, _ = await self.app.services.audit.recent(by=account.id, limit=50)
        return [entry.key for entry in entries]

    async def sessions(self, account: Account) -> int:
        return len(await self.app.store.repositories.sessions.of_account(account.id))


@pytest.fixture
async def office(app: MemoryApp) -> Office:
    return Office(app, await app.admin())


async def log_in(app: MemoryApp, account: Account) -> None:
    await app.services.sessions.log_in(email=account.email, password=PASSWORD, caller=CALLER)


async def create(app: MemoryApp, **special: str) -> Account:
    usual = {
        "name": "Asha", "email": "asha@example.com", "password": "green-hat", "timezone": "UTC",
    }  # fmt: skip
    return await app.services.administration.create(**{**usual, **special})


async def test_an_administrator_is_made_confirmed_and_always_with_a_second_factor(
    app: MemoryApp,
) -> None:
    asha = await create(app, email=" Asha@Example.com")

    assert (asha.email, set(asha.roles), asha.email_verified) == (
        "asha@example.com", {Role.ADMIN}, True,
    )  # fmt: skip
    signed_in = await app.services.sessions.log_in(
        email=asha.email, password="green-hat", caller=CALLER
    )
    assert signed_in.wants is Factor.EMAIL
    assert (await Office(app, asha).told(asha, "admin_created")).actor == "house"
    assert app.mailer.to(asha.email)[0].subject.startswith("Your code is")


@pytest.mark.parametrize(
    ("field", "value"),
    [("password", "short"), ("password", "asha asha"), ("password", "password1"),
     ("email", "asha"), ("name", ""), ("timezone", "Mars/Olympus")],
)  # fmt: skip
async def test_an_administrator_that_cannot_be_made_is_told_why(
    app: MemoryApp, field: str, value: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await create(app, **{field: value})

    assert set(refused.value.fields) == {field}
    assert await app.store.repositories.accounts.find_by_email("asha@example.com") is None


async def test_an_address_has_one_account_also_of_two_made_at_once(app: MemoryApp) -> None:
    made = await asyncio.gather(create(app), create(app), return_exceptions=True)

    assert sorted(type(one).__name__ for one in made) == ["Account", "EmailTaken"]
    with pytest.raises(EmailTaken):
        await create(app)


async def test_who_typed_an_address_and_never_confirmed_it_is_in_nobodys_way(
    app: MemoryApp,
) -> None:
    await app.services.accounts.register(
        role=Role.CLIENT, name="Mallory", email="asha@example.com", password=PASSWORD,
        timezone="UTC", caller=CALLER,
    )  # fmt: skip

    asha = await create(app)

    assert (asha.name, set(asha.roles)) == ("Asha", {Role.ADMIN})
    with pytest.raises(WrongPassword):
        await app.services.sessions.log_in(
            email="asha@example.com", password=PASSWORD, caller=CALLER
        )


async def test_suspending_ends_every_session_and_takes_the_profile_down(office: Office) -> None:
    app = office.app
    lucia = await app.developer()
    account = await app.store.repositories.accounts.get(AccountId(lucia.account_id))
    assert await office.sessions(account) == 1

    suspended = await office.change(account, suspended=True)

    assert suspended.suspended
    assert await office.sessions(account) == 0
    assert not (await app.store.repositories.developers.get(lucia.id)).published
    with pytest.raises(Suspended):
        await log_in(app, account)
    entry = await office.told(account, "suspended")
    assert (entry.what, entry.actor, entry.address, dict(entry.detail)) == (
        "suspended", office.admin.id, "192.0.2.0/24",
        {"before": "developer; open; confirmed", "after": "developer; suspended; confirmed"},
    )  # fmt: skip


async def test_a_suspended_account_is_restored_and_publishes_by_itself_again(
    office: Office,
) -> None:
    lucia = await office.app.developer()
    account = await office.app.store.repositories.accounts.get(AccountId(lucia.account_id))
    await office.change(account, suspended=True)

    restored = await office.change(account, suspended=False)

    assert not restored.suspended
    await log_in(office.app, account)
    assert not (await office.app.store.repositories.developers.get(lucia.id)).published
    entries, _ = await office.app.services.audit.recent(by=account.id, limit=10)
    assert {"unsuspended", "suspended"} <= {entry.what for entry in entries}


async def test_an_address_is_confirmed_for_somebody_whom_no_mail_reaches(office: Office) -> None:
    app = office.app
    gita = await app.services.accounts.register(
        role=Role.CLIENT, name="Gita", email="gita@example.com", password=PASSWORD,
        timezone="UTC", caller=CALLER,
    )  # fmt: skip
    with pytest.raises(EmailUnverified):
        await log_in(app, gita)

    await office.change(gita, verified=True)

    await log_in(app, gita)
    entries, _ = await app.services.audit.recent(by=gita.id, limit=10)
    (confirmed,) = [each for each in entries if each.what == "email_confirmed"]
    assert dict(confirmed.detail) == {
        "before": "client; open; unconfirmed", "after": "client; open; confirmed",
    }  # fmt: skip


async def test_taking_a_confirmation_back_is_called_what_it_is_and_ends_sessions(
    office: Office,
) -> None:
    meera, _ = await office.app.client()

    await office.change(meera, verified=False)

    assert await office.told(meera, "email_unconfirmed")
    assert await office.sessions(meera) == 0
    with pytest.raises(EmailUnverified):
        await log_in(office.app, meera)


async def test_other_roles_come_with_their_profile_and_their_second_factor(
    office: Office,
) -> None:
    meera, _ = await office.app.client()

    both = await office.change(meera, roles=BOTH)

    assert (both.roles, both.factor) == (BOTH, Factor.EMAIL)
    assert not (await office.app.services.developers.mine(by=meera.id)).published
    assert await office.sessions(meera) == 0, "a session knows the roles it began with no longer"
    entry = await office.told(meera, "roles_changed")
    assert (entry.what, dict(entry.detail)) == (
        "roles_changed",
        {"before": "client; open; confirmed", "after": "client developer; open; confirmed"},
    )


async def test_who_is_a_developer_no_longer_is_found_no_longer(office: Office) -> None:
    lucia = await office.app.developer()
    account = await office.app.store.repositories.accounts.get(AccountId(lucia.account_id))

    await office.change(account, roles=frozenset({Role.CLIENT}))

    assert not (await office.app.store.repositories.developers.get(lucia.id)).published
    assert await office.app.store.repositories.clients.find_by_account(account.id)


async def test_who_becomes_an_administrator_is_asked_for_a_code_from_then_on(
    office: Office,
) -> None:
    meera, _ = await office.app.client()

    made = await office.change(meera, roles=frozenset({Role.CLIENT, Role.ADMIN}))

    assert made.factor is Factor.EMAIL


@pytest.mark.parametrize(
    "criteria",
    [{"suspended": True}, {"roles": frozenset({Role.CLIENT})}, {"suspended": True, "roles": BOTH}],
)
async def test_nobody_suspends_themselves_or_gives_their_own_role_away(
    office: Office, criteria: Mapping[str, object]
) -> None:
    with pytest.raises(NotYourself):
        await office.change(office.admin, **criteria)

    assert await office.app.store.repositories.accounts.get(office.admin.id) == office.admin


async def test_an_administrator_may_take_a_second_role(office: Office) -> None:
    roles = frozenset({Role.ADMIN, Role.CLIENT})

    assert (await office.change(office.admin, roles=roles)).roles == roles


async def test_no_role_at_all_is_refused_and_a_stranger_not_found(office: Office) -> None:
    meera, _ = await office.app.client()

    with pytest.raises(Invalid, match="at least one role"):
        await office.change(meera, roles=frozenset())
    with pytest.raises(NotFound):
        await office.app.services.administration.change(
            AccountId("acc_nobodys"), by=office.admin, caller=DESK, suspended=True
        )


async def test_what_is_so_already_changes_nothing_and_tells_nothing(office: Office) -> None:
    meera, _ = await office.app.client()
    before = await office.activity(meera)

    same = await office.change(
        meera, suspended=False, verified=True, roles=frozenset({Role.CLIENT})
    )

    assert same == meera
    assert await office.activity(meera) == before
    assert await office.sessions(meera) == 1


async def test_two_changes_at_once_both_count(office: Office) -> None:
    meera, _ = await office.app.client()

    await asyncio.gather(office.change(meera, suspended=True), office.change(meera, roles=BOTH))

    after = await office.app.store.repositories.accounts.get(meera.id)
    assert (after.suspended, after.roles) == (True, BOTH)


async def test_that_somebody_was_looked_at_stands_in_their_activity(office: Office) -> None:
    meera, _ = await office.app.client()

    await office.app.pass_time(SECOND)
    found = await office.app.services.administration.get(meera.id, by=office.admin, caller=DESK)

    assert found == meera
    entry = await office.told(meera, "admin_read")
    assert (entry.what, entry.actor) == ("admin_read", office.admin.id)


async def test_accounts_are_listed_by_the_beginning_of_their_address_page_by_page(
    office: Office,
) -> None:
    users = office.app.services.administration.users
    for name in ("ann", "anna", "annb", "bob"):
        await create(office.app, email=f"{name}@example.com", name=name)

    first, cursor = await users(start=" ANN", limit=2)
    rest, end = await users(start="ann", limit=2, cursor=cursor)

    assert [one.email for one in (*first, *rest)] == [
        "ann@example.com", "anna@example.com", "annb@example.com",
    ]  # fmt: skip
    assert cursor and end is None
    assert len((await users())[0]) == 5
    for odd in ("%", "(", "$", ".", "ann@example.com.evil"):
        assert (await users(start=odd))[0] == ()


async def test_an_erased_account_cannot_be_brought_back_to_life(office: Office) -> None:
    meera, _ = await office.app.client()
    await office.app.services.personal_data.erase(meera, CALLER)

    for criteria in ({"suspended": False}, {"roles": frozenset({Role.ADMIN})}, {"verified": True}):
        with pytest.raises(AccountErased):
            await office.change(meera, **criteria)
