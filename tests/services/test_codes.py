"""Mailed codes: six digits that open one door, once, for ten minutes and five tries."""

from __future__ import annotations

import asyncio

import pytest

from core.accounts import TooManyTries
from core.codes import CodeTooSoon, WrongCode
from core.policy import DAY, HOUR, MINUTE
from core.sessions import Session
from services.accounts.tokens import OtpNeeded
from tests.house import CALLER, PASSWORD, MemoryHouse
from tests.services.members import (
    ANOTHER,
    EMAIL,
    SECOND,
    Killed,
    a_guarded_member,
    a_mortal_house,
    account_of,
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


async def test_the_right_password_alone_opens_nothing_and_the_code_finishes_it(
    house: MemoryHouse,
) -> None:
    account = await a_guarded_member(house)

    pending = await log_in(house)
    signed_in = await finish(house, pending, house.code_for(EMAIL))

    assert pending.known == ""
    assert await seen(house, pending) is None
    assert (await session_of(house, signed_in)).account_id == account.id


async def test_codes_are_six_digits_and_leave_no_trace_in_the_books() -> None:
    house, store = a_mortal_house()
    await a_guarded_member(house)

    pending = await log_in(house)

    code = house.code_for(EMAIL)
    kept = await house.store.books.codes.find(f"log-in:{(await waiting(house, pending)).id}")
    assert kept
    assert len(code) == 6
    assert kept.expires_at == house.clock.now() + 10 * MINUTE
    assert len(kept.digest) == 64
    assert code not in store.text()


async def test_a_code_lasts_ten_minutes_and_so_does_the_session_that_waits_for_it(
    house: MemoryHouse,
) -> None:
    await a_guarded_member(house)
    late, in_time = await log_in(house), await log_in(house)
    code, session = house.code_for(EMAIL), await waiting(house, late)

    await house.pass_time(10 * MINUTE - SECOND)
    assert (await finish(house, in_time, code)).token
    await house.pass_time(SECOND)

    assert await house.services.sessions.viewer(late.token) is None
    with pytest.raises(WrongCode):
        await finish(house, session, code)


async def test_a_code_works_once(house: MemoryHouse) -> None:
    await register(house)
    code = house.code_for(EMAIL)
    await verify(house, code)
    with pytest.raises(WrongCode):
        await verify(house, code)


async def test_of_two_right_codes_at_once_one_makes_a_session(any_house: MemoryHouse) -> None:
    house = any_house
    account = await a_guarded_member(house)
    before = len(await browsers(house, account))
    session = await waiting(house, await log_in(house))
    code = house.code_for(EMAIL)

    answers = await asyncio.gather(
        *(finish(house, session, code) for _ in range(2)), return_exceptions=True
    )

    assert sorted(type(a).__name__ for a in answers) == ["SignedIn", "WrongCode"]
    assert len(await browsers(house, account)) == before + 1


async def test_of_a_hundred_guesses_at_once_five_are_looked_at(any_house: MemoryHouse) -> None:
    house = any_house
    account = await a_guarded_member(house)
    session = await waiting(house, await log_in(house))
    code = house.code_for(EMAIL)

    answers = await asyncio.gather(
        *(finish(house, session, wrong(code, n)) for n in range(1, 101)), return_exceptions=True
    )

    wrong_ones = f"codes-failed:{account.id}"
    counted = await house.store.books.throttles.counted([wrong_ones], now=house.clock.now())
    assert {type(answer) for answer in answers} == {WrongCode}
    assert counted == {wrong_ones: 5}
    with pytest.raises(WrongCode):
        await finish(house, session, code)


async def test_a_hundred_guesses_at_once_confirm_no_address(any_house: MemoryHouse) -> None:
    house = any_house
    account = await register(house)
    code = house.code_for(EMAIL)

    answers = await asyncio.gather(
        *(verify(house, wrong(code, n)) for n in range(1, 101)), return_exceptions=True
    )

    kept = await house.store.books.codes.find(f"verify-email:{account.id}")
    assert {type(answer) for answer in answers} == {WrongCode}
    assert kept
    assert kept.tries_left == 0


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


@pytest.mark.parametrize(
    "guess", ["", "12345", "1234567", "12345a", "x" * 10_000, "\0" * 6, "١٢٣٤٥٦", "\ud800" * 6]
)
async def test_what_is_no_code_costs_no_try(house: MemoryHouse, guess: str) -> None:
    account = await register(house)
    with pytest.raises(WrongCode):
        await verify(house, guess)
    kept = await house.store.books.codes.find(f"verify-email:{account.id}")
    assert kept
    assert kept.tries_left == 5


async def test_a_code_opens_only_the_log_in_it_was_mailed_for(house: MemoryHouse) -> None:
    await a_guarded_member(house)
    await a_guarded_member(house, OTHER)
    first = await log_in(house)
    its_code = house.code_for(EMAIL)
    second = await log_in(house)
    strangers = await log_in(house, email=OTHER)

    for pending in (second, strangers):
        with pytest.raises(WrongCode):
            await finish(house, pending, its_code)

    assert (await finish(house, first, its_code)).account.email == EMAIL


async def test_a_code_for_one_purpose_opens_no_other(house: MemoryHouse) -> None:
    account = await a_guarded_member(house)
    session = await session_of(house, await enter(house))
    pending = await log_in(house)
    with pytest.raises(OtpNeeded):
        await issue(house, None)
    await house.run()
    for_programs = house.code_for(EMAIL)
    await house.services.sessions.ask_step_up(account, session)
    await house.run()
    for_changes = house.code_for(EMAIL)

    for code in (for_programs, for_changes):
        with pytest.raises(WrongCode):
            await finish(house, pending, code)
    with pytest.raises(WrongCode):
        await issue(house, for_changes)
    with pytest.raises(WrongCode):
        await step_up(house, EMAIL, session, for_programs)


async def test_a_new_code_voids_the_one_before_and_comes_after_a_minute(
    house: MemoryHouse,
) -> None:
    await a_guarded_member(house)
    pending = await waiting(house, await log_in(house))
    first, again = house.code_for(EMAIL), house.services.sessions.send_code_again

    await house.pass_time(MINUTE - SECOND)
    with pytest.raises(CodeTooSoon):
        await again(pending)
    await house.pass_time(SECOND)
    await again(pending)
    await house.run()

    second = house.code_for(EMAIL)
    assert second != first
    with pytest.raises(WrongCode):
        await finish(house, pending, first)
    assert (await finish(house, pending, second)).token


async def test_another_code_for_an_address_replaces_the_first(house: MemoryHouse) -> None:
    await register(house)
    first = house.code_for(EMAIL)
    again = house.services.accounts.send_code_again

    await house.pass_time(MINUTE - SECOND)
    with pytest.raises(CodeTooSoon):
        await again(email=EMAIL, caller=CALLER)
    await house.pass_time(SECOND)
    await again(email=EMAIL, caller=CALLER)
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
        await house.services.accounts.send_code_again(email=EMAIL, caller=CALLER)
        await house.run()
    await house.pass_time(55 * MINUTE)
    with pytest.raises(CodeTooSoon):
        await house.services.accounts.send_code_again(email=EMAIL, caller=CALLER)
    await house.pass_time(MINUTE)
    await house.services.accounts.send_code_again(email=EMAIL, caller=CALLER)
    await house.run()
    assert len(house.mailer.to(EMAIL)) == 6


async def test_somebody_with_the_password_gets_five_codes_mailed_an_hour(
    house: MemoryHouse,
) -> None:
    await a_guarded_member(house)
    mails = len(house.mailer.to(EMAIL))
    for _ in range(5):
        await log_in(house)

    with pytest.raises(CodeTooSoon):
        await log_in(house)

    assert len(house.mailer.to(EMAIL)) == mails + 5
    await house.pass_time(HOUR)
    assert (await log_in(house)).wants


async def test_codes_that_were_entered_use_up_no_hours_worth(house: MemoryHouse) -> None:
    await a_guarded_member(house)

    sessions = [await enter(house) for _ in range(8)]

    assert all([await seen(house, one) for one in sessions])


async def twenty_wrong_codes(house: MemoryHouse) -> None:
    for _ in range(4):
        pending = await waiting(house, await log_in(house))
        code = house.code_for(EMAIL)
        for _ in range(5):
            with pytest.raises(WrongCode):
                await finish(house, pending, wrong(code))


async def test_twenty_wrong_codes_end_the_day_and_only_a_new_password_helps(
    house: MemoryHouse,
) -> None:
    account = await a_guarded_member(house)
    await twenty_wrong_codes(house)
    pending = await log_in(house)

    with pytest.raises(TooManyTries, match="Set a new password"):
        await finish(house, pending, house.code_for(EMAIL))

    await house.pass_time(HOUR)
    await house.services.passwords.forgot(email=EMAIL, caller=CALLER)
    await house.run()
    link = house.mailer.to(EMAIL)[-1].text.split("/reset/")[1].split()[0]
    await house.services.passwords.reset(link, password=ANOTHER, caller=CALLER)
    signed_in = await enter(house, password=ANOTHER)
    assert (await session_of(house, signed_in)).account_id == account.id


async def test_the_next_day_counts_anew(house: MemoryHouse) -> None:
    await a_guarded_member(house)
    await twenty_wrong_codes(house)

    await house.pass_time(DAY)

    assert await seen(house, await enter(house))


async def test_right_codes_do_not_count_among_the_twenty(house: MemoryHouse) -> None:
    await a_guarded_member(house)

    for _ in range(25):
        assert await seen(house, await enter(house))


async def test_a_code_confirms_the_session_it_was_asked_in_and_no_other(
    house: MemoryHouse,
) -> None:
    account = await a_guarded_member(house)
    laptop = await session_of(house, await enter(house))
    phone = await session_of(house, await enter(house))
    await house.pass_time(15 * MINUTE)
    await house.services.sessions.ask_step_up(account, laptop)
    await house.run()
    code = house.code_for(EMAIL)

    with pytest.raises(WrongCode):
        await step_up(house, EMAIL, phone, code)
    await step_up(house, EMAIL, laptop, code)

    fresh = {
        s.id
        for s in await browsers(house, account)
        if s.fresh(now=house.clock.now(), policy=house.policy)
    }
    assert len(fresh) == 1
    assert phone.id not in fresh


async def test_a_code_is_fresh_for_a_quarter_of_an_hour(house: MemoryHouse) -> None:
    await a_guarded_member(house)
    signed_in = await enter(house)

    await house.pass_time(15 * MINUTE - SECOND)
    assert is_fresh(house, await session_of(house, signed_in))
    await house.pass_time(SECOND)
    assert not (await session_of(house, signed_in)).fresh(
        now=house.clock.now(), policy=house.policy
    )


@pytest.mark.parametrize("dies", ["before", "after"])
async def test_a_process_that_dies_at_the_last_step_loses_nothing_and_opens_nothing(
    dies: str,
) -> None:
    house, store = a_mortal_house()
    account = await a_guarded_member(house)
    others = len(await browsers(house, account))
    pending = await waiting(house, await log_in(house))
    code = house.code_for(EMAIL)

    store.dies = dies
    with pytest.raises(Killed):
        await finish(house, pending, code)

    if dies == "before":  # the code is as good as it was
        assert len(await browsers(house, account)) == others
        assert (await finish(house, pending, code)).token
    else:  # its cookie was never seen, and the code is used up
        with pytest.raises(WrongCode):
            await finish(house, pending, code)
    assert len(await browsers(house, account)) == others + 1


async def issue(house: MemoryHouse, otp: str | None) -> object:
    return await house.services.tokens.issue(email=EMAIL, password=PASSWORD, otp=otp, caller=CALLER)


async def step_up(house: MemoryHouse, email: str, session: Session, code: str) -> None:
    account = await house.store.books.accounts.find_by_email(email)
    assert account
    current = await account_of(house, account.id)
    await house.services.sessions.step_up(current, session, code=code, caller=CALLER)


def is_fresh(house: MemoryHouse, session: Session) -> bool:
    return session.fresh(now=house.clock.now(), policy=house.policy)
