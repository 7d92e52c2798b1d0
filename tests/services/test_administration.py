"""What administrators do with accounts, what follows from it, and what is recorded."""

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

ADMIN_CALLER = Caller("admin-browser", "192.0.2.14", "Firefox on Linux")
SECOND = timedelta(seconds=1)
BOTH = frozenset({Role.CLIENT, Role.DEVELOPER})


@dataclass
class AdminActions:
    """What an administrator does, with the audit entries of it."""

    app: MemoryApp
    admin: Account

    async def change(self, account: Account, **changes: object) -> Account:
        await self.app.pass_time(SECOND)
        changed = await self.app.services.administration.change(
            account.id,
            by=self.admin,
            caller=ADMIN_CALLER,
            **changes,  # type: ignore[arg-type]
        )
        await self.app.run()
        return changed

    async def activity_entry(self, account: Account, what: str) -> Entry:
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
async def admin_actions(app: MemoryApp) -> AdminActions:
    return AdminActions(app, await app.admin())


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
    assert signed_in.pending_factor is Factor.EMAIL
    assert (await AdminActions(app, asha).activity_entry(asha, "admin_created")).actor == "house"
    assert app.mailer.to(asha.email)[0].subject.startswith("Your code is")


@pytest.mark.parametrize(
    ("field", "value"),
    [("password", "short"), ("password", "asha asha"), ("password", "password1"),
     ("email", "asha"), ("name", ""), ("timezone", "Mars/Olympus")],
)  # fmt: skip
async def test_the_reason_why_an_administrator_cannot_be_created_is_shown(
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


async def test_an_unconfirmed_address_can_be_given_to_another_account(
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


async def test_suspending_ends_every_session_and_takes_the_profile_down(
    admin_actions: AdminActions,
) -> None:
    app = admin_actions.app
    lucia = await app.developer()
    account = await app.store.repositories.accounts.get(AccountId(lucia.account_id))
    assert await admin_actions.sessions(account) == 1

    suspended = await admin_actions.change(account, suspended=True)

    assert suspended.suspended
    assert await admin_actions.sessions(account) == 0
    assert not (await app.store.repositories.developers.get(lucia.id)).published
    with pytest.raises(Suspended):
        await log_in(app, account)
    entry = await admin_actions.activity_entry(account, "suspended")
    assert (entry.what, entry.actor, entry.address, dict(entry.detail)) == (
        "suspended", admin_actions.admin.id, "192.0.2.0/24",
        {"before": "developer; open; confirmed", "after": "developer; suspended; confirmed"},
    )  # fmt: skip


async def test_a_suspended_account_is_restored_and_publishes_by_itself_again(
    admin_actions: AdminActions,
) -> None:
    lucia = await admin_actions.app.developer()
    account = await admin_actions.app.store.repositories.accounts.get(AccountId(lucia.account_id))
    await admin_actions.change(account, suspended=True)

    restored = await admin_actions.change(account, suspended=False)

    assert not restored.suspended
    await log_in(admin_actions.app, account)
    assert not (await admin_actions.app.store.repositories.developers.get(lucia.id)).published
    entries, _ = await admin_actions.app.services.audit.recent(by=account.id, limit=10)
    assert {"unsuspended", "suspended"} <= {entry.what for entry in entries}


async def test_an_administrator_confirms_the_address_of_a_user_whom_no_mail_reaches(
    admin_actions: AdminActions,
) -> None:
    app = admin_actions.app
    gita = await app.services.accounts.register(
        role=Role.CLIENT, name="Gita", email="gita@example.com", password=PASSWORD,
        timezone="UTC", caller=CALLER,
    )  # fmt: skip
    with pytest.raises(EmailUnverified):
        await log_in(app, gita)

    await admin_actions.change(gita, verified=True)

    await log_in(app, gita)
    entries, _ = await app.services.audit.recent(by=gita.id, limit=10)
    (confirmed,) = [each for each in entries if each.what == "email_confirmed"]
    assert dict(confirmed.detail) == {
        "before": "client; open; unconfirmed", "after": "client; open; confirmed",
    }  # fmt: skip


async def test_a_revoked_confirmation_is_recorded_as_such_and_ends_sessions(
    admin_actions: AdminActions,
) -> None:
    meera, _ = await admin_actions.app.client()

    await admin_actions.change(meera, verified=False)

    assert await admin_actions.activity_entry(meera, "email_unconfirmed")
    assert await admin_actions.sessions(meera) == 0
    with pytest.raises(EmailUnverified):
        await log_in(admin_actions.app, meera)


async def test_other_roles_come_with_their_profile_and_their_second_factor(
    admin_actions: AdminActions,
) -> None:
    meera, _ = await admin_actions.app.client()

    both = await admin_actions.change(meera, roles=BOTH)

    assert (both.roles, both.factor) == (BOTH, Factor.EMAIL)
    assert not (await admin_actions.app.services.developers.own_profile(by=meera.id)).published
    assert await admin_actions.sessions(meera) == 0, (
        "a session knows the roles it began with no longer"
    )
    entry = await admin_actions.activity_entry(meera, "roles_changed")
    assert (entry.what, dict(entry.detail)) == (
        "roles_changed",
        {"before": "client; open; confirmed", "after": "client developer; open; confirmed"},
    )


async def test_a_former_developer_is_not_found_in_searches(admin_actions: AdminActions) -> None:
    lucia = await admin_actions.app.developer()
    account = await admin_actions.app.store.repositories.accounts.get(AccountId(lucia.account_id))

    await admin_actions.change(account, roles=frozenset({Role.CLIENT}))

    assert not (await admin_actions.app.store.repositories.developers.get(lucia.id)).published
    assert await admin_actions.app.store.repositories.clients.find_by_account(account.id)


async def test_a_new_administrator_is_asked_for_a_code_from_then_on(
    admin_actions: AdminActions,
) -> None:
    meera, _ = await admin_actions.app.client()

    made = await admin_actions.change(meera, roles=frozenset({Role.CLIENT, Role.ADMIN}))

    assert made.factor is Factor.EMAIL


@pytest.mark.parametrize(
    "changes",
    [{"suspended": True}, {"roles": frozenset({Role.CLIENT})}, {"suspended": True, "roles": BOTH}],
)
async def test_nobody_suspends_themselves_or_gives_their_own_role_away(
    admin_actions: AdminActions, changes: Mapping[str, object]
) -> None:
    with pytest.raises(NotYourself):
        await admin_actions.change(admin_actions.admin, **changes)

    assert (
        await admin_actions.app.store.repositories.accounts.get(admin_actions.admin.id)
        == admin_actions.admin
    )


async def test_an_administrator_may_take_a_second_role(admin_actions: AdminActions) -> None:
    roles = frozenset({Role.ADMIN, Role.CLIENT})

    assert (await admin_actions.change(admin_actions.admin, roles=roles)).roles == roles


async def test_no_role_at_all_is_refused_and_an_unknown_account_not_found(
    admin_actions: AdminActions,
) -> None:
    meera, _ = await admin_actions.app.client()

    with pytest.raises(Invalid, match="at least one role"):
        await admin_actions.change(meera, roles=frozenset())
    with pytest.raises(NotFound):
        await admin_actions.app.services.administration.change(
            AccountId("acc_nobodys"), by=admin_actions.admin, caller=ADMIN_CALLER, suspended=True
        )


async def test_a_change_to_the_present_state_changes_nothing_and_sends_nothing(
    admin_actions: AdminActions,
) -> None:
    meera, _ = await admin_actions.app.client()
    before = await admin_actions.activity(meera)

    same = await admin_actions.change(
        meera, suspended=False, verified=True, roles=frozenset({Role.CLIENT})
    )

    assert same == meera
    assert await admin_actions.activity(meera) == before
    assert await admin_actions.sessions(meera) == 1


async def test_two_changes_at_once_both_count(admin_actions: AdminActions) -> None:
    meera, _ = await admin_actions.app.client()

    await asyncio.gather(
        admin_actions.change(meera, suspended=True), admin_actions.change(meera, roles=BOTH)
    )

    after = await admin_actions.app.store.repositories.accounts.get(meera.id)
    assert (after.suspended, after.roles) == (True, BOTH)


async def test_a_view_of_an_account_by_an_administrator_is_in_its_activity(
    admin_actions: AdminActions,
) -> None:
    meera, _ = await admin_actions.app.client()

    await admin_actions.app.pass_time(SECOND)
    found = await admin_actions.app.services.administration.get(
        meera.id, by=admin_actions.admin, caller=ADMIN_CALLER
    )

    assert found == meera
    entry = await admin_actions.activity_entry(meera, "admin_read")
    assert (entry.what, entry.actor) == ("admin_read", admin_actions.admin.id)


async def test_accounts_are_listed_by_the_beginning_of_their_address_page_by_page(
    admin_actions: AdminActions,
) -> None:
    users = admin_actions.app.services.administration.users
    for name in ("ann", "anna", "annb", "bob"):
        await create(admin_actions.app, email=f"{name}@example.com", name=name)

    first, cursor = await users(start=" ANN", limit=2)
    rest, end = await users(start="ann", limit=2, cursor=cursor)

    assert [one.email for one in (*first, *rest)] == [
        "ann@example.com", "anna@example.com", "annb@example.com",
    ]  # fmt: skip
    assert cursor and end is None
    assert len((await users())[0]) == 5
    for odd in ("%", "(", "$", ".", "ann@example.com.evil"):
        assert (await users(start=odd))[0] == ()


async def test_an_erased_account_cannot_be_restored(
    admin_actions: AdminActions,
) -> None:
    meera, _ = await admin_actions.app.client()
    await admin_actions.app.services.personal_data.erase(meera, CALLER)

    for changes in ({"suspended": False}, {"roles": frozenset({Role.ADMIN})}, {"verified": True}):
        with pytest.raises(AccountErased):
            await admin_actions.change(meera, **changes)
