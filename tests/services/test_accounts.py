"""Signing up: an address belongs to its owner, and nobody learns who has an account."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from core.accounts import Role, WrongPassword
from core.codes import WrongCode
from core.errors import Invalid, OneHourError
from core.policy import MINUTE
from core.sessions import Caller
from tests.app import CALLER, PASSWORD, MemoryApp
from tests.services.members import EMAIL, a_member, log_in, register, verify


async def test_a_developer_gets_a_draft_profile(app: MemoryApp) -> None:
    account = await register(app, role=Role.DEVELOPER, timezone="Europe/Madrid")
    draft = await app.services.developers.own_profile(by=account.id)
    assert (draft.published, draft.timezone) == (False, "Europe/Madrid")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "meera"),
        ("email", "meera\0@example.com"),
        ("password", "too short"),
        ("password", "x" * 10_000),
        ("name", " "),
        ("name", "x" * 81),
        ("name", "Meera\0"),
        ("name", "\u202eareeM"),
        ("timezone", "Mars/Olympus"),
        ("role", Role.ADMIN),
    ],
)
async def test_what_cannot_be_taken_is_named_and_nothing_is_kept(
    app: MemoryApp, field: str, value: object
) -> None:
    with pytest.raises(Invalid) as refused:
        await register(app, **{field: value})  # type: ignore[arg-type]
    assert set(refused.value.fields) == {field}
    assert await app.store.repositories.accounts.find_by_email(EMAIL) is None
    assert app.mailer.sent == []


async def test_a_taken_address_gets_the_same_answer_and_its_owner_a_mail(
    app: MemoryApp,
) -> None:
    member = await a_member(app)
    answer = await register(app, name="Somebody Else", password="another-long-password")

    assert answer.email == member.email
    assert answer.id != member.id
    found = await app.store.repositories.accounts.find_by_email(EMAIL)
    assert found == member
    assert len(app.mailer.to(EMAIL)) == 2
    assert (await log_in(app)).account.id == member.id


async def test_of_two_who_register_one_address_at_once_one_gets_it(app: MemoryApp) -> None:
    one, other = await asyncio.gather(register(app), register(app))
    found = await app.store.repositories.accounts.find_by_email(EMAIL)
    assert found
    assert found.id in {one.id, other.id}
    assert one.id != other.id


async def test_a_code_expires_after_ten_minutes(app: MemoryApp) -> None:
    await register(app)
    app.clock.advance(10 * MINUTE)
    with pytest.raises(WrongCode):
        await verify(app, app.code_for(EMAIL))


async def test_asking_for_a_code_reveals_nothing_about_who_has_an_account(app: MemoryApp) -> None:
    await a_member(app)
    mails = len(app.mailer.sent)
    for email in (EMAIL, "nobody@example.com"):
        await app.services.accounts.resend_code(email=email, caller=CALLER)
    await app.run()
    assert len(app.mailer.sent) == mails


async def test_a_new_name_is_shown_everywhere(app: MemoryApp) -> None:
    meera, _ = await app.client()
    lucia = await app.developer()
    await app.services.accounts.update(meera.id, name=" Meera  K. ", timezone="UTC")
    account = await app.store.repositories.accounts.find(meera.id)
    client = await app.services.clients.own_profile(by=meera.id)
    assert account
    assert (account.name, account.timezone, client.name) == ("Meera K.", "UTC", "Meera K.")
    with pytest.raises(OneHourError):
        await app.services.accounts.update(
            lucia.account_id,  # type: ignore[arg-type]
            name="",
            timezone="UTC",
        )


async def test_a_name_of_earlier_rules_stays_when_something_else_changes(app: MemoryApp) -> None:
    meera, _ = await app.client()
    early = replace(meera, name="example.com")
    await app.store.repositories.accounts.save(early)

    changed = await app.services.accounts.update(meera.id, name=early.name, timezone="UTC")

    assert (changed.name, changed.timezone) == ("example.com", "UTC")
    with pytest.raises(Invalid):
        await app.services.accounts.update(meera.id, name="example.net", timezone="UTC")


async def test_a_code_confirms_only_what_its_own_browser_registered(app: MemoryApp) -> None:
    """Somebody registers the address of another person first, or in between: it is never theirs."""
    accounts, email = app.services.accounts, "victim@example.com"

    async def register(password: str, visit: str) -> None:
        await accounts.register(
            role=Role.DEVELOPER, name=visit, email=email, password=password,
            timezone="Asia/Kolkata", caller=Caller(visit),
        )  # fmt: skip
        await app.run()

    await register("the-attackers-own-password", "attacker")
    await register("the-victims-own-password", "victim")
    mine = app.code_for(email)
    await register("the-attackers-own-password", "attacker")
    theirs = app.code_for(email)

    for code in (mine, theirs):
        with pytest.raises(WrongCode):
            await accounts.verify_email(email=email, code=code, caller=Caller("victim"))
    await register("the-victims-own-password", "victim")
    signed_in = await accounts.verify_email(
        email=email, code=app.code_for(email), caller=Caller("victim")
    )

    assert signed_in.account.name == "victim"
    with pytest.raises(WrongPassword):
        await app.services.sessions.log_in(
            email=email, password="the-attackers-own-password", caller=Caller("attacker", "x")
        )


async def test_of_many_registrations_with_an_address_its_owner_gets_one_mail(
    app: MemoryApp,
) -> None:
    owner = await app.account(Role.CLIENT, "Gita")
    for _ in range(5):
        await app.services.accounts.register(
            role=Role.CLIENT, name="X", email=owner.email, password=PASSWORD, timezone="UTC",
            caller=CALLER,
        )  # fmt: skip
    await app.run()
    subjects = [mail.subject for mail in app.mailer.to(owner.email)]
    assert subjects.count("You already have an account") == 1


async def test_the_code_of_a_suspended_account_confirms_nothing(app: MemoryApp) -> None:
    account, admin = await register(app), await app.admin()
    code = app.code_for(EMAIL)
    await app.services.administration.change(account.id, by=admin, caller=CALLER, suspended=True)

    with pytest.raises(WrongCode):
        await verify(app, code)

    assert not (await app.store.repositories.accounts.get(account.id)).email_verified
