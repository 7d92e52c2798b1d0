"""Guessing is slow, from one address and from many, and the owner can still sign in."""

from __future__ import annotations

import asyncio

import pytest

from core.accounts import Account, MailboxCodeNeeded, Role, TooManyAttempts, WrongPassword
from core.accounts_policy import AccountPolicy
from core.errors import Invalid, OneHourError
from core.factors import Factor
from core.policy import DAY, HOUR, MINUTE, Policies
from core.sessions import Caller
from services.accounts.rate_limits import LogInLimits
from services.accounts.sessions import SignedIn
from tests.app import CALLER, PASSWORD, MemoryApp
from tests.services.members import (
    ANOTHER,
    EMAIL,
    SECOND,
    a_member,
    a_member_with_two_factor,
    enter,
    log_in,
    register,
    seen,
    session_of,
)


@pytest.fixture
async def member(app: MemoryApp) -> Account:
    return await a_member(app)


async def guess(app: MemoryApp, address: str, **who: str) -> type[Exception] | None:
    """What a wrong password is answered with."""
    try:
        await log_in(app, "not the password", address=address, **who)
    except OneHourError as error:
        return type(error)
    return None


async def guess_until_locked(app: MemoryApp, *, since: int = 0, most: int = 50) -> int:
    """Guesses from new networks until the account is locked; returns how many were checked."""
    for number in range(most):
        if await guess(app, f"203.{since % 250}.{number}.1") is TooManyAttempts:
            return number
    return most


async def locked_for(app: MemoryApp, address: str = "198.51.100.1") -> int:
    """The minutes until the owner can log in again, in an unknown browser."""
    for minutes in range(24 * 60):
        try:
            await log_in(app, address=address)
        except TooManyAttempts:
            await app.pass_time(MINUTE)
        else:
            return minutes
    return 24 * 60


async def test_ten_wrong_passwords_lock_the_account_for_five_minutes(
    app: MemoryApp, member: Account
) -> None:
    for n in range(10):
        with pytest.raises(WrongPassword):
            await log_in(app, "not the password", address=f"203.0.113.{n}")
    with pytest.raises(TooManyAttempts):
        await log_in(app, address="198.51.100.1")

    app.clock.advance(5 * MINUTE - SECOND)
    with pytest.raises(TooManyAttempts):
        await log_in(app, address="198.51.100.1")
    app.clock.advance(SECOND)
    assert (await log_in(app, address="198.51.100.1")).account.email == EMAIL


async def test_an_ip_address_that_guesses_at_many_accounts_is_stopped_and_others_are_not(
    app: MemoryApp, member: Account
) -> None:
    for n in range(10):
        with pytest.raises(WrongPassword):
            await log_in(app, email=f"guess{n}@example.com", address="203.0.113.7")
    with pytest.raises(MailboxCodeNeeded):
        await log_in(app, address="203.0.113.7")
    assert (await log_in(app, address="198.51.100.1")).account.email == EMAIL


async def test_the_right_password_resets_the_count_of_wrong_ones(
    app: MemoryApp, member: Account
) -> None:
    for n in range(3):
        for k in range(9):
            with pytest.raises(WrongPassword):
                await log_in(app, "not the password", address=f"203.0.{n}.{k}")
        await log_in(app, address=f"198.51.100.{n}")


async def test_the_right_password_of_ones_own_account_does_not_reset_the_count_of_guesses_at_others(
    app: MemoryApp, member: Account
) -> None:
    await a_member(app, "thief@example.com")
    checked = 0
    for _ in range(20):
        guessed_at = f"guess{checked}@example.com"
        if await guess(app, "203.0.113.7", email=guessed_at) is not WrongPassword:
            break
        checked += 1
        if checked % 5 == 0 and checked < 10:
            await log_in(app, email="thief@example.com", address="203.0.113.7")

    assert checked == 10


async def test_an_unknown_address_is_locked_like_any_other(app: MemoryApp) -> None:
    answers = [await guess(app, f"203.0.113.{n}", email="nobody@example.com") for n in range(11)]

    assert answers == [WrongPassword] * 10 + [TooManyAttempts]


async def test_many_guesses_at_once_are_ten(any_app: MemoryApp) -> None:
    app = any_app
    await a_member(app)

    answers = await asyncio.gather(*(guess(app, f"203.0.{n}.1") for n in range(60)))

    assert set(answers) <= {WrongPassword, TooManyAttempts}
    assert answers.count(WrongPassword) <= 10
    with pytest.raises(TooManyAttempts):
        await log_in(app, address="198.51.100.1")


async def test_the_right_password_among_many_guesses_learns_nothing_after_the_tenth(
    app: MemoryApp, member: Account
) -> None:
    await guess_until_locked(app)

    answers = await asyncio.gather(
        *(log_in(app, address=f"198.51.{n}.1") for n in range(5)), return_exceptions=True
    )

    assert {type(answer) for answer in answers} == {TooManyAttempts}


async def test_each_lockout_lasts_twice_as_long_as_the_one_before_and_an_hour_at_most(
    app: MemoryApp, member: Account
) -> None:
    waited = []
    for turn in range(6):
        assert await guess_until_locked(app, since=turn) == 10
        locked = app.clock.now()
        while await guess(app, "192.0.2.1") is TooManyAttempts:
            await app.pass_time(MINUTE)
        waited.append((app.clock.now() - locked) // MINUTE)
        await app.store.repositories.throttles.clear(f"login:{EMAIL}", "login-from:192.0.2.1")

    assert waited == [5, 10, 20, 40, 60, 60]


async def test_a_flood_of_guesses_never_locks_for_more_than_an_hour(
    app: MemoryApp, member: Account
) -> None:
    """After attackers have guessed all day, the owner waits at most an hour."""
    for turn in range(3 * 24):
        await guess_until_locked(app, since=turn)
        await app.pass_time(20 * MINUTE)
    await guess_until_locked(app)

    assert await locked_for(app) <= 60


async def test_at_one_account_270_passwords_are_compared_in_a_day(
    app: MemoryApp, member: Account
) -> None:
    """docs/rules.md, log-ins: from any number of networks, as fast as lockouts allow."""
    compared, ends, turn = 0, app.clock.now() + DAY, 0
    while app.clock.now() < ends:
        compared += await guess_until_locked(app, since=turn)
        turn += 1
        while await is_locked(app) and app.clock.now() < ends:
            app.clock.advance(MINUTE)

    assert compared == 270


async def is_locked(app: MemoryApp) -> bool:
    try:
        await app.services.sessions.rate_limits.check(LogInLimits(f"login:{EMAIL}"))
    except TooManyAttempts:
        return True
    return False


async def test_after_a_day_without_guesses_a_lockout_lasts_five_minutes_again(
    app: MemoryApp, member: Account
) -> None:
    for turn in range(4):
        await guess_until_locked(app, since=turn)
        await app.pass_time(HOUR)
    await app.pass_time(DAY)

    await guess_until_locked(app, since=9)

    assert await locked_for(app) == 5


async def test_a_known_browser_can_sign_in_while_the_account_is_under_attack(
    app: MemoryApp, member: Account
) -> None:
    known = (await log_in(app)).device_token
    await guess_until_locked(app)
    with pytest.raises(TooManyAttempts):
        await log_in(app, address="198.51.100.1")

    signed_in = await log_in(app, address="198.51.100.1", device_token=known)

    assert await seen(app, signed_in)


async def test_a_known_browser_can_sign_in_from_a_network_that_is_locked(
    app: MemoryApp, member: Account
) -> None:
    known = (await log_in(app)).device_token
    for n in range(10):
        await guess(app, "203.0.113.7", email=f"guess{n}@example.com")

    assert await seen(app, await log_in(app, address="203.0.113.7", device_token=known))


async def test_a_known_browser_is_throttled_too(app: MemoryApp, member: Account) -> None:
    known = (await log_in(app)).device_token

    answers = [await guess(app, f"203.0.113.{n}", device_token=known) for n in range(11)]

    assert answers == [WrongPassword] * 10 + [TooManyAttempts]
    with pytest.raises(TooManyAttempts):
        await log_in(app, device_token=known)
    assert await seen(app, await log_in(app, address="198.51.100.1")), "its own rate limit only"


async def test_a_browser_is_known_for_one_account_and_its_mark_cannot_be_made_up(
    app: MemoryApp, member: Account
) -> None:
    await a_member(app, "thief@example.com")
    theirs = (await log_in(app, email="thief@example.com")).device_token
    nonce, _, seal = theirs.partition(".")

    made_up = (theirs, f"another.{seal}", f"{nonce}.", f".{seal}", f"{nonce}.{seal}x", "ü.ü", ".")
    answers = [
        await guess(app, f"203.0.{n}.1", device_token=mark) for n, mark in enumerate(made_up)
    ]
    answers += [await guess(app, f"203.1.{n}.1", device_token=theirs) for n in range(4)]

    assert answers == [WrongPassword] * 10 + [TooManyAttempts]


async def test_the_known_device_token_is_set_with_a_session_and_not_with_the_password_alone(
    app: MemoryApp,
) -> None:
    await a_member_with_two_factor(app)

    assert (await log_in(app)).device_token == ""
    assert (await enter(app)).device_token != ""


async def test_many_right_log_ins_at_once_cause_no_lockout(app: MemoryApp) -> None:
    """An office behind one address, all arriving at nine."""
    people = [await app.account(Role.CLIENT, f"Person{number}") for number in range(30)]

    signed_in: list[SignedIn] = await asyncio.gather(
        *(
            app.services.sessions.log_in(email=one.email, password=PASSWORD, caller=CALLER)
            for one in people
        )
    )

    assert [each.account.id for each in signed_in] == [one.id for one in people]


async def test_guesses_at_the_password_of_today_are_slowed_down_too(
    app: MemoryApp, member: Account
) -> None:
    session = await session_of(app, await log_in(app))
    change = app.services.passwords.change

    answers = []
    for current in ["not the password"] * 11 + [PASSWORD]:
        with pytest.raises(OneHourError) as refused:
            await change(member, session, current=current, new=ANOTHER, caller=CALLER)
        answers.append(type(refused.value))

    assert answers == [WrongPassword] * 10 + [TooManyAttempts] * 2


async def test_programs_and_browsers_share_the_rate_limit_of_an_account(
    app: MemoryApp, member: Account
) -> None:
    for n in range(10):
        with pytest.raises(WrongPassword):
            await app.services.tokens.issue(
                email=EMAIL, password="not it", otp=None, caller=Caller("", f"203.0.{n}.1")
            )

    with pytest.raises(TooManyAttempts):
        await log_in(app, address="198.51.100.1")


async def test_a_network_that_registers_one_account_after_the_other_is_stopped() -> None:
    app = MemoryApp(policies=Policies(AccountPolicy(registrations_per_hour=3)))
    for n in range(3):
        await register(app, f"new{n}@example.com")

    with pytest.raises(TooManyAttempts):
        await register(app, "one-too-many@example.com")

    assert await app.store.repositories.accounts.find_by_email("one-too-many@example.com") is None
    assert await register(app, caller=Caller("visit", "198.51.100.1"))
    await app.pass_time(HOUR)
    assert await register(app, "later@example.com")


async def test_what_cannot_be_taken_counts_as_no_registration() -> None:
    app = MemoryApp(policies=Policies(AccountPolicy(registrations_per_hour=1)))
    with pytest.raises(Invalid):
        await register(app, password="too short")

    assert await register(app)


async def test_a_network_asks_for_twenty_links_an_hour(app: MemoryApp) -> None:
    people = [await a_member(app, f"person{n}@example.com") for n in range(22)]
    mails = len(app.mailer.sent)

    for one in people:
        await app.services.passwords.request_reset(email=one.email, caller=CALLER)
    await app.run()

    assert len(app.mailer.sent) - mails == 20


async def test_the_activity_page_shows_a_lockout_to_the_owner(
    app: MemoryApp, member: Account
) -> None:
    await guess_until_locked(app)
    await app.run()

    lines = [entry async for entry in app.store.repositories.audit.chain(member.id)]
    assert [line.what for line in lines].count("sign_in_refused") == 1


async def test_a_flush_of_the_cache_ends_no_lockout(any_app: MemoryApp) -> None:
    """Counters are stored in the database alone: another process on it still has them."""
    app = any_app
    await a_member(app)
    await guess_until_locked(app)

    begun_anew = MemoryApp(clock=app.clock, store=app.store)

    with pytest.raises(TooManyAttempts):
        await log_in(begun_anew, address="198.51.100.1")


async def test_after_a_hundred_consecutive_wrong_passwords_the_right_one_needs_a_code_too(
    app: MemoryApp,
) -> None:
    """NIST SP 800-63B, reliability requirement 18: however slowly they are tried."""
    await a_member(app)
    for n in range(100):
        with pytest.raises(WrongPassword):
            await log_in(app, "not the password", address=f"203.0.{n}.7")
        app.clock.advance(HOUR)

    suspicious = await log_in(app, address="198.51.100.1")
    await app.run()
    assert suspicious.pending_factor is Factor.EMAIL
    found = await app.services.sessions.authenticate(suspicious.token)
    assert found
    await app.services.sessions.verify(found[1], code=app.code_for(EMAIL), caller=CALLER)

    assert (await log_in(app, address="198.51.100.1")).pending_factor is None


async def test_a_right_password_resets_the_consecutive_wrong_ones(app: MemoryApp) -> None:
    await a_member(app)
    for n in range(120):
        if n % 60 == 30:
            assert (await log_in(app, address="198.51.100.1")).pending_factor is None
        with pytest.raises(WrongPassword):
            await log_in(app, "not the password", address=f"203.0.{n}.7")
        app.clock.advance(HOUR)


async def test_wrong_passwords_from_a_known_browser_count_as_consecutive_too(
    app: MemoryApp,
) -> None:
    await a_member(app)
    known = (await log_in(app)).device_token

    for _ in range(3):
        with pytest.raises(WrongPassword):
            await app.services.sessions.log_in(
                email=EMAIL, password="not the password", caller=Caller("visit", device_token=known)
            )

    assert await app.services.sessions.rate_limits.consecutive_failures(EMAIL) == 3
