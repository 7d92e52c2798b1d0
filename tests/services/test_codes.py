"""Mailed codes: six digits, for one purpose, once, for ten minutes and five attempts."""

from __future__ import annotations

import asyncio

import pytest

from core.accounts import TooManyAttempts
from core.accounts_policy import AccountPolicy
from core.codes import CodeTooSoon, WrongCode
from core.policy import DAY, HOUR, MINUTE
from core.sessions import Session
from services.accounts.tokens import OtpNeeded
from tests.app import CALLER, PASSWORD, MemoryApp
from tests.services.members import (
    ANOTHER,
    EMAIL,
    SECOND,
    Killed,
    a_member_with_two_factor,
    account_of,
    an_app_that_can_be_killed,
    browsers,
    enter,
    finish,
    log_in,
    register,
    seen,
    session_of,
    verify,
    waiting,
    wrong,
)

OTHER = "lucia@example.com"


async def test_the_right_password_alone_signs_nobody_in_and_the_code_does(
    app: MemoryApp,
) -> None:
    account = await a_member_with_two_factor(app)

    pending = await log_in(app)
    signed_in = await finish(app, pending, app.code_for(EMAIL))

    assert pending.device_token == ""
    assert await seen(app, pending) is None
    assert (await session_of(app, signed_in)).account_id == account.id


@pytest.mark.parametrize(
    ("zero", "between"),
    [
        ("０", "　"),
        ("०", " "),
        ("٠", "-"),
        ("۰", "\u00a0"),
        ("0", "."),
        ("0", "–"),
        ("0", "\u200b"),
    ],
)
async def test_a_mailed_code_is_read_in_any_script_and_with_separators(
    app: MemoryApp, zero: str, between: str
) -> None:
    await a_member_with_two_factor(app)
    pending = await log_in(app)
    typed = between.join(chr(ord(zero) + int(digit)) for digit in app.code_for(EMAIL))

    assert await seen(app, await finish(app, pending, f" {typed}\n"))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter the code."),
        (" \u200b", "Enter the code."),
        ("12345", "The code has 6 digits. You entered 5."),
        ("１２ ３４ ５６ ７", "The code has 6 digits. You entered 7."),
        ("12345a", "The code has 6 digits and nothing else."),
        ("12345²²", "The code has 6 digits. You entered 7."),
        ("a\ud800", "The code has 6 digits and nothing else."),
    ],
)
async def test_what_is_no_code_is_explained_and_uses_no_attempt(
    app: MemoryApp, typed: str, sentence: str
) -> None:
    await a_member_with_two_factor(app)
    pending = await log_in(app)

    for _ in range(10):
        with pytest.raises(WrongCode) as refused:
            await finish(app, pending, typed)
        assert refused.value.fields == {"code": sentence}

    assert await seen(app, await finish(app, pending, app.code_for(EMAIL)))


async def test_codes_are_six_digits_and_are_stored_nowhere_in_clear() -> None:
    app, store = an_app_that_can_be_killed()
    await a_member_with_two_factor(app)

    pending = await log_in(app)

    code = app.code_for(EMAIL)
    kept = await app.store.repositories.codes.find(f"log-in:{(await waiting(app, pending)).id}")
    assert kept
    assert len(code) == 6
    assert kept.expires_at == app.clock.now() + 10 * MINUTE
    assert len(kept.digest) == 64
    assert code not in store.text()


async def test_a_code_lasts_ten_minutes_and_so_does_the_session_that_waits_for_it(
    app: MemoryApp,
) -> None:
    await a_member_with_two_factor(app)
    late, in_time = await log_in(app), await log_in(app)
    code, session = app.code_for(EMAIL), await waiting(app, late)

    await app.pass_time(10 * MINUTE - SECOND)
    assert (await finish(app, in_time, code)).token
    await app.pass_time(SECOND)

    assert await app.services.sessions.authenticate(late.token) is None
    with pytest.raises(WrongCode):
        await finish(app, session, code)


async def test_a_code_works_once(app: MemoryApp) -> None:
    await register(app)
    code = app.code_for(EMAIL)
    await verify(app, code)
    with pytest.raises(WrongCode):
        await verify(app, code)


async def test_of_two_right_codes_at_once_one_makes_a_session(any_app: MemoryApp) -> None:
    app = any_app
    account = await a_member_with_two_factor(app)
    before = len(await browsers(app, account))
    session = await waiting(app, await log_in(app))
    code = app.code_for(EMAIL)

    answers = await asyncio.gather(
        *(finish(app, session, code) for _ in range(2)), return_exceptions=True
    )

    assert sorted(type(a).__name__ for a in answers) == ["SignedIn", "WrongCode"]
    assert len(await browsers(app, account)) == before + 1


async def test_of_a_hundred_guesses_at_once_five_are_looked_at(any_app: MemoryApp) -> None:
    app = any_app
    account = await a_member_with_two_factor(app)
    session = await waiting(app, await log_in(app))
    code = app.code_for(EMAIL)

    answers = await asyncio.gather(
        *(finish(app, session, wrong(code, n)) for n in range(1, 101)), return_exceptions=True
    )

    wrong_ones = f"codes-failed:{account.id}"
    counted = await app.store.repositories.throttles.counts([wrong_ones], now=app.clock.now())
    assert {type(answer) for answer in answers} == {WrongCode}
    assert counted == {wrong_ones: 5}
    with pytest.raises(WrongCode):
        await finish(app, session, code)


async def test_a_hundred_guesses_at_once_confirm_no_address(any_app: MemoryApp) -> None:
    app = any_app
    account = await register(app)
    code = app.code_for(EMAIL)

    answers = await asyncio.gather(
        *(verify(app, wrong(code, n)) for n in range(1, 101)), return_exceptions=True
    )

    kept = await app.store.repositories.codes.find(f"verify-email:{account.id}")
    assert {type(answer) for answer in answers} == {WrongCode}
    assert kept
    assert kept.tries_left == 0


async def test_after_five_wrong_attempts_even_the_right_code_is_wrong(app: MemoryApp) -> None:
    await register(app)
    code = app.code_for(EMAIL)
    for _ in range(5):
        with pytest.raises(WrongCode):
            await verify(app, wrong(code))
    with pytest.raises(WrongCode):
        await verify(app, code)


async def test_the_fifth_try_may_still_be_right(app: MemoryApp) -> None:
    await register(app)
    code = app.code_for(EMAIL)
    for _ in range(4):
        with pytest.raises(WrongCode):
            await verify(app, wrong(code))
    assert (await verify(app, code)).account.email_verified


@pytest.mark.parametrize(
    "guess", ["", "12345", "1234567", "12345a", "x" * 10_000, "\0" * 6, "½" * 6, "\ud800" * 6]
)
async def test_what_is_no_code_costs_no_try(app: MemoryApp, guess: str) -> None:
    account = await register(app)
    with pytest.raises(WrongCode):
        await verify(app, guess)
    kept = await app.store.repositories.codes.find(f"verify-email:{account.id}")
    assert kept
    assert kept.tries_left == 5


async def test_a_code_completes_only_the_log_in_it_was_mailed_for(app: MemoryApp) -> None:
    await a_member_with_two_factor(app)
    await a_member_with_two_factor(app, OTHER)
    first = await log_in(app)
    its_code = app.code_for(EMAIL)
    second = await log_in(app)
    others = await log_in(app, email=OTHER)

    for pending in (second, others):
        with pytest.raises(WrongCode):
            await finish(app, pending, its_code)

    assert (await finish(app, first, its_code)).account.email == EMAIL


async def test_a_code_for_one_purpose_is_refused_for_another(app: MemoryApp) -> None:
    account = await a_member_with_two_factor(app)
    session = await session_of(app, await enter(app))
    pending = await log_in(app)
    with pytest.raises(OtpNeeded):
        await issue(app, None)
    await app.run()
    for_programs = app.code_for(EMAIL)
    await app.services.sessions.request_step_up(account, session)
    await app.run()
    for_changes = app.code_for(EMAIL)

    for code in (for_programs, for_changes):
        with pytest.raises(WrongCode):
            await finish(app, pending, code)
    with pytest.raises(WrongCode):
        await issue(app, for_changes)
    with pytest.raises(WrongCode):
        await step_up(app, EMAIL, session, for_programs)


async def test_a_new_code_replaces_the_one_before_and_is_sent_after_a_minute_at_the_earliest(
    app: MemoryApp,
) -> None:
    await a_member_with_two_factor(app)
    pending = await waiting(app, await log_in(app))
    first, again = app.code_for(EMAIL), app.services.sessions.resend_code

    await app.pass_time(MINUTE - SECOND)
    with pytest.raises(CodeTooSoon):
        await again(pending)
    await app.pass_time(SECOND)
    await again(pending)
    await app.run()

    second = app.code_for(EMAIL)
    assert second != first
    with pytest.raises(WrongCode):
        await finish(app, pending, first)
    assert (await finish(app, pending, second)).token


async def test_another_code_for_an_address_replaces_the_first(app: MemoryApp) -> None:
    await register(app)
    first = app.code_for(EMAIL)
    again = app.services.accounts.resend_code

    await app.pass_time(MINUTE - SECOND)
    with pytest.raises(CodeTooSoon):
        await again(email=EMAIL, caller=CALLER)
    await app.pass_time(SECOND)
    await again(email=EMAIL, caller=CALLER)
    await app.run()

    second = app.code_for(EMAIL)
    assert second != first
    with pytest.raises(WrongCode):
        await verify(app, first)
    assert (await verify(app, second)).account.email_verified


async def test_five_codes_an_hour_and_no_more(app: MemoryApp) -> None:
    await register(app)
    for _ in range(4):
        await app.pass_time(MINUTE)
        await app.services.accounts.resend_code(email=EMAIL, caller=CALLER)
        await app.run()
    await app.pass_time(55 * MINUTE)
    with pytest.raises(CodeTooSoon):
        await app.services.accounts.resend_code(email=EMAIL, caller=CALLER)
    await app.pass_time(MINUTE)
    await app.services.accounts.resend_code(email=EMAIL, caller=CALLER)
    await app.run()
    assert len(app.mailer.to(EMAIL)) == 6


async def test_somebody_with_the_password_gets_five_codes_mailed_an_hour(
    app: MemoryApp,
) -> None:
    await a_member_with_two_factor(app)
    mails = len(app.mailer.to(EMAIL))
    for _ in range(5):
        await log_in(app)

    with pytest.raises(CodeTooSoon):
        await log_in(app)

    assert len(app.mailer.to(EMAIL)) == mails + 5
    await app.pass_time(HOUR)
    assert (await log_in(app)).pending_factor


async def test_codes_that_were_entered_use_up_no_hours_worth(app: MemoryApp) -> None:
    await a_member_with_two_factor(app)

    sessions = [await enter(app) for _ in range(8)]

    assert all([await seen(app, one) for one in sessions])


async def twenty_wrong_codes(app: MemoryApp) -> None:
    for _ in range(4):
        pending = await waiting(app, await log_in(app))
        code = app.code_for(EMAIL)
        for _ in range(5):
            with pytest.raises(WrongCode):
                await finish(app, pending, wrong(code))


async def test_twenty_wrong_codes_lock_the_account_until_a_new_password_or_the_next_day(
    app: MemoryApp,
) -> None:
    account = await a_member_with_two_factor(app)
    await twenty_wrong_codes(app)
    pending = await log_in(app)

    with pytest.raises(TooManyAttempts, match="Set a new password"):
        await finish(app, pending, app.code_for(EMAIL))

    await app.pass_time(HOUR)
    await app.services.passwords.request_reset(email=EMAIL, caller=CALLER)
    await app.run()
    link = app.mailer.to(EMAIL)[-1].text.split("/reset/")[1].split()[0]
    await app.services.passwords.reset(link, password=ANOTHER, caller=CALLER)
    signed_in = await enter(app, password=ANOTHER)
    assert (await session_of(app, signed_in)).account_id == account.id


async def test_the_next_day_counts_from_zero(app: MemoryApp) -> None:
    await a_member_with_two_factor(app)
    await twenty_wrong_codes(app)

    await app.pass_time(DAY)

    assert await seen(app, await enter(app))


async def test_right_codes_do_not_count_among_the_twenty(app: MemoryApp) -> None:
    await a_member_with_two_factor(app)

    for _ in range(25):
        assert await seen(app, await enter(app))


async def test_a_code_confirms_the_session_it_was_asked_in_and_no_other(
    app: MemoryApp,
) -> None:
    account = await a_member_with_two_factor(app)
    laptop = await session_of(app, await enter(app))
    phone = await session_of(app, await enter(app))
    await app.pass_time(15 * MINUTE)
    await app.services.sessions.request_step_up(account, laptop)
    await app.run()
    code = app.code_for(EMAIL)

    with pytest.raises(WrongCode):
        await step_up(app, EMAIL, phone, code)
    await step_up(app, EMAIL, laptop, code)

    fresh = {
        s.id
        for s in await browsers(app, account)
        if s.recently_verified(now=app.clock.now(), policy=app.policies[AccountPolicy])
    }
    assert len(fresh) == 1
    assert phone.id not in fresh


async def test_a_code_is_fresh_for_a_quarter_of_an_hour(app: MemoryApp) -> None:
    await a_member_with_two_factor(app)
    signed_in = await enter(app)

    await app.pass_time(15 * MINUTE - SECOND)
    assert is_fresh(app, await session_of(app, signed_in))
    await app.pass_time(SECOND)
    assert not (await session_of(app, signed_in)).recently_verified(
        now=app.clock.now(), policy=app.policies[AccountPolicy]
    )


@pytest.mark.parametrize("killed_at", ["before", "after"])
async def test_a_process_killed_at_the_last_step_loses_nothing_and_signs_nobody_in(
    killed_at: str,
) -> None:
    app, store = an_app_that_can_be_killed()
    account = await a_member_with_two_factor(app)
    others = len(await browsers(app, account))
    pending = await waiting(app, await log_in(app))
    code = app.code_for(EMAIL)

    store.killed_at = killed_at
    with pytest.raises(Killed):
        await finish(app, pending, code)

    if killed_at == "before":  # the code is as good as it was
        assert len(await browsers(app, account)) == others
        assert (await finish(app, pending, code)).token
    else:  # its cookie was never seen, and the code is used up
        with pytest.raises(WrongCode):
            await finish(app, pending, code)
    assert len(await browsers(app, account)) == others + 1


async def issue(app: MemoryApp, otp: str | None) -> object:
    return await app.services.tokens.issue(email=EMAIL, password=PASSWORD, otp=otp, caller=CALLER)


async def step_up(app: MemoryApp, email: str, session: Session, code: str) -> None:
    account = await app.store.repositories.accounts.find_by_email(email)
    assert account
    current = await account_of(app, account.id)
    await app.services.sessions.step_up(current, session, code=code, caller=CALLER)


def is_fresh(app: MemoryApp, session: Session) -> bool:
    return session.recently_verified(now=app.clock.now(), policy=app.policies[AccountPolicy])
