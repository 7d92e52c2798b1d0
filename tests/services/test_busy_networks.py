"""A network with many wrong passwords: others behind it get in, and nobody learns more there."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from core.accounts import (
    Account,
    EmailUnverified,
    MailboxCodeNeeded,
    Role,
)
from core.accounts_messages import SendMailboxCode
from core.accounts_policy import AccountPolicy
from core.codes import WrongCode
from core.errors import Invalid, OneHourError
from core.factors import Factor
from core.policy import DAY, HOUR, MINUTE, Policies
from core.sessions import Caller
from services.accounts.sessions import SignedIn
from services.accounts.tokens import OtpNeeded, Tokens
from tests.app import PASSWORD, MemoryApp
from tests.services.members import EMAIL, SECOND, a_member, an_app, register, seen, session_of

OFFICE = "203.0.113.7"
HOME = "198.51.100.1"


async def log_in(
    app: MemoryApp, email: str = EMAIL, password: str = PASSWORD, *, code: str = "",
    address: str = OFFICE, visit: str = "visit", **more: str,
) -> SignedIn:  # fmt: skip
    try:
        return await app.services.sessions.log_in(
            email=email, password=password, code=code, caller=Caller(visit, address, **more)
        )
    finally:
        await app.run()


async def answer(app: MemoryApp, email: str, password: str, **how: str) -> str:
    """What somebody learns: the error and its message."""
    try:
        signed_in = await log_in(app, email, password, **how)
    except OneHourError as error:
        return f"{error.code}: {error.message}"
    return f"signed in, {signed_in.pending_factor}"


async def make_busy(app: MemoryApp, network: str = OFFICE) -> None:
    for n in range(10):
        assert "wrong_password" in await answer(app, f"g{n}@example.com", "x", address=network)


@pytest.fixture
async def member(app: MemoryApp) -> Account:
    return await a_member(app)


async def test_one_persons_ten_wrong_passwords_do_not_concern_others_behind_the_address(
    app: MemoryApp, member: Account
) -> None:
    await a_member(app, "forgetful@example.com")
    for _ in range(10):
        assert "wrong_password" in await answer(app, "forgetful@example.com", "x")

    assert "too_many_tries" in await answer(app, "forgetful@example.com", PASSWORD)
    assert (await log_in(app)).account.id == member.id


async def test_in_a_busy_network_a_code_from_the_mailbox_and_the_password_sign_in(
    app: MemoryApp, member: Account
) -> None:
    await make_busy(app)
    with pytest.raises(MailboxCodeNeeded):
        await log_in(app)

    signed_in = await log_in(app, code=app.code_for(EMAIL))

    session = await session_of(app, signed_in)
    assert signed_in.pending_factor is None
    assert session.verified_at == app.clock.now(), "a code was entered"
    assert signed_in.device_token
    assert (await log_in(app, device_token=signed_in.device_token)).account.id == member.id


async def test_right_and_wrong_passwords_and_unknown_addresses_get_the_same_answers(
    app: MemoryApp, member: Account
) -> None:
    await make_busy(app)
    guesses = ((EMAIL, PASSWORD), (EMAIL, "wrong"), ("nobody@example.com", PASSWORD))

    first = {await answer(app, email, password) for email, password in guesses}
    coded = {await answer(app, e, p, code="000000", visit="evil") for e, p in guesses}

    assert len(first) == len(coded) == 1, (first, coded)
    assert "mailbox_code_required" in first.pop()
    assert "wrong_code" in coded.pop()


async def test_without_the_mailbox_no_password_is_compared_in_a_busy_network(
    app: MemoryApp, member: Account
) -> None:
    """So guesses cost the server little, and count against nobody."""
    await make_busy(app)
    compared = 0

    class Counting(type(app.services.password_checks.passwords)):  # type: ignore[misc]
        async def matches(self, password: str, hashed: str | None) -> bool:
            nonlocal compared
            compared += 1
            return await super().matches(password, hashed)  # type: ignore[no-any-return]

    checks = replace(app.services.password_checks, passwords=Counting())
    app.services = replace(
        app.services, sessions=replace(app.services.sessions, password_checks=checks)
    )
    for n in range(50):
        await answer(app, EMAIL, PASSWORD if n % 2 else "wrong", code="000000" if n % 3 else "")

    assert compared == 0
    assert (await log_in(app, address=HOME)).account.id == member.id
    assert compared == 1


async def test_a_mailbox_code_works_in_its_own_browser_five_times_and_ten_minutes_and_once(
    app: MemoryApp, member: Account
) -> None:
    await make_busy(app)
    for life, tries in ((True, 0), (False, 0), (True, 5)):
        await app.pass_time(2 * MINUTE)
        await make_busy_again(app)
        with pytest.raises(MailboxCodeNeeded):
            await log_in(app)
        code = app.code_for(EMAIL)
        with pytest.raises(WrongCode):
            await log_in(app, code=code, visit="another browser")
        for n in range(tries):
            with pytest.raises(WrongCode):
                await log_in(app, code=f"{(int(code) + 1 + n) % 10**6:06d}")
        if not life:
            await app.pass_time(10 * MINUTE)
            await make_busy_again(app)
        if life and not tries:
            await log_in(app, code=code)
        with pytest.raises(WrongCode):
            await log_in(app, code=code)


def key_of(address: str) -> str:
    return f"login-from:{Caller('', address).source}"


async def make_busy_again(app: MemoryApp) -> None:
    now, throttles = app.clock.now(), app.store.repositories.throttles
    for _ in range(10):
        await throttles.increment(key_of(OFFICE), window=5 * MINUTE, now=now)


async def test_a_wrong_password_with_the_code_counts_for_the_account_as_always(
    app: MemoryApp, member: Account
) -> None:
    await make_busy(app)
    answers = []
    for _ in range(2):
        assert "mailbox_code_required" in await answer(app, EMAIL, "wrong")
        code = app.code_for(EMAIL)
        answers += [await answer(app, EMAIL, "wrong", code=code) for _ in range(5)]
        await app.pass_time(MINUTE)

    assert [text.partition(":")[0] for text in answers] == ["wrong_password"] * 10
    assert "too_many_tries" in await answer(app, EMAIL, PASSWORD)


async def test_an_authenticator_app_is_asked_for_after_the_mailbox(app: MemoryApp) -> None:
    lucia = await a_member(app, "lucia@example.com", role=Role.DEVELOPER)
    authenticator = await an_app(app, lucia)
    await make_busy(app)
    assert "mailbox_code_required" in await answer(app, lucia.email, PASSWORD)

    pending = await log_in(app, lucia.email, code=app.code_for(lucia.email))

    assert pending.pending_factor is Factor.TOTP
    found = await app.services.sessions.authenticate(pending.token)
    assert found
    await app.pass_time(MINUTE)
    done = await app.services.sessions.verify(
        found[1], code=authenticator.shows(), caller=Caller("visit", OFFICE)
    )
    assert await seen(app, done)


async def test_a_mailed_second_factor_is_not_asked_for_once_more(app: MemoryApp) -> None:
    lucia = await a_member(app, "lucia@example.com", role=Role.DEVELOPER)
    await make_busy(app)
    assert "mailbox_code_required" in await answer(app, lucia.email, PASSWORD)
    mails = len(app.mailer.to(lucia.email))

    signed_in = await log_in(app, lucia.email, code=app.code_for(lucia.email))

    assert (signed_in.pending_factor, len(app.mailer.to(lucia.email))) == (None, mails)
    assert await seen(app, signed_in)


async def test_a_program_in_a_busy_network_sends_the_code_along(app: MemoryApp) -> None:
    meera = await a_member(app)
    lucia = await a_member(app, "lucia@example.com", role=Role.DEVELOPER)
    await make_busy(app)

    for account in (meera, lucia):
        with pytest.raises(MailboxCodeNeeded):
            await issue(app, account)
        with pytest.raises(WrongCode):
            await issue(app, account, code="000000")
        assert await issue(app, account, code=app.code_for(account.email))


async def test_a_program_with_an_authenticator_app_sends_both_codes(app: MemoryApp) -> None:
    lucia = await a_member(app, "lucia@example.com", role=Role.DEVELOPER)
    authenticator = await an_app(app, lucia)
    await make_busy(app)
    with pytest.raises(MailboxCodeNeeded):
        await issue(app, lucia)
    code = app.code_for(lucia.email)
    with pytest.raises(OtpNeeded):
        await issue(app, lucia, code=code)

    await app.pass_time(MINUTE)
    assert await issue(app, lucia, code=code, otp=authenticator.shows())


async def issue(
    app: MemoryApp, account: Account, *, code: str = "", otp: str | None = None
) -> Tokens:
    try:
        return await app.services.tokens.issue(
            email=account.email, password=PASSWORD, otp=otp, code=code, caller=Caller("", OFFICE)
        )
    finally:
        await app.run()


async def test_an_address_that_is_not_confirmed_is_told_so_after_the_code(app: MemoryApp) -> None:
    await register(app)
    await make_busy(app)
    with pytest.raises(MailboxCodeNeeded):
        await log_in(app)

    with pytest.raises(EmailUnverified):
        await log_in(app, code=app.code_for(EMAIL))


async def test_a_malformed_code_is_named_before_anything_is_looked_up(app: MemoryApp) -> None:
    with pytest.raises(Invalid) as refused:
        await log_in(app, "nobody@example.com", code="12345")
    assert refused.value.fields == {"code": "The code has 6 digits. You entered 5."}


async def test_a_network_is_busy_for_five_minutes_then_for_twice_as_long(app: MemoryApp) -> None:
    await a_member(app)
    busy = []
    for _ in range(3):
        await make_busy(app)
        minutes = 0
        while "mailbox_code" in await answer(app, f"g{minutes}@example.com", "x"):
            await app.pass_time(MINUTE)
            minutes += 1
        busy.append(minutes)
        await app.store.repositories.throttles.clear(key_of(OFFICE))

    assert busy == [5, 10, 20]


async def test_codes_of_busy_networks_mail_one_mailbox_five_times_an_hour_at_most(
    app: MemoryApp, member: Account
) -> None:
    networks = [f"203.0.{n}.1" for n in range(12)]
    sent = len(app.mailer.to(EMAIL))
    for network in networks:
        now, key = app.clock.now(), key_of(network)
        for _ in range(10):
            await app.store.repositories.throttles.increment(key, window=HOUR, now=now)
        await answer(app, EMAIL, "wrong", address=network, visit=network)
        await app.pass_time(MINUTE)

    assert len(app.mailer.to(EMAIL)) - sent == 5


async def test_a_network_that_requests_too_many_codes_is_refused() -> None:
    app = MemoryApp(policies=Policies(AccountPolicy(registrations_per_hour=3)))
    await make_busy(app)

    answers = [await answer(app, f"a{n}@example.com", "x") for n in range(4)]

    assert ["mailbox_code" in text for text in answers] == [True, True, True, False]
    assert "too_many_tries" in answers[-1]


async def test_guesses_of_one_network_that_are_compared_have_these_bounds(app: MemoryApp) -> None:
    """docs/rules.md: 10 in five minutes at as many accounts, 31 at four; then none."""
    spread = [await answer(app, f"g{n}@example.com", "x") for n in range(40)]
    assert sum("wrong_password" in text for text in spread) == 10

    await app.pass_time(DAY)
    few = [await answer(app, f"few{k}@example.com", "x") for k in range(5) for _ in range(12)]
    assert sum("wrong_password" in text for text in few) == 31
    assert "mailbox_code" in few[-1]


async def test_guesses_at_once_from_one_network_are_ten(any_app: MemoryApp) -> None:
    app = any_app
    people = [await a_member(app, f"p{n}@example.com") for n in range(40)]

    answers = await asyncio.gather(*(answer(app, one.email, "x") for one in people))

    assert sum("wrong_password" in text for text in answers) <= 10
    assert all("signed in" not in text for text in answers)
    assert "mailbox_code" in await answer(app, people[0].email, PASSWORD)


async def test_a_late_or_repeated_message_sends_no_second_code(
    app: MemoryApp, member: Account
) -> None:
    sent, send = len(app.mailer.to(EMAIL)), app.services.password_checks.send_mailbox_code
    now = SendMailboxCode(EMAIL, "visit", app.clock.now())
    for payload in (now, now, replace(now, at=now.at - 10 * MINUTE, visit="other")):
        await send(payload)
    await app.run()
    app.clock.advance(SECOND)

    assert len(app.mailer.to(EMAIL)) == sent + 1


@pytest.mark.parametrize("email", ["nobody@example.com", "suspended@example.com"])
async def test_nobody_and_the_suspended_get_no_code(app: MemoryApp, email: str) -> None:
    admin, member = await app.admin(), await a_member(app, "suspended@example.com")
    await app.services.administration.change(member.id, by=admin, caller=Caller(), suspended=True)
    await app.run()
    sent = len(app.mailer.sent)
    await make_busy(app)

    assert "mailbox_code" in await answer(app, email, PASSWORD)
    assert len(app.mailer.sent) == sent
