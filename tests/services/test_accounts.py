"""Signing up and in: the right word opens, guessing is slow, and nobody learns who is here."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from core.accounts import (
    Account,
    CodeTooSoon,
    EmailUnverified,
    Role,
    TooManyTries,
    WrongCode,
    WrongPassword,
)
from core.errors import Invalid, OneHourError
from core.policy import DAY, HOUR, MINUTE
from services.accounts import SignedIn, session_id
from tests.house import PASSWORD, MemoryHouse

EMAIL = "meera@example.com"
SECOND = timedelta(seconds=1)


async def register(house: MemoryHouse, email: str = EMAIL, **special: object) -> Account:
    usual: dict[str, object] = {
        "role": Role.CLIENT,
        "name": "Meera Krishnan",
        "password": PASSWORD,
        "timezone": "Asia/Kolkata",
    }
    account = await house.services.accounts.register(email=email, **{**usual, **special})  # type: ignore[arg-type]
    await house.run()
    return account


async def verify(house: MemoryHouse, code: str, email: str = EMAIL) -> SignedIn:
    return await house.services.accounts.verify_email(email=email, code=code, visit="visit")


async def log_in(
    house: MemoryHouse, password: str = PASSWORD, email: str = EMAIL, address: str = "203.0.113.7"
) -> SignedIn:
    return await house.services.accounts.log_in(
        email=email, password=password, visit="visit", address=address
    )


async def a_member(house: MemoryHouse) -> Account:
    await register(house)
    return (await verify(house, house.code_for(EMAIL))).account


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


async def test_the_code_from_the_mail_confirms_the_address_and_signs_in(
    house: MemoryHouse,
) -> None:
    await register(house, email=" Meera@Example.com ")
    signed_in = await verify(house, f" {house.code_for(EMAIL)[:3]} {house.code_for(EMAIL)[3:]}")

    viewer = await house.services.accounts.viewer(signed_in.token)
    assert viewer
    account, session = viewer
    assert (account.email, account.email_verified) == (EMAIL, True)
    assert session.id == session_id(signed_in.token) != signed_in.token
    assert await house.store.books.clients.find_by_account(account.id)


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


async def test_a_code_works_once(house: MemoryHouse) -> None:
    await register(house)
    code = house.code_for(EMAIL)
    await verify(house, code)
    with pytest.raises(WrongCode):
        await verify(house, code)


async def test_after_five_wrong_tries_even_the_right_code_is_wrong(house: MemoryHouse) -> None:
    await register(house)
    code = house.code_for(EMAIL)
    for _ in range(5):
        with pytest.raises(WrongCode):
            await verify(house, wrong(code))
    with pytest.raises(WrongCode):
        await verify(house, code)


async def test_the_fifth_try_may_still_be_right(house: MemoryHouse) -> None:
    await register(house)
    code = house.code_for(EMAIL)
    for _ in range(4):
        with pytest.raises(WrongCode):
            await verify(house, wrong(code))
    assert (await verify(house, code)).account.email_verified


async def test_a_hundred_guesses_at_once_are_five_tries(house: MemoryHouse) -> None:
    account = await register(house)
    code = house.code_for(EMAIL)
    guesses = (verify(house, wrong(code)) for _ in range(100))
    answers = await asyncio.gather(*guesses, return_exceptions=True)
    kept = await house.store.books.codes.find(f"verify-email:{account.id}")
    assert {type(answer) for answer in answers} == {WrongCode}
    assert kept
    assert kept.tries_left == 0


@pytest.mark.parametrize("guess", ["", "12345", "1234567", "12345a", "x" * 10_000, "\0" * 6])
async def test_what_is_no_code_costs_no_try(house: MemoryHouse, guess: str) -> None:
    account = await register(house)
    with pytest.raises(WrongCode):
        await verify(house, guess)
    kept = await house.store.books.codes.find(f"verify-email:{account.id}")
    assert kept
    assert kept.tries_left == 5


async def test_a_code_dies_after_ten_minutes(house: MemoryHouse) -> None:
    await register(house)
    house.clock.advance(10 * MINUTE)
    with pytest.raises(WrongCode):
        await verify(house, house.code_for(EMAIL))


async def test_another_code_comes_after_a_minute_and_replaces_the_first(
    house: MemoryHouse,
) -> None:
    await register(house)
    first = house.code_for(EMAIL)
    again = house.services.accounts.send_code_again

    await house.pass_time(MINUTE - SECOND)
    with pytest.raises(CodeTooSoon):
        await again(email=EMAIL)
    await house.pass_time(SECOND)
    await again(email=EMAIL)
    await house.run()

    second = house.code_for(EMAIL)
    assert second != first
    with pytest.raises(WrongCode):
        await verify(house, first)
    assert (await verify(house, second)).account.email_verified


async def test_five_codes_an_hour_and_no_more(house: MemoryHouse) -> None:
    await register(house)
    for _ in range(4):
        await house.pass_time(MINUTE)
        await house.services.accounts.send_code_again(email=EMAIL)
    await house.pass_time(55 * MINUTE)
    with pytest.raises(CodeTooSoon):
        await house.services.accounts.send_code_again(email=EMAIL)
    await house.pass_time(MINUTE)
    await house.services.accounts.send_code_again(email=EMAIL)
    await house.run()
    assert len(house.mailer.to(EMAIL)) == 6


async def test_asking_for_a_code_tells_nothing_of_who_is_known(house: MemoryHouse) -> None:
    await a_member(house)
    mails = len(house.mailer.sent)
    for email in (EMAIL, "nobody@example.com"):
        await house.services.accounts.send_code_again(email=email)
    await house.run()
    assert len(house.mailer.sent) == mails


async def test_unknown_address_and_wrong_password_get_the_same_answer(house: MemoryHouse) -> None:
    await a_member(house)
    answers = []
    for email, password in ((EMAIL, "not the password"), ("nobody@example.com", PASSWORD)):
        with pytest.raises(WrongPassword) as refused:
            await log_in(house, password, email)
        answers.append((type(refused.value), refused.value.message))
    assert answers[0] == answers[1]


async def test_an_unconfirmed_address_is_told_so_only_with_the_right_password(
    house: MemoryHouse,
) -> None:
    await register(house)
    with pytest.raises(EmailUnverified):
        await log_in(house)
    with pytest.raises(WrongPassword):
        await log_in(house, "not the password")


async def test_ten_wrong_passwords_close_the_door_for_five_minutes(house: MemoryHouse) -> None:
    await a_member(house)
    for n in range(10):
        with pytest.raises(WrongPassword):
            await log_in(house, "not the password", address=f"203.0.113.{n}")
    with pytest.raises(TooManyTries):
        await log_in(house, address="198.51.100.1")

    house.clock.advance(5 * MINUTE - SECOND)
    with pytest.raises(TooManyTries):
        await log_in(house, address="198.51.100.1")
    house.clock.advance(SECOND)
    assert (await log_in(house, address="198.51.100.1")).account.email == EMAIL


async def test_an_address_that_tries_many_accounts_is_stopped_and_others_are_not(
    house: MemoryHouse,
) -> None:
    await a_member(house)
    for n in range(10):
        with pytest.raises(WrongPassword):
            await log_in(house, email=f"guess{n}@example.com", address="203.0.113.7")
    with pytest.raises(TooManyTries):
        await log_in(house, address="203.0.113.7")
    assert (await log_in(house, address="198.51.100.1")).account.email == EMAIL


async def test_the_right_password_forgives_the_wrong_ones(house: MemoryHouse) -> None:
    await a_member(house)
    for n in range(3):
        for k in range(9):
            with pytest.raises(WrongPassword):
                await log_in(house, "not the password", address=f"203.0.{n}.{k}")
        await log_in(house, address=f"198.51.100.{n}")


async def test_logging_out_ends_this_session_alone(house: MemoryHouse) -> None:
    await a_member(house)
    laptop, phone = await log_in(house), await log_in(house)
    await house.services.accounts.log_out(laptop.token)
    assert await house.services.accounts.viewer(laptop.token) is None
    assert await house.services.accounts.viewer(phone.token)
    assert await house.services.accounts.viewer("made up") is None


async def test_a_session_sleeps_fourteen_days_and_lives_thirty(house: MemoryHouse) -> None:
    await a_member(house)
    used, forgotten = await log_in(house), await log_in(house)
    for _ in range(3):
        house.clock.advance(9 * DAY)
        assert await house.services.accounts.viewer(used.token)
    assert await house.services.accounts.viewer(forgotten.token) is None
    house.clock.advance(3 * DAY - SECOND)
    assert await house.services.accounts.viewer(used.token)
    house.clock.advance(SECOND)
    assert await house.services.accounts.viewer(used.token) is None


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


async def test_codes_are_six_digits_and_leave_no_trace_in_the_books(house: MemoryHouse) -> None:
    account = await register(house)
    code = house.code_for(EMAIL)
    kept = await house.store.books.codes.find(f"verify-email:{account.id}")
    owed = await house.store.books.effects.in_state("done", limit=100)
    assert len(code) == 6
    assert kept
    assert code not in kept.digest
    assert all(code not in effect.payload.values() for effect in owed)
    assert kept.expires_at == house.clock.now() + 10 * MINUTE < house.clock.now() + HOUR


async def test_a_code_confirms_only_what_its_own_browser_registered(house: MemoryHouse) -> None:
    """Somebody registers a stranger's address first, or again in between: it never is theirs."""
    accounts, email = house.services.accounts, "victim@example.com"

    async def register(password: str, visit: str) -> None:
        await accounts.register(
            role=Role.DEVELOPER, name=visit, email=email, password=password,
            timezone="Asia/Kolkata", visit=visit,
        )  # fmt: skip
        await house.run()

    await register("the-attackers-own-password", "attacker")
    await register("the-victims-own-password", "victim")
    mine = house.code_for(email)
    await register("the-attackers-own-password", "attacker")
    theirs = house.code_for(email)

    for code in (mine, theirs):
        with pytest.raises(WrongCode):
            await accounts.verify_email(email=email, code=code, visit="victim")
    await register("the-victims-own-password", "victim")
    signed_in = await accounts.verify_email(email=email, code=house.code_for(email), visit="victim")

    assert signed_in.account.name == "victim"
    with pytest.raises(WrongPassword):
        await accounts.log_in(
            email=email, password="the-attackers-own-password", visit="attacker", address="x"
        )


async def test_an_owner_hears_of_many_registrations_with_their_address_once(
    house: MemoryHouse,
) -> None:
    owner = await house.account(Role.CLIENT, "Gita")
    for _ in range(5):
        await house.services.accounts.register(
            role=Role.CLIENT, name="X", email=owner.email, password=PASSWORD, timezone="UTC"
        )
    await house.run()
    subjects = [mail.subject for mail in house.mailer.to(owner.email)]
    assert subjects.count("You already have an account") == 1


async def test_many_right_log_ins_at_once_shut_no_door(house: MemoryHouse) -> None:
    """An office behind one address, all arriving at nine."""
    people = [await house.account(Role.CLIENT, f"Person{number}") for number in range(30)]

    signed_in = await asyncio.gather(
        *(
            house.services.accounts.log_in(
                email=one.email, password=PASSWORD, visit="visit", address="203.0.113.7"
            )
            for one in people
        )
    )

    assert [each.account.id for each in signed_in] == [one.id for one in people]
