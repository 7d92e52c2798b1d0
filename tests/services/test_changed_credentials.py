"""The time of the last change of the password, the address or the second factor is stored."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest

from core.accounts import Account, Role
from core.policy import DAY
from tests.app import CALLER, PASSWORD, MemoryApp
from tests.services.members import a_member, account_of, an_app, log_in, session_of
from tests.services.test_identities import connect, sign_in, viewer

NEW = "another-hour-at-a-time"


async def set_password(app: MemoryApp, member: Account) -> None:
    session = await session_of(app, await log_in(app))
    await app.services.passwords.change(
        member, session, current=PASSWORD, new=NEW, caller=CALLER
    )  # fmt: skip


async def reset_password(app: MemoryApp, member: Account) -> None:
    await app.services.passwords.request_reset(email=member.email, caller=CALLER)
    await app.run()
    link = app.mailer.to(member.email)[-1].text.partition("/reset/")[2].split()[0]
    await app.services.passwords.reset(link, password=NEW, caller=CALLER)


async def change_address(app: MemoryApp, member: Account) -> None:
    session, accounts = await session_of(app, await log_in(app)), app.services.accounts
    await accounts.request_new_email(member.id, email="new@example.com", caller=CALLER)
    await app.run()
    code = app.code_for("new@example.com")
    await accounts.confirm_new_email(member.id, code=code, session=session, caller=CALLER)


async def turn_factor_on(app: MemoryApp, member: Account) -> None:
    await app.services.factors.set_two_factor(member.id, on=True, caller=CALLER)


async def set_up_app(app: MemoryApp, member: Account) -> None:
    await an_app(app, member)


async def renew_codes(app: MemoryApp, member: Account) -> None:
    await app.services.factors.renew_recovery_codes(member.id, caller=CALLER)


async def remove_app(app: MemoryApp, member: Account) -> None:
    await app.services.factors.remove_app(member.id, caller=CALLER)


async def link_identity(app: MemoryApp, member: Account) -> None:
    await connect(app, member, app.identity_provider.person("gita"))


async def unlink_identity(app: MemoryApp, member: Account) -> None:
    await app.services.identities.unlink(member, "memory", CALLER)


async def sign_in_with_the_same_address(app: MemoryApp, member: Account) -> None:
    """The identity is linked, because its provider has confirmed the address."""
    who = app.identity_provider.person("gita", email=member.email)
    await sign_in(app, who)


async def changed_at(app: MemoryApp, member: Account) -> datetime | None:
    return (await account_of(app, member.id)).credentials_changed_at


@pytest.mark.parametrize(
    "change", [set_password, reset_password, change_address, turn_factor_on, set_up_app]
)
async def test_each_change_is_known_by_its_time(
    app: MemoryApp, change: Callable[[MemoryApp, Account], Awaitable[None]]
) -> None:
    member = await a_member(app)
    before = await changed_at(app, member)
    await app.pass_time(DAY)
    now = app.clock.now()

    await change(app, member)

    assert (before, await changed_at(app, member)) == (None, now)


@pytest.mark.parametrize("change", [renew_codes, remove_app])
async def test_so_is_each_change_of_an_app(
    app: MemoryApp, change: Callable[[MemoryApp, Account], Awaitable[None]]
) -> None:
    member = await a_member(app)
    await an_app(app, member)
    await app.pass_time(DAY)
    now = app.clock.now()

    await change(app, member)

    assert await changed_at(app, member) == now


async def test_a_log_in_and_a_wanted_address_change_nothing(app: MemoryApp) -> None:
    member = await a_member(app)

    await log_in(app)
    await app.services.accounts.request_new_email(
        member.id, email="new@example.com", caller=CALLER
    )  # fmt: skip
    await app.services.factors.start_app_setup(member.id)

    assert await changed_at(app, member) is None


@pytest.mark.parametrize("change", [link_identity, sign_in_with_the_same_address])
async def test_so_is_a_new_way_to_sign_in(
    app: MemoryApp, change: Callable[[MemoryApp, Account], Awaitable[None]]
) -> None:
    member = await a_member(app)
    await app.pass_time(DAY)
    now = app.clock.now()

    await change(app, member)
    linked = await changed_at(app, member)
    await app.pass_time(DAY)
    await sign_in(app, app.identity_provider.person("gita", email=member.email))
    used = await changed_at(app, member)
    await unlink_identity(app, member)

    assert (linked, used) == (now, now), "using it later changes nothing"
    assert await changed_at(app, member) == now + DAY


async def test_a_new_account_of_an_identity_has_changed_nothing(app: MemoryApp) -> None:
    gita = app.identity_provider.person("gita")

    account = await viewer(app, await sign_in(app, gita, Role.DEVELOPER))

    assert account.credentials_changed_at is None
