"""Passwords: what is taken, how it is kept, changed and forgotten, and what a link may do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.memory.passwords import PlainPasswords
from adapters.system.passwords import BcryptPasswords
from core.accounts import Account, FactorNeeded, Role, Suspended, WrongPassword
from core.errors import Conflict, Invalid, OneHourError
from core.factors import Factor
from core.policy import HOUR, MINUTE
from ports.passwords import Passwords
from services.accounts.passwords import SAME, WrongLink
from services.accounts.tokens import RefreshRefused, Tokens
from services.bootstrap import Services
from tests.house import CALLER, PASSWORD, MemoryHouse
from tests.services.members import (
    ANOTHER,
    EMAIL,
    SECOND,
    SHORT,
    Killed,
    a_guarded_member,
    a_member,
    a_mortal_house,
    account_of,
    an_app,
    browsers,
    enter,
    finish,
    log_in,
    register,
    seen,
    session_of,
    waiting,
)

COMMON = "Password12345678"


def hasher(house: MemoryHouse) -> PlainPasswords:
    passwords = house.services.sessions.passwords
    assert isinstance(passwords, PlainPasswords)
    return passwords


async def change(
    house: MemoryHouse, account: Account, token: str, new: str, current: str = PASSWORD
) -> str:
    signed_in = await house.services.passwords.change(
        account, await session_of(house, token), current=current, new=new, caller=CALLER
    )
    await house.run()
    return signed_in.token


async def a_link(house: MemoryHouse, email: str = EMAIL) -> str:
    await house.services.passwords.forgot(email=email, caller=CALLER)
    await house.run()
    return newest_link(house, email)


def newest_link(house: MemoryHouse, email: str = EMAIL) -> str:
    letters = [m.text for m in house.mailer.to(email) if "/reset/" in m.text]
    return letters[-1].split("https://onehour.test/reset/")[1].split()[0]


async def reset(house: MemoryHouse, link: str, password: str = ANOTHER) -> Account:
    saved = await house.services.passwords.reset(link, password=password, caller=CALLER)
    await house.run()
    return saved


# What is taken


async def test_eight_characters_do_beside_a_second_factor_and_fifteen_alone(
    house: MemoryHouse,
) -> None:
    with pytest.raises(Invalid, match="at least 15"):
        await register(house, password=SHORT)
    with pytest.raises(Invalid, match="at least 8"):
        await register(house, role=Role.DEVELOPER, password=SHORT[:7])

    await a_guarded_member(house, password=SHORT)

    assert await seen(house, await enter(house, password=SHORT))


async def test_a_change_and_a_reset_measure_by_the_factor_of_the_account(
    house: MemoryHouse,
) -> None:
    alone, guarded = await a_member(house), await a_guarded_member(house, "lucia@example.com")
    token = (await log_in(house)).token
    with pytest.raises(Invalid, match="at least 15"):
        await change(house, alone, token, SHORT)
    with pytest.raises(Invalid, match="at least 15"):
        await reset(house, await a_link(house), SHORT)

    await reset(house, await a_link(house, guarded.email), SHORT)

    with pytest.raises(FactorNeeded):
        await house.services.factors.turn(guarded.id, on=False, caller=CALLER)


async def test_a_longer_password_lets_the_second_factor_be_turned_off(house: MemoryHouse) -> None:
    account = await a_guarded_member(house, password=SHORT)
    signed_in = await enter(house, password=SHORT)

    await change(house, account, signed_in.token, ANOTHER, current=SHORT)

    off = await house.services.factors.turn(account.id, on=False, caller=CALLER)
    assert off.factor is None


@pytest.mark.parametrize("password", [COMMON, "meera krishnan 1987", "onehour-onehour", "x" * 129])
async def test_what_is_tried_first_is_refused_wherever_a_password_is_set(
    house: MemoryHouse, password: str
) -> None:
    account = await a_member(house)
    token, link = (await log_in(house)).token, await a_link(house)

    for setting in (
        register(house, "gita@example.com", password=password),
        change(house, account, token, password),
        reset(house, link, password),
        house.services.administration.create(
            name="Meera Krishnan", email="x@example.com", password=password, timezone="UTC"
        ),
    ):
        with pytest.raises(Invalid) as refused:
            await setting
        assert set(refused.value.fields) == {"password"}

    assert await seen(house, token), "nothing has changed"
    assert await reset(house, link), "and the link is as good as it was"


@pytest.mark.parametrize(
    "password",
    [
        "मेरी बिल्ली हरी ट्रेन में सोती है और चाय पीती है",
        "four\0quiet\0green\0trains",
        "kettles sing over purple hills " * 4,
        "violet 🦉 over the slow river",
    ],
    ids=("many bytes", "zero bytes", "124 characters", "an owl"),
)
async def test_any_text_is_a_password_and_every_character_of_it_counts(
    house: MemoryHouse, password: str
) -> None:
    await a_member(house, password=password)

    assert (await log_in(house, password)).token
    for other in (password[:-1], password + "x", password.split("\0")[0] + "\0"):
        with pytest.raises(WrongPassword):
            await log_in(house, other)


async def test_accents_are_the_same_on_every_keyboard(house: MemoryHouse) -> None:
    await a_member(house, password="caf\u00e9 by the slow river")

    assert (await log_in(house, "cafe\u0301 by the slow river")).token


# How it is kept


@pytest.fixture
async def member(house: MemoryHouse) -> Account:
    return await a_member(house)


def with_passwords(house: MemoryHouse, passwords: Passwords) -> Services:
    """The same house with another keeper of passwords."""
    sessions = replace(house.services.sessions, passwords=passwords)
    people = replace(house.services.accounts, passwords=passwords, sessions=sessions)
    return replace(house.services, sessions=sessions, accounts=people)


async def test_a_hash_is_renewed_at_the_log_in_when_the_cost_has_risen() -> None:
    house = MemoryHouse()
    house.services = with_passwords(house, BcryptPasswords("a pepper", rounds=4))
    account = await a_member(house)
    old = (await account_of(house, account.id)).password_hash

    house.services = with_passwords(house, BcryptPasswords("a pepper", rounds=5))
    with pytest.raises(WrongPassword):
        await log_in(house, ANOTHER)
    unchanged = (await account_of(house, account.id)).password_hash
    session = await log_in(house)
    new = (await account_of(house, account.id)).password_hash

    assert old == unchanged
    assert (old or "").startswith("$2b$04$")
    assert (new or "").startswith("$2b$05$")
    assert await seen(house, session)
    assert (await log_in(house)).token
    assert (await account_of(house, account.id)).password_hash == new, "renewed once"


async def test_many_log_ins_at_once_renew_a_hash_without_a_quarrel(
    house: MemoryHouse, member: Account
) -> None:
    hasher(house).cost = 5

    signed_in = await asyncio.gather(*(log_in(house) for _ in range(5)))

    assert all([await seen(house, one) for one in signed_in])
    assert ((await account_of(house, member.id)).password_hash or "").startswith("plain$5$")


async def test_unknown_known_and_suspended_addresses_get_the_same_answer_for_the_same_work(
    house: MemoryHouse, member: Account
) -> None:
    out = await a_member(house, "out@example.com")
    await house.store.books.accounts.save(
        (await account_of(house, out.id)).suspend(now=house.clock.now())
    )
    await register(house, "unconfirmed@example.com")
    answers = set()
    for email in (member.email, "nobody@example.com", out.email, "unconfirmed@example.com"):
        before = hasher(house).hashed
        with pytest.raises(WrongPassword) as refused:
            await log_in(house, "not the password", email, address=email)
        answers.add((type(refused.value), refused.value.message, hasher(house).hashed - before))

    assert answers == {(WrongPassword, WrongPassword.__doc__, 1)}


async def test_registering_a_known_address_takes_the_work_of_an_unknown_one(
    house: MemoryHouse, member: Account
) -> None:
    work = []
    for email in (member.email, "new@example.com"):
        before = hasher(house).hashed
        await register(house, email)
        work.append(hasher(house).hashed - before)

    assert work == [1, 1]


# Changing it


async def test_a_change_ends_every_other_session_and_goes_on_under_a_new_cookie(
    house: MemoryHouse, member: Account
) -> None:
    here, there = await log_in(house), await log_in(house)
    program = await tokens(house)

    token = await change(house, member, here.token, ANOTHER)

    assert await seen(house, token)
    assert await seen(house, here) is None
    assert await seen(house, there) is None
    with pytest.raises(RefreshRefused):
        await house.services.tokens.refresh(program.refresh, caller=CALLER)
    with pytest.raises(WrongPassword):
        await log_in(house)
    assert await seen(house, await log_in(house, ANOTHER))
    assert house.mailer.to(EMAIL)[-1].subject == "Your password was changed"


async def tokens(house: MemoryHouse) -> Tokens:
    return await house.services.tokens.issue(
        email=EMAIL, password=PASSWORD, otp=None, caller=CALLER
    )


async def test_a_change_needs_the_password_of_today_and_a_different_new_one(
    house: MemoryHouse, member: Account
) -> None:
    here = await log_in(house)
    with pytest.raises(WrongPassword):
        await change(house, member, here.token, ANOTHER, current="not the password")
    with pytest.raises(Invalid, match=SAME):
        await change(house, member, here.token, PASSWORD)

    assert await seen(house, here)
    assert await seen(house, await log_in(house))


async def test_of_two_changes_at_once_one_counts_and_one_session_goes_on(
    any_house: MemoryHouse,
) -> None:
    house = any_house
    account = await a_member(house)
    here = await log_in(house)

    answers = await asyncio.gather(
        change(house, account, here.token, ANOTHER),
        change(house, account, here.token, "nine-grey-loud-pigeons"),
        return_exceptions=True,
    )

    assert sorted(isinstance(answer, Conflict) for answer in answers) == [False, True]
    assert len(await browsers(house, account)) == 1


class Slow(PlainPasswords):
    """Looks at a password, and lets something happen before it answers."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: AsyncIterator[object] | None = None

    async def matches(self, password: str, hashed: str | None) -> bool:
        right = await super().matches(password, hashed)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            async for _ in meanwhile:
                pass
        return right


async def test_the_old_password_opens_nothing_that_was_asked_for_before_the_change(
    house: MemoryHouse, member: Account
) -> None:
    """Hashing takes a while; a thief's log-in of that while must not outlive the reset."""
    link, slow = await a_link(house), Slow()

    async def owner_resets() -> AsyncIterator[object]:
        yield await reset(house, link)

    sessions, slow.meanwhile = replace(house.services.sessions, passwords=slow), owner_resets()
    with pytest.raises(Conflict):
        await sessions.log_in(email=EMAIL, password=PASSWORD, caller=CALLER)

    assert await browsers(house, member) == []


async def test_a_change_that_a_reset_overtakes_changes_nothing(
    house: MemoryHouse, member: Account
) -> None:
    link, slow, here = await a_link(house), Slow(), await log_in(house)

    async def owner_resets() -> AsyncIterator[object]:
        yield await reset(house, link)

    thief = await session_of(house, here)
    passwords, slow.meanwhile = replace(house.services.passwords, passwords=slow), owner_resets()
    with pytest.raises(Conflict):
        await passwords.change(
            member, thief, current=PASSWORD, new="nine-grey-loud-pigeons", caller=CALLER
        )

    assert await browsers(house, member) == []
    assert await seen(house, await log_in(house, ANOTHER))


async def test_who_is_suspended_while_the_password_is_looked_at_is_not_let_in(
    house: MemoryHouse, member: Account
) -> None:
    admin, slow = await house.admin(), Slow()

    async def suspended() -> AsyncIterator[object]:
        yield await house.services.administration.change(
            member.id, by=admin, caller=CALLER, suspended=True
        )

    sessions, slow.meanwhile = replace(house.services.sessions, passwords=slow), suspended()
    with pytest.raises(Suspended):
        await sessions.log_in(email=EMAIL, password=PASSWORD, caller=CALLER)

    assert await browsers(house, member) == []


# Forgetting it


async def test_a_forgotten_password_is_set_anew_with_the_link_from_the_mail(
    house: MemoryHouse, member: Account
) -> None:
    saved = await reset(house, await a_link(house))

    assert saved.id == member.id
    with pytest.raises(WrongPassword):
        await log_in(house)
    assert await seen(house, await log_in(house, ANOTHER))


async def test_asking_tells_nothing_of_who_is_known(house: MemoryHouse, member: Account) -> None:
    out = await a_member(house, "out@example.com")
    await house.store.books.accounts.save(
        (await account_of(house, out.id)).suspend(now=house.clock.now())
    )
    forgot, mails = house.services.passwords.forgot, len(house.mailer.sent)

    await forgot(email=member.email, caller=CALLER)
    for email in ("nobody@example.com", out.email):
        before = hasher(house).hashed
        await forgot(email=email, caller=CALLER)
        assert hasher(house).hashed == before
    await house.run()

    assert [mail.to for mail in house.mailer.sent[mails:]] == [member.email]


async def test_an_address_never_confirmed_gets_no_link(house: MemoryHouse) -> None:
    await register(house)

    await house.services.passwords.forgot(email=EMAIL, caller=CALLER)
    await house.run()

    assert house.mailer.to(EMAIL)[-1].subject == "Sign up again to confirm your address"
    assert "/reset/" not in house.mailer.to(EMAIL)[-1].text


async def test_a_link_lasts_half_an_hour(house: MemoryHouse, member: Account) -> None:
    link = await a_link(house)

    await house.pass_time(30 * MINUTE - SECOND)
    assert (await house.services.passwords.account_of(link)).id == member.id
    await house.pass_time(SECOND)

    with pytest.raises(WrongLink):
        await reset(house, link)


async def test_a_link_works_once(house: MemoryHouse, member: Account) -> None:
    link = await a_link(house)
    await reset(house, link)

    with pytest.raises(WrongLink):
        await reset(house, link, PASSWORD)


async def test_of_two_resets_with_one_link_at_once_one_counts(any_house: MemoryHouse) -> None:
    house = any_house
    await a_member(house)
    link = await a_link(house)

    answers = await asyncio.gather(
        reset(house, link), reset(house, link, "nine-grey-loud-pigeons"), return_exceptions=True
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["Account", "WrongLink"]


async def test_a_new_link_voids_the_one_before(house: MemoryHouse, member: Account) -> None:
    first = await a_link(house)
    second = await a_link(house)

    with pytest.raises(WrongLink):
        await reset(house, first)
    assert await reset(house, second)


async def test_five_links_an_hour_for_one_address(house: MemoryHouse, member: Account) -> None:
    for _ in range(8):
        await a_link(house)

    assert sum("/reset/" in mail.text for mail in house.mailer.to(EMAIL)) == 5
    await house.pass_time(HOUR)
    assert await reset(house, await a_link(house))


async def test_a_reset_signs_nobody_in_and_ends_every_session_and_program(
    house: MemoryHouse, member: Account
) -> None:
    browser, program = await log_in(house), await tokens(house)

    await reset(house, await a_link(house))

    assert await house.store.books.sessions.of_account(member.id) == []
    assert await seen(house, browser) is None
    with pytest.raises(RefreshRefused):
        await house.services.tokens.refresh(program.refresh, caller=CALLER)
    with pytest.raises(OneHourError):
        await house.services.tokens.viewer(program.access)


@pytest.mark.parametrize("factor", Factor)
async def test_a_reset_does_not_get_past_the_second_factor(
    house: MemoryHouse, factor: Factor
) -> None:
    account = await a_guarded_member(house)
    app = await an_app(house, account) if factor is Factor.TOTP else None

    await reset(house, await a_link(house))
    pending = await log_in(house, ANOTHER)

    assert pending.wants is factor
    assert await seen(house, pending) is None
    code = app.shows() if app else house.code_for(EMAIL)
    assert await seen(house, await finish(house, pending, code))


async def test_a_log_in_that_waits_for_its_code_ends_with_the_reset(house: MemoryHouse) -> None:
    await a_guarded_member(house)
    pending = await waiting(house, await log_in(house))
    code = house.code_for(EMAIL)

    await reset(house, await a_link(house))

    with pytest.raises(Conflict):
        await finish(house, pending, code)


async def test_a_reset_is_told_by_mail(house: MemoryHouse, member: Account) -> None:
    await reset(house, await a_link(house))

    assert house.mailer.to(EMAIL)[-1].subject == "Your password was changed"


async def test_a_strangers_id_with_a_right_token_opens_nothing(
    house: MemoryHouse, member: Account
) -> None:
    stranger = await a_member(house, "gita@example.com")
    mine, theirs = await a_link(house), await a_link(house, stranger.email)
    token = mine.partition(".")[2]

    for link in (f"{stranger.id}.{token}", token, f".{token}", f"{member.id}.", member.id, ""):
        with pytest.raises(WrongLink):
            await reset(house, link)

    assert (await reset(house, theirs)).id == stranger.id


@pytest.mark.parametrize("tail", ["\ud800", "\0", "ü", "x" * 10_000])
async def test_a_garbled_link_is_a_wrong_link(
    house: MemoryHouse, member: Account, tail: str
) -> None:
    link = await a_link(house)

    for garbled in (link + tail, f"{member.id}.{tail}", f"{tail}.x"):
        with pytest.raises(WrongLink):
            await reset(house, garbled)


async def test_who_was_suspended_sets_no_password(house: MemoryHouse, member: Account) -> None:
    link = await a_link(house)
    await house.store.books.accounts.save(
        (await account_of(house, member.id)).suspend(now=house.clock.now())
    )

    with pytest.raises(WrongLink):
        await reset(house, link)


async def test_the_token_of_a_link_is_kept_nowhere() -> None:
    house, store = a_mortal_house()
    await a_member(house)
    await house.services.passwords.forgot(email=EMAIL, caller=CALLER)
    owed = store.text()
    await house.run()
    sent = store.text()

    link = newest_link(house)
    await reset(house, link)

    token = link.partition(".")[2]
    assert len(token) == 64, "256 bits"
    for rows in (owed, sent, store.text()):
        assert token not in rows


@pytest.mark.parametrize("dies", ["before", "after"])
async def test_a_process_that_dies_at_a_reset_leaves_the_old_password_or_the_new(
    dies: str,
) -> None:
    house, store = a_mortal_house()
    await a_member(house)
    link = await a_link(house)

    store.dies = dies
    with pytest.raises(Killed):
        await reset(house, link)

    if dies == "before":
        assert await seen(house, await log_in(house))
        assert await reset(house, link)
    else:
        with pytest.raises(WrongLink):
            await reset(house, link)
    assert await seen(house, await log_in(house, ANOTHER))


async def test_a_reset_opens_the_account_again_that_strangers_hammer(
    house: MemoryHouse, member: Account
) -> None:
    for number in range(10):
        with pytest.raises(WrongPassword):
            await log_in(house, "not the password", address=f"203.0.{number}.1")

    await reset(house, await a_link(house))

    assert await seen(house, await log_in(house, ANOTHER, address="198.51.100.1"))
