"""Sessions that a process knows are still authorised by what is stored, at each use."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.accounts import Account
from core.policy import MINUTE
from core.sessions import Session
from services.accounts import KnownSessions
from services.accounts.sessions import LAST_SEEN_PRECISION
from tests.app import CALLER, MemoryApp
from tests.services.members import a_member, account_of, enter, session_of


@pytest.fixture
async def member(app: MemoryApp) -> Account:
    return await a_member(app)


@pytest.fixture
async def session(app: MemoryApp, member: Account) -> Session:
    return await session_of(app, await enter(app))


@pytest.fixture
async def known(app: MemoryApp, session: Session) -> KnownSessions:
    """They know the session."""
    sessions = KnownSessions(app.services.sessions)
    assert session.id in await sessions.resume_each([session.id, "of nobody"])
    return sessions


async def test_a_session_that_ends_is_unknown_at_the_next_use(
    app: MemoryApp, session: Session, known: KnownSessions
) -> None:
    assert session.id in await known.resume_each([session.id])

    await app.services.sessions.log_out(session, CALLER)

    assert await known.resume_each([session.id]) == {}
    assert await known.resume_each([session.id]) == {}


async def test_a_suspended_account_has_no_session_at_the_next_use(
    app: MemoryApp, session: Session, known: KnownSessions
) -> None:
    account = await account_of(app, session.account_id)
    await app.store.repositories.accounts.save(replace(account, suspended_at=app.clock.now()))

    assert await known.resume_each([session.id]) == {}


async def test_a_change_of_the_account_is_there_at_the_next_use(
    app: MemoryApp, session: Session, known: KnownSessions
) -> None:
    account = await account_of(app, session.account_id)
    for name in ("Meera K", "Meera Krishnan"):
        account = await app.store.repositories.accounts.save(replace(account, name=name))

        found = await known.resume_each([session.id])

        assert found[session.id][0] == account


async def test_a_session_ends_with_its_time_also_when_nothing_is_stored(
    app: MemoryApp, session: Session, known: KnownSessions
) -> None:
    app.clock.advance(app.services.sessions.policy.session_idle)

    assert await known.resume_each([session.id]) == {}


async def test_a_session_in_use_does_not_become_idle(
    app: MemoryApp, session: Session, known: KnownSessions
) -> None:
    for _ in range(4):
        app.clock.advance(LAST_SEEN_PRECISION + MINUTE)
        assert session.id in await known.resume_each([session.id])

        stored = await app.store.repositories.sessions.find(session.id)
        assert stored
        assert app.clock.now() - stored.seen_at <= timedelta(0)


async def test_several_sessions_do_not_depend_on_each_other(
    app: MemoryApp, session: Session, known: KnownSessions
) -> None:
    other = await session_of(app, await enter(app))

    assert set(await known.resume_each([session.id, other.id])) == {session.id, other.id}
    await app.services.sessions.log_out(other, CALLER)

    assert set(await known.resume_each([session.id, other.id])) == {session.id}
