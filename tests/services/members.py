"""Accounts in the states that tests of signing in need."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import pyotp

from adapters.memory.clock import FixedClock
from adapters.memory.store import MemoryStore
from core.accounts import Account, AccountId, Role
from core.policy import MINUTE
from core.sessions import Caller, Kind, Session
from ports.store import Repositories
from services.accounts.sessions import SignedIn
from services.bootstrap import CAPABILITIES
from services.shared.capabilities import documents_of
from tests.app import CALLER, MONDAY, PASSWORD, MemoryApp

T = TypeVar("T")

EMAIL = "meera@example.com"
SECOND = MINUTE / 60
SHORT = "tk4#mPz9"
"""Long enough beside a second factor only."""
ANOTHER = "seven-slow-purple-kettles"


async def register(app: MemoryApp, email: str = EMAIL, **special: object) -> Account:
    usual: dict[str, object] = {
        "role": Role.CLIENT,
        "name": "Meera Krishnan",
        "password": PASSWORD,
        "timezone": "Asia/Kolkata",
        "caller": CALLER,
    }
    account = await app.services.accounts.register(email=email, **{**usual, **special})  # type: ignore[arg-type]
    await app.run()
    return account


async def verify(app: MemoryApp, code: str, email: str = EMAIL) -> SignedIn:
    return await app.services.accounts.verify_email(email=email, code=code, caller=CALLER)


async def a_member(app: MemoryApp, email: str = EMAIL, **special: object) -> Account:
    """Registered and confirmed."""
    await register(app, email, **special)
    return (await verify(app, app.code_for(email), email)).account


async def a_member_with_two_factor(
    app: MemoryApp, email: str = EMAIL, password: str = PASSWORD
) -> Account:
    """A developer, whose log-ins need an e-mailed code."""
    return await a_member(app, email, role=Role.DEVELOPER, password=password)


async def log_in(
    app: MemoryApp,
    password: str = PASSWORD,
    email: str = EMAIL,
    address: str = "203.0.113.7",
    **caller: str,
) -> SignedIn:
    """The first step of a log-in; its e-mails have been sent."""
    signed_in = await app.services.sessions.log_in(
        email=email, password=password, caller=Caller("visit", address, **caller)
    )
    await app.run()
    return signed_in


async def seen(app: MemoryApp, signed_in: SignedIn | str) -> Session | None:
    """The session a cookie opens at this moment, if any."""
    token = signed_in if isinstance(signed_in, str) else signed_in.token
    found = await app.services.sessions.authenticate(token)
    return found[1] if found and found[1].kind is Kind.BROWSER else None


async def waiting(app: MemoryApp, signed_in: SignedIn) -> Session:
    """The session of an account whose second factor is still missing."""
    found = await app.services.sessions.authenticate(signed_in.token)
    assert found
    assert found[1].kind is Kind.PENDING
    return found[1]


async def browsers(app: MemoryApp, account: Account) -> list[Session]:
    found = await app.store.repositories.sessions.of_account(account.id)
    return [session for session in found if session.kind is Kind.BROWSER]


async def session_of(app: MemoryApp, signed_in: SignedIn | str) -> Session:
    session = await seen(app, signed_in)
    assert session, "not signed in"
    return session


async def enter(app: MemoryApp, email: str = EMAIL, **how: Any) -> SignedIn:
    """Both steps of a log-in, with the e-mailed code if one is required."""
    signed_in = await log_in(app, email=email, **how)
    if not signed_in.pending_factor:
        return signed_in
    return await finish(app, signed_in, app.code_for(email))


async def finish(app: MemoryApp, pending: SignedIn | Session, code: str) -> SignedIn:
    session = pending if isinstance(pending, Session) else await waiting(app, pending)
    return await app.services.sessions.verify(session, code=code, caller=CALLER)


async def account_of(app: MemoryApp, account_id: AccountId) -> Account:
    return await app.store.repositories.accounts.get(account_id)


def wrong(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 10**6:06d}"


@dataclass
class AuthenticatorApp:
    """An authenticator app with its secret, and the recovery codes of the account."""

    app: MemoryApp
    secret: str
    recovery: list[str]

    def shows(self, steps: int = 0) -> str:
        """Now, or so many half minutes later."""
        moment = int(self.app.clock.now().timestamp()) + 30 * steps
        return pyotp.TOTP(self.secret).at(moment)


async def an_app(app: MemoryApp, account: Account) -> AuthenticatorApp:
    """Sets up an app. Its first code is used, and half a minute has passed."""
    new = await app.services.factors.start_app_setup(account.id)
    authenticator = AuthenticatorApp(app, new.secret, [])
    authenticator.recovery += await app.services.factors.confirm_app(
        account.id, code=authenticator.shows(), caller=CALLER
    )
    await app.pass_time(MINUTE / 2)
    return authenticator


class Killed(BaseException):
    """The process is killed at this point."""


class KilledStore(MemoryStore):
    """Raises `Killed` once at the next transaction: `before` it, or `after` it was committed."""

    killed_at = ""

    async def transact(self, step: Callable[[Repositories], Awaitable[T]]) -> T:
        killed_at, self.killed_at = self.killed_at, ""
        if killed_at == "before":
            raise Killed
        result = await super().transact(step)
        if killed_at == "after":
            raise Killed
        return result

    def text(self) -> str:
        """All stored documents as one text, to search in."""
        return repr(dict(self._tables.rows))


def an_app_that_can_be_killed() -> tuple[MemoryApp, KilledStore]:
    clock = FixedClock(MONDAY)
    store = KilledStore(clock, documents=documents_of(CAPABILITIES))
    return MemoryApp(clock=clock, store=store), store
