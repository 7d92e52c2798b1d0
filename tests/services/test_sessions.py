"""Sessions: how one begins, changes its cookie, and ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.memory.live import PublishedEvent
from core.accounts import Account, EmailUnverified, Role, Suspended, WrongPassword
from core.errors import Conflict, NotFound
from core.policy import DAY, HOUR, MINUTE
from core.sessions import Caller, Kind
from services.accounts.session_writer import session_id
from services.accounts.sessions import SignedIn
from tests.app import CALLER, PASSWORD, MemoryApp
from tests.services.members import (
    ANOTHER,
    EMAIL,
    SECOND,
    Killed,
    a_member,
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
)


@pytest.fixture
async def member(app: MemoryApp) -> Account:
    return await a_member(app)


async def test_the_code_from_the_mail_confirms_the_address_and_signs_in(
    app: MemoryApp,
) -> None:
    await register(app, email=" Meera@Example.com ")
    signed_in = await verify(app, f" {app.code_for(EMAIL)[:3]} {app.code_for(EMAIL)[3:]}")

    viewer = await app.services.sessions.authenticate(signed_in.token)
    assert viewer
    account, session = viewer
    assert (account.email, account.email_verified) == (EMAIL, True)
    assert session.id == session_id(signed_in.token) != signed_in.token
    assert await app.store.repositories.clients.find_by_account(account.id)


async def test_unknown_address_and_wrong_password_get_the_same_answer(
    app: MemoryApp, member: Account
) -> None:
    answers = []
    for email, password in ((EMAIL, "not the password"), ("nobody@example.com", PASSWORD)):
        with pytest.raises(WrongPassword) as refused:
            await log_in(app, password, email)
        answers.append((type(refused.value), refused.value.message))
    assert answers[0] == answers[1]


async def test_that_an_address_is_unconfirmed_is_said_only_after_the_right_password(
    app: MemoryApp,
) -> None:
    await register(app)
    with pytest.raises(EmailUnverified):
        await log_in(app)
    with pytest.raises(WrongPassword):
        await log_in(app, "not the password")


async def test_the_value_of_a_cookie_is_kept_nowhere() -> None:
    app, store = an_app_that_can_be_killed()
    await a_member_with_two_factor(app)
    pending = await log_in(app)
    signed_in = await finish(app, pending, app.code_for(EMAIL))
    await app.run()

    kept = store.text()
    assert session_id(signed_in.token) in kept
    for token in (pending.token, signed_in.token, signed_in.device_token):
        assert len(token) >= 43, "256 bits in base64"
        assert token not in kept


# A new cookie


async def test_every_log_in_gets_a_session_of_its_own(app: MemoryApp, member: Account) -> None:
    cookies = {(await log_in(app)).token for _ in range(3)}

    assert len(cookies) == 3
    assert all([await seen(app, cookie) for cookie in cookies])


async def test_the_cookie_changes_with_the_second_factor(app: MemoryApp) -> None:
    await a_member_with_two_factor(app)
    pending = await log_in(app)

    signed_in = await finish(app, pending, app.code_for(EMAIL))

    assert signed_in.token != pending.token
    assert await app.services.sessions.authenticate(pending.token) is None


async def test_the_cookie_changes_with_another_role(app: MemoryApp, member: Account) -> None:
    before = await log_in(app)
    session = await session_of(app, before)

    after = await app.services.accounts.add_role(
        member.id, Role.DEVELOPER, session=session, caller=CALLER
    )

    assert await seen(app, before) is None
    renewed = await session_of(app, after)
    assert after.account.roles == {Role.CLIENT, Role.DEVELOPER}
    assert renewed.csrf_seed == session.csrf_seed, "an open form still works"
    assert renewed.created_at == session.created_at, "and the absolute end stays"


async def test_the_cookie_changes_with_the_password(app: MemoryApp, member: Account) -> None:
    before = await log_in(app)

    after = await app.services.passwords.change(
        member, await session_of(app, before), current=PASSWORD, new=ANOTHER, caller=CALLER
    )

    assert await seen(app, before) is None
    assert await seen(app, after)


async def test_the_cookie_changes_with_the_address_and_both_addresses_get_a_mail(
    app: MemoryApp, member: Account
) -> None:
    here, there = await log_in(app), await log_in(app)
    session, accounts = await session_of(app, here), app.services.accounts
    await accounts.request_new_email(member.id, email="new@example.com", caller=CALLER)
    await app.run()

    after = await accounts.confirm_new_email(
        member.id, code=app.code_for("new@example.com"), session=session, caller=CALLER
    )
    await app.run()

    assert [await seen(app, each) for each in (here, there)] == [None, None]
    assert (await session_of(app, after)).account_id == member.id
    assert app.mailer.to(EMAIL)[-1].subject == "Your e-mail address was changed"
    assert app.mailer.to("new@example.com")[-1].subject == "Your e-mail address was changed"


async def test_a_session_that_was_ended_meanwhile_gets_no_new_cookie(
    app: MemoryApp, member: Account
) -> None:
    session = await session_of(app, await log_in(app))
    await app.services.sessions.log_out(session, CALLER)

    with pytest.raises(Conflict):
        await app.services.accounts.add_role(
            member.id, Role.DEVELOPER, session=session, caller=CALLER
        )

    assert session.id not in {one.id for one in await browsers(app, member)}
    assert (await account_of(app, member.id)).roles == {Role.CLIENT}


# The list


async def test_the_list_shows_each_device_its_network_and_when_it_was_there(
    app: MemoryApp,
) -> None:
    account = await a_member_with_two_factor(app)
    await app.services.sessions.end_others(account, (await browsers(app, account))[0], CALLER)
    first = (await browsers(app, account))[0]
    await app.pass_time(HOUR)
    pending = await log_in(app)
    phone = await app.services.sessions.verify(
        await waiting(app, pending),
        code=app.code_for(EMAIL),
        caller=Caller("visit", "2001:db8:1:2::7", "Safari on iPhone"),
    )
    await log_in(app)  # waits for its code: nobody is signed in there

    shown = await app.services.sessions.list_active(account)

    assert [(s.device, s.place, s.kind) for s in shown] == [
        ("Safari on iPhone", "2001:db8:1::/48", Kind.BROWSER),
        ("Firefox on Linux", "203.0.113.0/24", Kind.BROWSER),
    ]
    assert shown[0].id == session_id(phone.token)
    assert (shown[0].seen_at - first.seen_at) == HOUR


async def test_last_seen_follows_use_within_five_minutes(app: MemoryApp, member: Account) -> None:
    signed_in = await log_in(app)
    start = app.clock.now()

    await app.pass_time(5 * MINUTE)
    await seen(app, signed_in)
    assert (await session_of(app, signed_in)).seen_at == start
    await app.pass_time(SECOND)
    await seen(app, signed_in)
    assert (await session_of(app, signed_in)).seen_at == app.clock.now()


async def test_what_has_run_out_is_not_in_the_list(app: MemoryApp, member: Account) -> None:
    await app.pass_time(14 * DAY)

    assert await app.services.sessions.list_active(member) == []


# The end


async def test_logging_out_ends_this_session_alone(app: MemoryApp, member: Account) -> None:
    laptop, phone = await log_in(app), await log_in(app)
    await app.services.sessions.log_out(await session_of(app, laptop), CALLER)
    assert await seen(app, laptop) is None
    assert await seen(app, phone)
    assert await app.services.sessions.authenticate("made up") is None


async def test_one_session_is_ended_by_the_name_in_the_list(
    app: MemoryApp, member: Account
) -> None:
    laptop, phone = await log_in(app), await log_in(app)
    name = (await session_of(app, phone)).name

    await app.services.sessions.end(member.id, name, CALLER)

    assert await seen(app, phone) is None
    assert await seen(app, laptop)
    with pytest.raises(NotFound):
        await app.services.sessions.end(member.id, name, CALLER)


async def test_nobody_ends_a_session_of_somebody_else(app: MemoryApp, member: Account) -> None:
    other = await a_member(app, "gita@example.com")
    mine = await log_in(app)

    with pytest.raises(NotFound):
        await app.services.sessions.end(other.id, (await session_of(app, mine)).name, CALLER)

    assert await seen(app, mine)


async def test_every_other_session_is_ended_and_this_one_stays(
    app: MemoryApp, member: Account
) -> None:
    here, there = await log_in(app), await log_in(app)
    program = await app.services.tokens.issue(
        email=EMAIL, password=PASSWORD, otp=None, caller=CALLER
    )
    before = len(await app.services.sessions.list_active(member))

    ended = await app.services.sessions.end_others(member, await session_of(app, here), CALLER)

    assert ended == before - 1
    assert await seen(app, here)
    assert await seen(app, there) is None
    assert [one.id for one in await app.services.sessions.list_active(member)] == [
        session_id(here.token)
    ]
    with pytest.raises(Exception, match="no longer valid"):
        await app.services.tokens.refresh(program.refresh, caller=CALLER)


async def test_a_session_expires_after_fourteen_idle_days_or_thirty_days(
    app: MemoryApp, member: Account
) -> None:
    used, forgotten = await log_in(app), await log_in(app)
    for _ in range(3):
        app.clock.advance(9 * DAY)
        assert await seen(app, used)
    assert await seen(app, forgotten) is None
    app.clock.advance(3 * DAY - SECOND)
    assert await seen(app, used)
    app.clock.advance(SECOND)
    assert await seen(app, used) is None


@pytest.mark.parametrize(("every", "lives"), [(30 * MINUTE, timedelta()), (25 * MINUTE, 12 * HOUR)])
async def test_an_administrator_is_out_after_half_an_hour_idle_and_twelve_hours_at_all(
    app: MemoryApp, every: timedelta, lives: timedelta
) -> None:
    admin = await app.admin()
    signed_in = await enter(app, email=admin.email)
    start = app.clock.now()

    while True:
        app.clock.advance(every)
        if await seen(app, signed_in) is None:
            break

    passed = app.clock.now() - start
    assert max(lives, every) <= passed < max(lives, every) + every


async def test_a_new_administrator_is_signed_out_and_asked_for_a_factor(
    app: MemoryApp, member: Account
) -> None:
    admin, mine = await app.admin(), await log_in(app)

    await app.services.administration.change(
        member.id, by=admin, caller=CALLER, roles=frozenset({Role.ADMIN})
    )

    assert await seen(app, mine) is None
    assert (await log_in(app)).pending_factor


async def test_a_suspended_account_is_signed_out_everywhere_at_once_and_cannot_sign_in_again(
    app: MemoryApp, member: Account
) -> None:
    admin, here = await app.admin(), await log_in(app)
    program = await app.services.tokens.issue(
        email=EMAIL, password=PASSWORD, otp=None, caller=CALLER
    )

    await app.services.administration.change(member.id, by=admin, caller=CALLER, suspended=True)

    assert await seen(app, here) is None
    assert await app.store.repositories.sessions.of_account(member.id) == []
    for refused in (
        log_in(app),
        app.services.tokens.issue(email=EMAIL, password=PASSWORD, otp=None, caller=CALLER),
    ):
        with pytest.raises(Suspended):
            await refused
    with pytest.raises(Exception, match="no longer valid"):
        await app.services.tokens.refresh(program.refresh, caller=CALLER)


async def test_sessions_from_before_do_not_come_back_with_the_account(
    app: MemoryApp, member: Account
) -> None:
    admin, here = await app.admin(), await log_in(app)
    for suspended in (True, False):
        await app.services.administration.change(
            member.id, by=admin, caller=CALLER, suspended=suspended
        )

    assert await seen(app, here) is None
    assert await seen(app, await log_in(app))


# The sockets


async def ended_rooms(app: MemoryApp) -> set[str]:
    await app.run()
    ended = [one for one in app.live.published if one.event == "session:ended"]
    assert all(one == PublishedEvent(one.room, "session:ended", {}) for one in ended)
    app.live.published.clear()
    return {one.room for one in ended}


async def test_whatever_ends_a_session_closes_its_sockets_and_no_others(
    app: MemoryApp, member: Account
) -> None:
    sessions, admin = app.services.sessions, await app.admin()
    await ended_rooms(app)
    one, two, three, four, five = [await log_in(app) for _ in range(5)]

    await sessions.log_out(await session_of(app, one), CALLER)
    assert await ended_rooms(app) == {room(one)}
    await sessions.end(member.id, (await session_of(app, two)).name, CALLER)
    assert await ended_rooms(app) == {room(two)}
    renewed = await app.services.passwords.change(
        member, await session_of(app, three), current=PASSWORD, new=ANOTHER, caller=CALLER
    )
    ended = await ended_rooms(app)
    assert {room(four), room(five)} <= ended
    assert room(three) not in ended, "it goes on, renewed"
    await app.services.administration.change(member.id, by=admin, caller=CALLER, suspended=True)
    assert await ended_rooms(app) == {room(renewed)}


def room(signed_in: SignedIn) -> str:
    return f"session:{session_id(signed_in.token)}"


@pytest.mark.parametrize("killed_at", ["before", "after"])
async def test_a_process_killed_at_a_log_out_has_ended_the_session_or_not(killed_at: str) -> None:
    app, store = an_app_that_can_be_killed()
    await a_member(app)
    signed_in = await log_in(app)
    session = await session_of(app, signed_in)

    store.killed_at = killed_at
    with pytest.raises(Killed):
        await app.services.sessions.log_out(session, CALLER)

    assert (await seen(app, signed_in) is None) is (killed_at == "after")
    await app.services.sessions.log_out(session, CALLER)
    assert await seen(app, signed_in) is None
    assert room(signed_in) in await ended_rooms(app)
