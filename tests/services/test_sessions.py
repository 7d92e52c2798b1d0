"""Signed in, here and elsewhere: how a session begins, changes its cookie, and ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.memory.live import Told
from core.accounts import Account, EmailUnverified, Role, Suspended, WrongPassword
from core.errors import Conflict, NotFound
from core.policy import DAY, HOUR, MINUTE
from core.sessions import Caller, Kind
from services.accounts.sessions import SignedIn
from services.accounts.signing import session_id
from tests.house import CALLER, PASSWORD, MemoryHouse
from tests.services.members import (
    ANOTHER,
    EMAIL,
    SECOND,
    Killed,
    a_guarded_member,
    a_member,
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
)


@pytest.fixture
async def member(house: MemoryHouse) -> Account:
    return await a_member(house)


async def test_the_code_from_the_mail_confirms_the_address_and_signs_in(
    house: MemoryHouse,
) -> None:
    await register(house, email=" Meera@Example.com ")
    signed_in = await verify(house, f" {house.code_for(EMAIL)[:3]} {house.code_for(EMAIL)[3:]}")

    viewer = await house.services.sessions.viewer(signed_in.token)
    assert viewer
    account, session = viewer
    assert (account.email, account.email_verified) == (EMAIL, True)
    assert session.id == session_id(signed_in.token) != signed_in.token
    assert await house.store.books.clients.find_by_account(account.id)


async def test_unknown_address_and_wrong_password_get_the_same_answer(
    house: MemoryHouse, member: Account
) -> None:
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


async def test_the_value_of_a_cookie_is_kept_nowhere() -> None:
    house, store = a_mortal_house()
    await a_guarded_member(house)
    pending = await log_in(house)
    signed_in = await finish(house, pending, house.code_for(EMAIL))
    await house.run()

    kept = store.text()
    assert session_id(signed_in.token) in kept
    for token in (pending.token, signed_in.token, signed_in.known):
        assert len(token) >= 43, "256 bits in base64"
        assert token not in kept


# A new cookie


async def test_every_log_in_gets_a_session_of_its_own(house: MemoryHouse, member: Account) -> None:
    cookies = {(await log_in(house)).token for _ in range(3)}

    assert len(cookies) == 3
    assert all([await seen(house, cookie) for cookie in cookies])


async def test_the_cookie_changes_with_the_second_factor(house: MemoryHouse) -> None:
    await a_guarded_member(house)
    pending = await log_in(house)

    signed_in = await finish(house, pending, house.code_for(EMAIL))

    assert signed_in.token != pending.token
    assert await house.services.sessions.viewer(pending.token) is None


async def test_the_cookie_changes_with_another_role(house: MemoryHouse, member: Account) -> None:
    before = await log_in(house)
    session = await session_of(house, before)

    after = await house.services.accounts.add_role(
        member.id, Role.DEVELOPER, session=session, caller=CALLER
    )

    assert await seen(house, before) is None
    renewed = await session_of(house, after)
    assert after.account.roles == {Role.CLIENT, Role.DEVELOPER}
    assert renewed.csrf_seed == session.csrf_seed, "an open form still works"
    assert renewed.created_at == session.created_at, "and the absolute end stays"


async def test_the_cookie_changes_with_the_password(house: MemoryHouse, member: Account) -> None:
    before = await log_in(house)

    after = await house.services.passwords.change(
        member, await session_of(house, before), current=PASSWORD, new=ANOTHER, caller=CALLER
    )

    assert await seen(house, before) is None
    assert await seen(house, after)


async def test_the_cookie_changes_with_the_address_and_both_are_told(
    house: MemoryHouse, member: Account
) -> None:
    here, there = await log_in(house), await log_in(house)
    session, accounts = await session_of(house, here), house.services.accounts
    await accounts.ask_new_email(member.id, email="new@example.com", caller=CALLER)
    await house.run()

    after = await accounts.confirm_new_email(
        member.id, code=house.code_for("new@example.com"), session=session, caller=CALLER
    )
    await house.run()

    assert [await seen(house, each) for each in (here, there)] == [None, None]
    assert (await session_of(house, after)).account_id == member.id
    assert house.mailer.to(EMAIL)[-1].subject == "Your e-mail address was changed"
    assert house.mailer.to("new@example.com")[-1].subject == "Your e-mail address was changed"


async def test_a_session_that_was_ended_meanwhile_gets_no_new_cookie(
    house: MemoryHouse, member: Account
) -> None:
    session = await session_of(house, await log_in(house))
    await house.services.sessions.log_out(session, CALLER)

    with pytest.raises(Conflict):
        await house.services.accounts.add_role(
            member.id, Role.DEVELOPER, session=session, caller=CALLER
        )

    assert session.id not in {one.id for one in await browsers(house, member)}
    assert (await account_of(house, member.id)).roles == {Role.CLIENT}


# The list


async def test_the_list_shows_each_device_its_network_and_when_it_was_there(
    house: MemoryHouse,
) -> None:
    account = await a_guarded_member(house)
    await house.services.sessions.end_others(account, (await browsers(house, account))[0], CALLER)
    first = (await browsers(house, account))[0]
    await house.pass_time(HOUR)
    pending = await log_in(house)
    phone = await house.services.sessions.verify(
        await waiting(house, pending),
        code=house.code_for(EMAIL),
        caller=Caller("visit", "2001:db8:1:2::7", "Safari on iPhone"),
    )
    await log_in(house)  # waits for its code: nobody is signed in there

    shown = await house.services.sessions.of(account)

    assert [(s.device, s.place, s.kind) for s in shown] == [
        ("Safari on iPhone", "2001:db8:1::/48", Kind.BROWSER),
        ("Firefox on Linux", "203.0.113.0/24", Kind.BROWSER),
    ]
    assert shown[0].id == session_id(phone.token)
    assert (shown[0].seen_at - first.seen_at) == HOUR


async def test_last_seen_follows_use_within_five_minutes(
    house: MemoryHouse, member: Account
) -> None:
    signed_in = await log_in(house)
    start = house.clock.now()

    await house.pass_time(5 * MINUTE)
    await seen(house, signed_in)
    assert (await session_of(house, signed_in)).seen_at == start
    await house.pass_time(SECOND)
    await seen(house, signed_in)
    assert (await session_of(house, signed_in)).seen_at == house.clock.now()


async def test_what_has_run_out_is_not_in_the_list(house: MemoryHouse, member: Account) -> None:
    await house.pass_time(14 * DAY)

    assert await house.services.sessions.of(member) == []


# The end


async def test_logging_out_ends_this_session_alone(house: MemoryHouse, member: Account) -> None:
    laptop, phone = await log_in(house), await log_in(house)
    await house.services.sessions.log_out(await session_of(house, laptop), CALLER)
    assert await seen(house, laptop) is None
    assert await seen(house, phone)
    assert await house.services.sessions.viewer("made up") is None


async def test_one_session_is_ended_by_the_name_in_the_list(
    house: MemoryHouse, member: Account
) -> None:
    laptop, phone = await log_in(house), await log_in(house)
    name = (await session_of(house, phone)).name

    await house.services.sessions.end(member.id, name, CALLER)

    assert await seen(house, phone) is None
    assert await seen(house, laptop)
    with pytest.raises(NotFound):
        await house.services.sessions.end(member.id, name, CALLER)


async def test_nobody_ends_a_session_of_somebody_else(house: MemoryHouse, member: Account) -> None:
    stranger = await a_member(house, "gita@example.com")
    mine = await log_in(house)

    with pytest.raises(NotFound):
        await house.services.sessions.end(stranger.id, (await session_of(house, mine)).name, CALLER)

    assert await seen(house, mine)


async def test_every_other_session_is_ended_and_this_one_stays(
    house: MemoryHouse, member: Account
) -> None:
    here, there = await log_in(house), await log_in(house)
    program = await house.services.tokens.issue(
        email=EMAIL, password=PASSWORD, otp=None, caller=CALLER
    )
    before = len(await house.services.sessions.of(member))

    ended = await house.services.sessions.end_others(member, await session_of(house, here), CALLER)

    assert ended == before - 1
    assert await seen(house, here)
    assert await seen(house, there) is None
    assert [one.id for one in await house.services.sessions.of(member)] == [session_id(here.token)]
    with pytest.raises(Exception, match="not valid"):
        await house.services.tokens.refresh(program.refresh, caller=CALLER)


async def test_a_session_sleeps_fourteen_days_and_lives_thirty(
    house: MemoryHouse, member: Account
) -> None:
    used, forgotten = await log_in(house), await log_in(house)
    for _ in range(3):
        house.clock.advance(9 * DAY)
        assert await seen(house, used)
    assert await seen(house, forgotten) is None
    house.clock.advance(3 * DAY - SECOND)
    assert await seen(house, used)
    house.clock.advance(SECOND)
    assert await seen(house, used) is None


@pytest.mark.parametrize(("every", "lives"), [(30 * MINUTE, timedelta()), (25 * MINUTE, 12 * HOUR)])
async def test_an_administrator_is_out_after_half_an_hour_idle_and_twelve_hours_at_all(
    house: MemoryHouse, every: timedelta, lives: timedelta
) -> None:
    admin = await house.admin()
    signed_in = await enter(house, email=admin.email)
    start = house.clock.now()

    while True:
        house.clock.advance(every)
        if await seen(house, signed_in) is None:
            break

    passed = house.clock.now() - start
    assert max(lives, every) <= passed < max(lives, every) + every


async def test_who_becomes_an_administrator_is_signed_out_and_asked_for_a_factor(
    house: MemoryHouse, member: Account
) -> None:
    admin, mine = await house.admin(), await log_in(house)

    await house.services.administration.change(
        member.id, by=admin, caller=CALLER, roles=frozenset({Role.ADMIN})
    )

    assert await seen(house, mine) is None
    assert (await log_in(house)).wants


async def test_who_is_suspended_is_out_at_once_everywhere_and_not_let_in_again(
    house: MemoryHouse, member: Account
) -> None:
    admin, here = await house.admin(), await log_in(house)
    program = await house.services.tokens.issue(
        email=EMAIL, password=PASSWORD, otp=None, caller=CALLER
    )

    await house.services.administration.change(member.id, by=admin, caller=CALLER, suspended=True)

    assert await seen(house, here) is None
    assert await house.store.books.sessions.of_account(member.id) == []
    for refused in (
        log_in(house),
        house.services.tokens.issue(email=EMAIL, password=PASSWORD, otp=None, caller=CALLER),
    ):
        with pytest.raises(Suspended):
            await refused
    with pytest.raises(Exception, match="not valid"):
        await house.services.tokens.refresh(program.refresh, caller=CALLER)


async def test_sessions_from_before_do_not_come_back_with_the_account(
    house: MemoryHouse, member: Account
) -> None:
    admin, here = await house.admin(), await log_in(house)
    for suspended in (True, False):
        await house.services.administration.change(
            member.id, by=admin, caller=CALLER, suspended=suspended
        )

    assert await seen(house, here) is None
    assert await seen(house, await log_in(house))


# The sockets


async def ended_rooms(house: MemoryHouse) -> set[str]:
    await house.run()
    told = [one for one in house.live.told if one.event == "session:ended"]
    assert all(one == Told(one.room, "session:ended", {}) for one in told)
    house.live.told.clear()
    return {one.room for one in told}


async def test_whatever_ends_a_session_tells_its_sockets_and_no_others(
    house: MemoryHouse, member: Account
) -> None:
    sessions, admin = house.services.sessions, await house.admin()
    await ended_rooms(house)
    one, two, three, four, five = [await log_in(house) for _ in range(5)]

    await sessions.log_out(await session_of(house, one), CALLER)
    assert await ended_rooms(house) == {room(one)}
    await sessions.end(member.id, (await session_of(house, two)).name, CALLER)
    assert await ended_rooms(house) == {room(two)}
    renewed = await house.services.passwords.change(
        member, await session_of(house, three), current=PASSWORD, new=ANOTHER, caller=CALLER
    )
    ended = await ended_rooms(house)
    assert {room(four), room(five)} <= ended
    assert room(three) not in ended, "it goes on, renewed"
    await house.services.administration.change(member.id, by=admin, caller=CALLER, suspended=True)
    assert await ended_rooms(house) == {room(renewed)}


def room(signed_in: SignedIn) -> str:
    return f"session:{session_id(signed_in.token)}"


@pytest.mark.parametrize("dies", ["before", "after"])
async def test_a_process_that_dies_at_a_log_out_has_ended_it_or_not(dies: str) -> None:
    house, store = a_mortal_house()
    await a_member(house)
    signed_in = await log_in(house)
    session = await session_of(house, signed_in)

    store.dies = dies
    with pytest.raises(Killed):
        await house.services.sessions.log_out(session, CALLER)

    assert (await seen(house, signed_in) is None) is (dies == "after")
    await house.services.sessions.log_out(session, CALLER)
    assert await seen(house, signed_in) is None
    assert room(signed_in) in await ended_rooms(house)
