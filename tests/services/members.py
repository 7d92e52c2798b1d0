"""People at the door, for the stories of signing in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import pyotp

from adapters.memory.clock import StillClock
from adapters.memory.store import MemoryStore
from core.accounts import Account, AccountId, Role
from core.policy import MINUTE
from core.sessions import Caller, Kind, Session
from ports.store import Books
from services.accounts.sessions import SignedIn
from tests.house import CALLER, MONDAY, PASSWORD, MemoryHouse

T = TypeVar("T")

EMAIL = "meera@example.com"
SECOND = MINUTE / 60
SHORT = "tk4#mPz9"
"""Long enough beside a second factor only."""
ANOTHER = "seven-slow-purple-kettles"


async def register(house: MemoryHouse, email: str = EMAIL, **special: object) -> Account:
    usual: dict[str, object] = {
        "role": Role.CLIENT,
        "name": "Meera Krishnan",
        "password": PASSWORD,
        "timezone": "Asia/Kolkata",
        "caller": CALLER,
    }
    account = await house.services.accounts.register(email=email, **{**usual, **special})  # type: ignore[arg-type]
    await house.run()
    return account


async def verify(house: MemoryHouse, code: str, email: str = EMAIL) -> SignedIn:
    return await house.services.accounts.verify_email(email=email, code=code, caller=CALLER)


async def a_member(house: MemoryHouse, email: str = EMAIL, **special: object) -> Account:
    """Registered and confirmed."""
    await register(house, email, **special)
    return (await verify(house, house.code_for(email), email)).account


async def a_guarded_member(
    house: MemoryHouse, email: str = EMAIL, password: str = PASSWORD
) -> Account:
    """Whose log-ins ask for a mailed code."""
    return await a_member(house, email, role=Role.DEVELOPER, password=password)


async def log_in(
    house: MemoryHouse,
    password: str = PASSWORD,
    email: str = EMAIL,
    address: str = "203.0.113.7",
    **caller: str,
) -> SignedIn:
    """The first step; what it mails has arrived afterwards."""
    signed_in = await house.services.sessions.log_in(
        email=email, password=password, caller=Caller("visit", address, **caller)
    )
    await house.run()
    return signed_in


async def seen(house: MemoryHouse, signed_in: SignedIn | str) -> Session | None:
    """The session a cookie opens at this moment, if any."""
    token = signed_in if isinstance(signed_in, str) else signed_in.token
    found = await house.services.sessions.viewer(token)
    return found[1] if found and found[1].kind is Kind.BROWSER else None


async def waiting(house: MemoryHouse, signed_in: SignedIn) -> Session:
    """The session of somebody who owes the second factor."""
    found = await house.services.sessions.viewer(signed_in.token)
    assert found
    assert found[1].kind is Kind.PENDING
    return found[1]


async def browsers(house: MemoryHouse, account: Account) -> list[Session]:
    found = await house.store.books.sessions.of_account(account.id)
    return [session for session in found if session.kind is Kind.BROWSER]


async def session_of(house: MemoryHouse, signed_in: SignedIn | str) -> Session:
    session = await seen(house, signed_in)
    assert session, "not signed in"
    return session


async def enter(house: MemoryHouse, email: str = EMAIL, **how: Any) -> SignedIn:
    """Both steps, with the code from the mail where one is asked for."""
    signed_in = await log_in(house, email=email, **how)
    if not signed_in.wants:
        return signed_in
    return await finish(house, signed_in, house.code_for(email))


async def finish(house: MemoryHouse, pending: SignedIn | Session, code: str) -> SignedIn:
    session = pending if isinstance(pending, Session) else await waiting(house, pending)
    return await house.services.sessions.verify(session, code=code, caller=CALLER)


async def account_of(house: MemoryHouse, account_id: AccountId) -> Account:
    return await house.store.books.accounts.get(account_id)


def wrong(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 10**6:06d}"


@dataclass
class App:
    """Somebody's phone, and the sheet of paper with their recovery codes."""

    house: MemoryHouse
    secret: str
    recovery: list[str]

    def shows(self, steps: int = 0) -> str:
        """Now, or so many half minutes later."""
        moment = int(self.house.clock.now().timestamp()) + 30 * steps
        return pyotp.TOTP(self.secret).at(moment)


async def an_app(house: MemoryHouse, account: Account) -> App:
    """Set up just now; its first code is used up, and half a minute has passed."""
    new = await house.services.factors.begin_app(account.id)
    app = App(house, new.secret, [])
    app.recovery += await house.services.factors.confirm_app(
        account.id, code=app.shows(), caller=CALLER
    )
    await house.pass_time(MINUTE / 2)
    return app


class Killed(BaseException):
    """The process ends here, whatever it was doing."""


class MortalStore(MemoryStore):
    """Dies once at the next transaction: `before` it, or `after` it was committed."""

    dies = ""

    async def transact(self, step: Callable[[Books], Awaitable[T]]) -> T:
        dies, self.dies = self.dies, ""
        if dies == "before":
            raise Killed
        result = await super().transact(step)
        if dies == "after":
            raise Killed
        return result

    def text(self) -> str:
        """Every row there is, as one text to search in."""
        return repr(dict(self._tables.rows))


def a_mortal_house() -> tuple[MemoryHouse, MortalStore]:
    clock = StillClock(MONDAY)
    store = MortalStore(clock)
    return MemoryHouse(clock=clock, store=store), store
