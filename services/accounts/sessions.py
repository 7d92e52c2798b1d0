"""Logging in and out, the second factor in between, and the list of where one is signed in."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.accounts import (
    Account,
    AccountId,
    EmailUnverified,
    Suspended,
    WrongPassword,
    folded_email,
)
from core.codes import CodeTooSoon, Purpose
from core.errors import Conflict, NotFound
from core.factors import Factor
from core.policy import MINUTE, Policy
from core.sessions import Caller, Kind, Session, living
from ports.clock import Clock
from ports.passwords import Passwords
from ports.store import Books, Store
from services.accounts.codes import OneTimeCodes
from services.accounts.factors import FactorService
from services.accounts.rate_limits import Doors
from services.accounts.signing import Signing, session_id

SEEN_EVERY = 5 * MINUTE
"""How exactly "last seen" is kept; a write per request would tell nobody more."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`token` goes into the cookie and is kept nowhere else, `known` into the browser's mark.

    `token` is "" where a program goes on as it is. `wants` is the second factor that is still
    owed: then the cookie opens nothing yet.
    """

    account: Account
    token: str
    known: str = ""
    wants: Factor | None = None


@dataclass(frozen=True, slots=True)
class SessionService:
    store: Store
    factors: FactorService
    codes: OneTimeCodes
    signing: Signing
    doors: Doors
    passwords: Passwords
    clock: Clock
    policy: Policy

    async def check_password(self, *, email: str, password: str, caller: Caller) -> Account:
        """The confirmed account whose password this is.

        Unknown and known addresses cost the same. Ten wrong tries in five minutes, per account
        and per network address, shut the door for a while (rules: log-ins). Raises
        `WrongPassword`, `TooManyTries`, `EmailUnverified` (a code is on its way) or `Suspended`.
        """
        folded = folded_email(email)
        doors = self.doors.of_log_in(folded, caller)
        await self.doors.refuse_shut(doors)
        account = await self.store.books.accounts.find_by_email(folded)
        right = await self.passwords.matches(password, account.password_hash if account else None)
        # Looked at again: of many guesses at once, those hashed after the tenth learn nothing.
        tried_before = await self.doors.refuse_shut(doors)
        if account is None or not right:
            shut = await self.doors.failed(doors, folded)
            if shut and account:
                await self.store.books.effects.add(
                    self.signing.note(account, caller, "sign_in_refused", actor="somebody")
                )
            raise WrongPassword
        if tried_before:  # else an ordinary log-in would wait for a write of nothing
            await self.doors.forgive(doors[0])
        if account.suspended:
            raise Suspended
        if not account.email_verified:
            with contextlib.suppress(CodeTooSoon):  # the password was right: good here now
                await self._confirm_first(account, caller)
            raise EmailUnverified
        if account.password_hash and self.passwords.outdated(account.password_hash):
            account = await self._renew_hash(account, password)
        return account

    async def _confirm_first(self, account: Account, caller: Caller) -> None:
        """Another code, for a browser: no program has a page to enter it on."""
        if not caller.visit:
            return
        await self.store.transact(
            lambda books: self.codes.owe(
                books, Purpose.VERIFY_EMAIL, account.id, account, visit=caller.visit
            )
        )

    async def _renew_hash(self, account: Account, password: str) -> Account:
        """The cost has risen since: only now, with the password at hand, it can follow."""
        renewed = await self.passwords.hash(password)
        changed = account.with_password(renewed, short=account.password_short)
        with contextlib.suppress(Conflict):
            return await self.store.books.accounts.save(changed)
        current = await self.store.books.accounts.get(account.id)  # somebody was faster
        if not await self.passwords.matches(password, current.password_hash):
            raise WrongPassword
        return current

    async def log_in(self, *, email: str, password: str, caller: Caller) -> SignedIn:
        """A session, or the cookie of one that still wants a code. Raises as `check_password`."""
        account = await self.check_password(email=email, password=password, caller=caller)
        doubted = await self.doubted(account)
        return await self.enter(account, caller, how="password", doubted=doubted)

    async def doubted(self, account: Account) -> bool:
        """Whether so many passwords were wrong in a row that the right one may be a guess, too;
        else the row ends here."""
        row = await self.doors.in_row(account.email)
        if row >= self.policy.logins_in_row:
            return True
        if row:
            await self.doors.end_row(account.email)
        return False

    async def enter(
        self, account: Account, caller: Caller, *, how: str, doubted: bool = False
    ) -> SignedIn:
        """The first factor was right: sign in, or ask for the second, which somebody `doubted`
        is asked for in any case. Raises `Suspended`, or `Stale` when the password was changed
        meanwhile."""

        async def step(books: Books) -> SignedIn:
            current = await self.signing.unchanged(books, account)
            if current.factor is None and not doubted:
                return await self._open(books, current, caller, how=how, verified=False)
            token = await self.signing.open_pending(books, current, caller)
            wants = await self.factors.ask(books, Purpose.LOG_IN, session_id(token), current)
            return SignedIn(current, token, wants=wants)

        return await self.store.transact(step)

    async def open_confirmed(self, account: Account, caller: Caller, *, how: str) -> SignedIn:
        """A session for somebody who has just entered a code from the mail."""

        async def step(books: Books) -> SignedIn:
            current = await self.signing.unchanged(books, account)
            return await self._open(books, current, caller, how=how, verified=True)

        return await self.store.transact(step)

    async def _open(
        self, books: Books, account: Account, caller: Caller, *, how: str, verified: bool
    ) -> SignedIn:
        token = await self.signing.open_browser(books, account, caller, how=how, verified=verified)
        return SignedIn(account, token, known=self.doors.mark(account.email))

    async def verify(self, pending: Session, *, code: str, caller: Caller) -> SignedIn:
        """The second factor was right: the waiting session becomes a real one, under a new
        cookie. Raises `WrongCode` or `TooManyTries`."""
        account = await self.store.books.accounts.get(pending.account_id)
        proof = await self.factors.prove(Purpose.LOG_IN, pending.id, account, code)

        async def step(books: Books) -> tuple[Account, str]:
            current = await self.factors.spend(books, proof, caller)
            if not await books.sessions.remove(pending.id):
                raise Conflict
            how = "recovery code" if proof.handle else "second factor"
            token = await self.signing.open_browser(books, current, caller, how=how, verified=True)
            return current, token

        current, token = await self.store.transact(step)
        await self.doors.end_row(current.email)
        return SignedIn(current, token, known=self.doors.mark(current.email))

    async def send_code_again(self, pending: Session) -> Factor:
        """Raises `CodeTooSoon`."""
        account = await self.store.books.accounts.get(pending.account_id)
        return await self.store.transact(
            lambda books: self.factors.ask(books, Purpose.LOG_IN, pending.id, account)
        )

    async def ask_step_up(self, account: Account, session: Session) -> Factor:
        """Mail a fresh code for this session, or get ready for one of the app.
        Raises `CodeTooSoon`."""
        return await self.store.transact(
            lambda books: self.factors.ask(books, Purpose.STEP_UP, session.id, account)
        )

    async def step_up(
        self, account: Account, session: Session, *, code: str, caller: Caller
    ) -> SignedIn:
        """For a quarter of an hour this session may touch money and identity; it goes on under a
        new cookie. Raises `WrongCode` or `TooManyTries`."""
        proof = await self.factors.prove(Purpose.STEP_UP, session.id, account, code)

        async def step(books: Books) -> SignedIn:
            current, now = await self.factors.spend(books, proof, caller), self.clock.now()
            await books.effects.add(self.signing.note(current, caller, "step_up"))
            await books.sessions.verify(session.id, now=now)
            fresh = replace(session, verified_at=now)
            return SignedIn(current, await self.signing.renew(books, fresh))

        return await self.store.transact(step)

    async def log_out(self, session: Session, caller: Caller) -> None:
        await self.store.transact(
            lambda books: self.signing.end(books, session, caller, "signed_out")
        )

    async def viewer(self, token: str) -> tuple[Account, Session] | None:
        """Who a cookie belongs to, also one that still waits for its second factor (its session
        says so); None when it has ended."""
        return await self.found(session_id(token))

    async def found(self, name: str) -> tuple[Account, Session] | None:
        """A living session by its id, with its account: it is being used now. Two reads."""
        found, now = await self.look(name), self.clock.now()
        if found and now - found[1].seen_at > SEEN_EVERY:
            await self.store.books.sessions.touch(name, now=now)
        return found

    async def look(self, name: str) -> tuple[Account, Session] | None:
        """The same without keeping it awake: an open page that nobody uses runs out."""
        books, now = self.store.books, self.clock.now()
        session = await books.sessions.find(name)
        if session is None or not session.alive(now=now, policy=self.policy):
            return None
        account = await books.accounts.find(session.account_id)
        if account is None or not living(session, account, now=now, policy=self.policy):
            return None
        return account, session

    async def of(self, account: Account) -> Sequence[Session]:
        """Where somebody is signed in now, the latest seen first."""
        now = self.clock.now()
        return [
            session
            for session in await self.store.books.sessions.of_account(account.id)
            if session.kind is not Kind.PENDING
            and living(session, account, now=now, policy=self.policy)
        ]

    async def end(self, account_id: AccountId, name: str, caller: Caller) -> None:
        """One of somebody's own sessions, by the name the list gives it. Raises `NotFound`."""

        async def step(books: Books) -> None:
            for session in await books.sessions.of_account(account_id):
                if session.name == name:
                    await self.signing.end(books, session, caller, "session_ended")
                    return
            raise NotFound

        await self.store.transact(step)

    async def end_others(self, account: Account, session: Session, caller: Caller) -> int:
        """Everywhere but here; how many ended."""

        async def step(books: Books) -> int:
            ended = await self.signing.end_all(books, account.id, keep=session.id)
            if ended:
                note = self.signing.note(account, caller, "session_ended", count=str(ended))
                await books.effects.add(note)
            return ended

        return await self.store.transact(step)
