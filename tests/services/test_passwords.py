"""Passwords: which are accepted, how they are stored, changed and reset."""

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
from services.accounts.passwords import UNCHANGED, WrongLink
from services.accounts.sessions import SessionService
from services.accounts.tokens import RefreshRefused, Tokens
from services.bootstrap import Services
from tests.app import CALLER, PASSWORD, MemoryApp
from tests.services.members import (
    ANOTHER,
    EMAIL,
    SECOND,
    SHORT,
    Killed,
    a_member,
    a_member_with_two_factor,
    account_of,
    an_app,
    an_app_that_can_be_killed,
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


def hasher(app: MemoryApp) -> PlainPasswords:
    passwords = app.services.password_checks.passwords
    assert isinstance(passwords, PlainPasswords)
    return passwords


async def change(
    app: MemoryApp, account: Account, token: str, new: str, current: str = PASSWORD
) -> str:
    signed_in = await app.services.passwords.change(
        account, await session_of(app, token), current=current, new=new, caller=CALLER
    )
    await app.run()
    return signed_in.token


async def a_link(app: MemoryApp, email: str = EMAIL) -> str:
    await app.services.passwords.request_reset(email=email, caller=CALLER)
    await app.run()
    return newest_link(app, email)


def newest_link(app: MemoryApp, email: str = EMAIL) -> str:
    mails = [m.text for m in app.mailer.to(email) if "/reset/" in m.text]
    return mails[-1].split("https://onehour.test/reset/")[1].split()[0]


async def reset(app: MemoryApp, link: str, password: str = ANOTHER) -> Account:
    saved = await app.services.passwords.reset(link, password=password, caller=CALLER)
    await app.run()
    return saved


# Which passwords are accepted


async def test_eight_characters_do_beside_a_second_factor_and_fifteen_alone(
    app: MemoryApp,
) -> None:
    with pytest.raises(Invalid, match="at least 15"):
        await register(app, password=SHORT)
    with pytest.raises(Invalid, match="at least 8"):
        await register(app, role=Role.DEVELOPER, password=SHORT[:7])

    await a_member_with_two_factor(app, password=SHORT)

    assert await seen(app, await enter(app, password=SHORT))


async def test_a_change_and_a_reset_measure_by_the_factor_of_the_account(
    app: MemoryApp,
) -> None:
    alone, guarded = await a_member(app), await a_member_with_two_factor(app, "lucia@example.com")
    token = (await log_in(app)).token
    with pytest.raises(Invalid, match="at least 15"):
        await change(app, alone, token, SHORT)
    with pytest.raises(Invalid, match="at least 15"):
        await reset(app, await a_link(app), SHORT)

    await reset(app, await a_link(app, guarded.email), SHORT)

    with pytest.raises(FactorNeeded):
        await app.services.factors.set_two_factor(guarded.id, on=False, caller=CALLER)


async def test_a_longer_password_lets_the_second_factor_be_turned_off(app: MemoryApp) -> None:
    account = await a_member_with_two_factor(app, password=SHORT)
    signed_in = await enter(app, password=SHORT)

    await change(app, account, signed_in.token, ANOTHER, current=SHORT)

    off = await app.services.factors.set_two_factor(account.id, on=False, caller=CALLER)
    assert off.factor is None


@pytest.mark.parametrize("password", [COMMON, "meera krishnan 1987", "onehour-onehour", "x" * 129])
async def test_common_passwords_are_refused_wherever_a_password_is_set(
    app: MemoryApp, password: str
) -> None:
    account = await a_member(app)
    token, link = (await log_in(app)).token, await a_link(app)

    for setting in (
        register(app, "gita@example.com", password=password),
        change(app, account, token, password),
        reset(app, link, password),
        app.services.administration.create(
            name="Meera Krishnan", email="x@example.com", password=password, timezone="UTC"
        ),
    ):
        with pytest.raises(Invalid) as refused:
            await setting
        assert set(refused.value.fields) == {"password"}

    assert await seen(app, token), "nothing has changed"
    assert await reset(app, link), "and the link is as good as it was"


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
    app: MemoryApp, password: str
) -> None:
    await a_member(app, password=password)

    assert (await log_in(app, password)).token
    for other in (password[:-1], password + "x", password.split("\0")[0] + "\0"):
        with pytest.raises(WrongPassword):
            await log_in(app, other)


async def test_accents_are_the_same_on_every_keyboard(app: MemoryApp) -> None:
    await a_member(app, password="caf\u00e9 by the slow river")

    assert (await log_in(app, "cafe\u0301 by the slow river")).token


# How passwords are stored


@pytest.fixture
async def member(app: MemoryApp) -> Account:
    return await a_member(app)


def sessions_with(app: MemoryApp, passwords: Passwords) -> SessionService:
    checks = replace(app.services.password_checks, passwords=passwords)
    return replace(app.services.sessions, password_checks=checks)


def with_passwords(app: MemoryApp, passwords: Passwords) -> Services:
    """The same application with other `Passwords`."""
    sessions = sessions_with(app, passwords)
    people = replace(app.services.accounts, passwords=passwords, sessions=sessions)
    return replace(app.services, sessions=sessions, accounts=people)


async def test_a_hash_is_renewed_at_the_log_in_when_the_cost_has_risen() -> None:
    app = MemoryApp()
    app.services = with_passwords(app, BcryptPasswords("a pepper", rounds=4))
    account = await a_member(app)
    old = (await account_of(app, account.id)).password_hash

    app.services = with_passwords(app, BcryptPasswords("a pepper", rounds=5))
    with pytest.raises(WrongPassword):
        await log_in(app, ANOTHER)
    unchanged = (await account_of(app, account.id)).password_hash
    session = await log_in(app)
    new = (await account_of(app, account.id)).password_hash

    assert old == unchanged
    assert (old or "").startswith("$2b$04$")
    assert (new or "").startswith("$2b$05$")
    assert await seen(app, session)
    assert (await log_in(app)).token
    assert (await account_of(app, account.id)).password_hash == new, "renewed once"


async def test_many_log_ins_at_once_renew_a_hash_without_a_quarrel(
    app: MemoryApp, member: Account
) -> None:
    hasher(app).cost = 5

    signed_in = await asyncio.gather(*(log_in(app) for _ in range(5)))

    assert all([await seen(app, one) for one in signed_in])
    assert ((await account_of(app, member.id)).password_hash or "").startswith("plain$5$")


async def test_unknown_known_and_suspended_addresses_get_the_same_answer_for_the_same_work(
    app: MemoryApp, member: Account
) -> None:
    out = await a_member(app, "out@example.com")
    await app.store.repositories.accounts.save(
        (await account_of(app, out.id)).suspend(now=app.clock.now())
    )
    await register(app, "unconfirmed@example.com")
    answers = set()
    for email in (member.email, "nobody@example.com", out.email, "unconfirmed@example.com"):
        before = hasher(app).hashed
        with pytest.raises(WrongPassword) as refused:
            await log_in(app, "not the password", email, address=email)
        answers.add((type(refused.value), refused.value.message, hasher(app).hashed - before))

    assert answers == {(WrongPassword, WrongPassword.__doc__, 1)}


async def test_registering_a_known_address_takes_the_work_of_an_unknown_one(
    app: MemoryApp, member: Account
) -> None:
    work = []
    for email in (member.email, "new@example.com"):
        before = hasher(app).hashed
        await register(app, email)
        work.append(hasher(app).hashed - before)

    assert work == [1, 1]


# Change


async def test_a_change_ends_every_other_session_and_goes_on_under_a_new_cookie(
    app: MemoryApp, member: Account
) -> None:
    here, there = await log_in(app), await log_in(app)
    program = await tokens(app)

    token = await change(app, member, here.token, ANOTHER)

    assert await seen(app, token)
    assert await seen(app, here) is None
    assert await seen(app, there) is None
    with pytest.raises(RefreshRefused):
        await app.services.tokens.refresh(program.refresh, caller=CALLER)
    with pytest.raises(WrongPassword):
        await log_in(app)
    assert await seen(app, await log_in(app, ANOTHER))
    assert app.mailer.to(EMAIL)[-1].subject == "Your password was changed"


async def tokens(app: MemoryApp) -> Tokens:
    return await app.services.tokens.issue(email=EMAIL, password=PASSWORD, otp=None, caller=CALLER)


async def test_a_change_needs_the_password_of_today_and_a_different_new_one(
    app: MemoryApp, member: Account
) -> None:
    here = await log_in(app)
    with pytest.raises(WrongPassword):
        await change(app, member, here.token, ANOTHER, current="not the password")
    with pytest.raises(Invalid, match=UNCHANGED):
        await change(app, member, here.token, PASSWORD)

    assert await seen(app, here)
    assert await seen(app, await log_in(app))


async def test_of_two_changes_at_once_one_counts_and_one_session_goes_on(
    any_app: MemoryApp,
) -> None:
    app = any_app
    account = await a_member(app)
    session = await session_of(app, await log_in(app))

    answers = await asyncio.gather(
        *(
            app.services.passwords.change(
                account, session, current=PASSWORD, new=new, caller=CALLER
            )
            for new in (ANOTHER, "nine-grey-loud-pigeons")
        ),
        return_exceptions=True,
    )
    await app.run()

    assert sorted(isinstance(answer, Conflict) for answer in answers) == [False, True]
    assert len(await browsers(app, account)) == 1


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


async def test_the_old_password_completes_no_log_in_started_before_the_change(
    app: MemoryApp, member: Account
) -> None:
    """Hashing takes time; an attacker's log-in during it must not survive the reset."""
    link, slow = await a_link(app), Slow()

    async def owner_resets() -> AsyncIterator[object]:
        yield await reset(app, link)

    sessions, slow.meanwhile = sessions_with(app, slow), owner_resets()
    with pytest.raises(Conflict):
        await sessions.log_in(email=EMAIL, password=PASSWORD, caller=CALLER)

    assert await browsers(app, member) == []


async def test_a_change_during_a_reset_changes_nothing(app: MemoryApp, member: Account) -> None:
    link, slow, here = await a_link(app), Slow(), await log_in(app)

    async def owner_resets() -> AsyncIterator[object]:
        yield await reset(app, link)

    attacker = await session_of(app, here)
    passwords, slow.meanwhile = replace(app.services.passwords, passwords=slow), owner_resets()
    with pytest.raises(Conflict):
        await passwords.change(
            member, attacker, current=PASSWORD, new="nine-grey-loud-pigeons", caller=CALLER
        )

    assert await browsers(app, member) == []
    assert await seen(app, await log_in(app, ANOTHER))


async def test_an_account_suspended_while_its_password_is_checked_cannot_sign_in(
    app: MemoryApp, member: Account
) -> None:
    admin, slow = await app.admin(), Slow()

    async def suspended() -> AsyncIterator[object]:
        yield await app.services.administration.change(
            member.id, by=admin, caller=CALLER, suspended=True
        )

    sessions, slow.meanwhile = sessions_with(app, slow), suspended()
    with pytest.raises(Suspended):
        await sessions.log_in(email=EMAIL, password=PASSWORD, caller=CALLER)

    assert await browsers(app, member) == []


# Reset


async def test_a_forgotten_password_is_reset_with_the_link_from_the_mail(
    app: MemoryApp, member: Account
) -> None:
    saved = await reset(app, await a_link(app))

    assert saved.id == member.id
    with pytest.raises(WrongPassword):
        await log_in(app)
    assert await seen(app, await log_in(app, ANOTHER))


async def test_a_request_reveals_nothing_about_who_has_an_account(
    app: MemoryApp, member: Account
) -> None:
    out = await a_member(app, "out@example.com")
    await app.store.repositories.accounts.save(
        (await account_of(app, out.id)).suspend(now=app.clock.now())
    )
    forgot, mails = app.services.passwords.request_reset, len(app.mailer.sent)

    await forgot(email=member.email, caller=CALLER)
    for email in ("nobody@example.com", out.email):
        before = hasher(app).hashed
        await forgot(email=email, caller=CALLER)
        assert hasher(app).hashed == before
    await app.run()

    assert [mail.to for mail in app.mailer.sent[mails:]] == [member.email]


async def test_an_address_never_confirmed_gets_no_link(app: MemoryApp) -> None:
    await register(app)

    await app.services.passwords.request_reset(email=EMAIL, caller=CALLER)
    await app.run()

    assert app.mailer.to(EMAIL)[-1].subject == "Sign up again to confirm your address"
    assert "/reset/" not in app.mailer.to(EMAIL)[-1].text


async def test_a_link_lasts_half_an_hour(app: MemoryApp, member: Account) -> None:
    link = await a_link(app)

    await app.pass_time(30 * MINUTE - SECOND)
    assert (await app.services.passwords.account_for_link(link)).id == member.id
    await app.pass_time(SECOND)

    with pytest.raises(WrongLink):
        await reset(app, link)


async def test_a_link_works_once(app: MemoryApp, member: Account) -> None:
    link = await a_link(app)
    await reset(app, link)

    with pytest.raises(WrongLink):
        await reset(app, link, PASSWORD)


async def test_of_two_resets_with_one_link_at_once_one_counts(any_app: MemoryApp) -> None:
    app = any_app
    await a_member(app)
    link = await a_link(app)

    answers = await asyncio.gather(
        reset(app, link), reset(app, link, "nine-grey-loud-pigeons"), return_exceptions=True
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["Account", "WrongLink"]


async def test_a_new_link_replaces_the_one_before(app: MemoryApp, member: Account) -> None:
    first = await a_link(app)
    second = await a_link(app)

    with pytest.raises(WrongLink):
        await reset(app, first)
    assert await reset(app, second)


async def test_five_links_an_hour_for_one_address(app: MemoryApp, member: Account) -> None:
    for _ in range(8):
        await a_link(app)

    assert sum("/reset/" in mail.text for mail in app.mailer.to(EMAIL)) == 5
    await app.pass_time(HOUR)
    assert await reset(app, await a_link(app))


async def test_a_reset_signs_nobody_in_and_ends_every_session_and_program(
    app: MemoryApp, member: Account
) -> None:
    browser, program = await log_in(app), await tokens(app)

    await reset(app, await a_link(app))

    assert await app.store.repositories.sessions.of_account(member.id) == []
    assert await seen(app, browser) is None
    with pytest.raises(RefreshRefused):
        await app.services.tokens.refresh(program.refresh, caller=CALLER)
    with pytest.raises(OneHourError):
        await app.services.tokens.authenticate(program.access)


@pytest.mark.parametrize("factor", Factor)
async def test_a_reset_does_not_get_past_the_second_factor(app: MemoryApp, factor: Factor) -> None:
    account = await a_member_with_two_factor(app)
    authenticator = await an_app(app, account) if factor is Factor.TOTP else None

    await reset(app, await a_link(app))
    pending = await log_in(app, ANOTHER)

    assert pending.pending_factor is factor
    assert await seen(app, pending) is None
    code = authenticator.shows() if authenticator else app.code_for(EMAIL)
    assert await seen(app, await finish(app, pending, code))


async def test_a_log_in_that_waits_for_its_code_ends_with_the_reset(app: MemoryApp) -> None:
    await a_member_with_two_factor(app)
    pending = await waiting(app, await log_in(app))
    code = app.code_for(EMAIL)

    await reset(app, await a_link(app))

    with pytest.raises(Conflict):
        await finish(app, pending, code)


async def test_a_reset_is_announced_by_mail(app: MemoryApp, member: Account) -> None:
    await reset(app, await a_link(app))

    assert app.mailer.to(EMAIL)[-1].subject == "Your password was changed"


async def test_a_valid_token_with_the_id_of_another_account_is_refused(
    app: MemoryApp, member: Account
) -> None:
    other = await a_member(app, "gita@example.com")
    mine, theirs = await a_link(app), await a_link(app, other.email)
    token = mine.partition(".")[2]

    for link in (f"{other.id}.{token}", token, f".{token}", f"{member.id}.", member.id, ""):
        with pytest.raises(WrongLink):
            await reset(app, link)

    assert (await reset(app, theirs)).id == other.id


@pytest.mark.parametrize("tail", ["\ud800", "\0", "ü", "x" * 10_000])
async def test_a_garbled_link_is_a_wrong_link(app: MemoryApp, member: Account, tail: str) -> None:
    link = await a_link(app)

    for garbled in (link + tail, f"{member.id}.{tail}", f"{tail}.x"):
        with pytest.raises(WrongLink):
            await reset(app, garbled)


async def test_a_suspended_user_cannot_set_a_password(app: MemoryApp, member: Account) -> None:
    link = await a_link(app)
    await app.store.repositories.accounts.save(
        (await account_of(app, member.id)).suspend(now=app.clock.now())
    )

    with pytest.raises(WrongLink):
        await reset(app, link)


async def test_the_token_of_a_link_is_kept_nowhere() -> None:
    app, store = an_app_that_can_be_killed()
    await a_member(app)
    await app.services.passwords.request_reset(email=EMAIL, caller=CALLER)
    before = store.text()
    await app.run()
    sent = store.text()

    link = newest_link(app)
    await reset(app, link)

    token = link.partition(".")[2]
    assert len(token) == 64, "256 bits"
    for rows in (before, sent, store.text()):
        assert token not in rows


@pytest.mark.parametrize("killed_at", ["before", "after"])
async def test_a_process_killed_at_a_reset_leaves_the_old_password_or_the_new(
    killed_at: str,
) -> None:
    app, store = an_app_that_can_be_killed()
    await a_member(app)
    link = await a_link(app)

    store.killed_at = killed_at
    with pytest.raises(Killed):
        await reset(app, link)

    if killed_at == "before":
        assert await seen(app, await log_in(app))
        assert await reset(app, link)
    else:
        with pytest.raises(WrongLink):
            await reset(app, link)
    assert await seen(app, await log_in(app, ANOTHER))


async def test_a_reset_ends_the_lockout_of_an_account_under_attack(
    app: MemoryApp, member: Account
) -> None:
    for number in range(10):
        with pytest.raises(WrongPassword):
            await log_in(app, "not the password", address=f"203.0.{number}.1")

    await reset(app, await a_link(app))

    assert await seen(app, await log_in(app, ANOTHER, address="198.51.100.1"))
