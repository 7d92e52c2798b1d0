"""Signing up: an address is its owner's, and nobody learns who is here."""

from __future__ import annotations

import asyncio

import pytest

from core.accounts import Role, WrongPassword
from core.codes import WrongCode
from core.errors import Invalid, OneHourError
from core.policy import MINUTE
from core.sessions import Caller
from tests.house import CALLER, PASSWORD, MemoryHouse
from tests.services.members import EMAIL, a_member, log_in, register, verify


async def test_a_developer_gets_a_draft_profile(house: MemoryHouse) -> None:
    account = await register(house, role=Role.DEVELOPER, timezone="Europe/Madrid")
    draft = await house.services.developers.mine(by=account.id)
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
    house: MemoryHouse, field: str, value: object
) -> None:
    with pytest.raises(Invalid) as refused:
        await register(house, **{field: value})  # type: ignore[arg-type]
    assert set(refused.value.fields) == {field}
    assert await house.store.books.accounts.find_by_email(EMAIL) is None
    assert house.mailer.sent == []


async def test_a_taken_address_gets_the_same_answer_and_its_owner_a_mail(
    house: MemoryHouse,
) -> None:
    member = await a_member(house)
    answer = await register(house, name="Somebody Else", password="another-long-password")

    assert answer.email == member.email
    assert answer.id != member.id
    found = await house.store.books.accounts.find_by_email(EMAIL)
    assert found == member
    assert len(house.mailer.to(EMAIL)) == 2
    assert (await log_in(house)).account.id == member.id


async def test_of_two_who_register_one_address_at_once_one_gets_it(house: MemoryHouse) -> None:
    one, other = await asyncio.gather(register(house), register(house))
    found = await house.store.books.accounts.find_by_email(EMAIL)
    assert found
    assert found.id in {one.id, other.id}
    assert one.id != other.id


async def test_a_code_dies_after_ten_minutes(house: MemoryHouse) -> None:
    await register(house)
    house.clock.advance(10 * MINUTE)
    with pytest.raises(WrongCode):
        await verify(house, house.code_for(EMAIL))


async def test_asking_for_a_code_tells_nothing_of_who_is_known(house: MemoryHouse) -> None:
    await a_member(house)
    mails = len(house.mailer.sent)
    for email in (EMAIL, "nobody@example.com"):
        await house.services.accounts.send_code_again(email=email, caller=CALLER)
    await house.run()
    assert len(house.mailer.sent) == mails


async def test_a_new_name_is_shown_everywhere(house: MemoryHouse) -> None:
    meera, _ = await house.client()
    lucia = await house.developer()
    await house.services.accounts.update(meera.id, name=" Meera  K. ", timezone="UTC")
    account = await house.store.books.accounts.find(meera.id)
    client = await house.services.clients.mine(by=meera.id)
    assert account
    assert (account.name, account.timezone, client.name) == ("Meera K.", "UTC", "Meera K.")
    with pytest.raises(OneHourError):
        await house.services.accounts.update(
            lucia.account_id,  # type: ignore[arg-type]
            name="",
            timezone="UTC",
        )


async def test_a_code_confirms_only_what_its_own_browser_registered(house: MemoryHouse) -> None:
    """Somebody registers a stranger's address first, or again in between: it never is theirs."""
    accounts, email = house.services.accounts, "victim@example.com"

    async def register(password: str, visit: str) -> None:
        await accounts.register(
            role=Role.DEVELOPER, name=visit, email=email, password=password,
            timezone="Asia/Kolkata", caller=Caller(visit),
        )  # fmt: skip
        await house.run()

    await register("the-attackers-own-password", "attacker")
    await register("the-victims-own-password", "victim")
    mine = house.code_for(email)
    await register("the-attackers-own-password", "attacker")
    theirs = house.code_for(email)

    for code in (mine, theirs):
        with pytest.raises(WrongCode):
            await accounts.verify_email(email=email, code=code, caller=Caller("victim"))
    await register("the-victims-own-password", "victim")
    signed_in = await accounts.verify_email(
        email=email, code=house.code_for(email), caller=Caller("victim")
    )

    assert signed_in.account.name == "victim"
    with pytest.raises(WrongPassword):
        await house.services.sessions.log_in(
            email=email, password="the-attackers-own-password", caller=Caller("attacker", "x")
        )


async def test_an_owner_hears_of_many_registrations_with_their_address_once(
    house: MemoryHouse,
) -> None:
    owner = await house.account(Role.CLIENT, "Gita")
    for _ in range(5):
        await house.services.accounts.register(
            role=Role.CLIENT, name="X", email=owner.email, password=PASSWORD, timezone="UTC",
            caller=CALLER,
        )  # fmt: skip
    await house.run()
    subjects = [mail.subject for mail in house.mailer.to(owner.email)]
    assert subjects.count("You already have an account") == 1


async def test_the_code_of_a_suspended_account_confirms_nothing(house: MemoryHouse) -> None:
    account, admin = await register(house), await house.admin()
    code = house.code_for(EMAIL)
    await house.services.administration.change(account.id, by=admin, caller=CALLER, suspended=True)

    with pytest.raises(WrongCode):
        await verify(house, code)

    assert not (await house.store.books.accounts.get(account.id)).email_verified
