"""Signing up, confirming the address, signing in and out."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from core.accounts import (
    Account,
    AccountId,
    CodeTooSoon,
    EmailTaken,
    EmailUnverified,
    Role,
    Session,
    TooManyTries,
    WrongCode,
    WrongPassword,
    checked_password,
    folded_email,
)
from core.availability import checked_timezone
from core.errors import Invalid
from core.policy import Policy
from ports.accounts import Passwords
from ports.clock import Clock, Ids
from ports.store import Books, Store
from services.codes import CodeMaker
from services.registering import Registering, verification

SEEN_EVERY = timedelta(minutes=5)
"""How exactly "last seen" is kept; a write per request would tell nobody more."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`token` goes into the cookie and is kept nowhere else."""

    account: Account
    token: str


@dataclass(frozen=True, slots=True)
class AccountService:
    store: Store
    registering: Registering
    passwords: Passwords
    codes: CodeMaker
    clock: Clock
    ids: Ids
    policy: Policy

    async def register(
        self,
        *,
        role: Role,
        name: str,
        email: str,
        password: str,
        timezone: str,
        visit: str = "",
    ) -> Account:
        """Make an account and mail a code to confirm its address, good in the browser `visit`.

        A taken address gets the same answer and the same work, and its owner a mail: nobody
        learns here who has an account. As long as an address is not confirmed, whoever
        registers it last is whom the code confirms. Raises `Invalid` with the field's name.
        """
        account = Account(
            id=AccountId(self.ids.new("acc")),
            email=folded_email(email),
            name=checked_name(name),
            roles=frozenset({checked_role(role)}),
            password_hash=await self.passwords.hash(checked_password(password, self.policy)),
            timezone=checked_timezone(timezone),
            created_at=self.clock.now(),
        )
        try:
            await self.store.transact(
                lambda books: self.registering.register(books, account, visit)
            )
        except EmailTaken:
            with contextlib.suppress(CodeTooSoon):  # the answer tells nobody of it
                await self.store.transact(
                    lambda books: self.registering.taken(books, account, visit)
                )
        return account

    async def verify_email(self, *, email: str, code: str, visit: str) -> SignedIn:
        """The mailed code proves the address and signs its owner in. Raises `WrongCode`."""
        account = await self.store.books.accounts.find_by_email(folded_email(email))
        if account is None or account.email_verified:
            raise WrongCode(code=WrongCode.__doc__ or "")
        await self._use_code(verification(account.id), code, visit)

        async def verified(books: Books) -> Account:
            found = await books.accounts.get(account.id)
            return await books.accounts.save(found.verify_email(now=self.clock.now()))

        return await self._sign_in(await self.store.transact(verified), visit=visit)

    async def send_code_again(self, *, email: str, visit: str = "") -> None:
        """Another code, at most one a minute and five an hour, for the browser that registered;
        says nothing of who is known."""
        account = await self.store.books.accounts.find_by_email(folded_email(email))
        if account is None or account.email_verified:
            return
        code = await self.store.books.codes.find(verification(account.id))
        if code and code.counts_in(visit):
            await self._send_code(account, visit)

    async def _send_code(self, account: Account, visit: str) -> None:
        async def send(books: Books) -> None:
            await self.registering.owe_code(books, account, visit)

        await self.store.transact(send)

    async def log_in(self, *, email: str, password: str, visit: str, address: str) -> SignedIn:
        """A session for the right password of a confirmed account.

        Unknown and known addresses cost the same. Ten wrong tries in five minutes, per account
        and per network address, close the door until the window is over (rules: log-ins).
        """
        folded = folded_email(email)
        doors = (f"login:{folded}", f"login-from:{address}")
        await self._refuse_shut(doors)
        account = await self.store.books.accounts.find_by_email(folded)
        right = await self.passwords.matches(password, account.password_hash if account else None)
        # Looked at again: of many guesses at once, those hashed after the tenth learn nothing.
        await self._refuse_shut(doors)
        if account is None or not right:
            await self._count_failure(doors)
            raise WrongPassword
        await self.store.books.throttles.clear(doors[0])
        if not account.email_verified:
            with contextlib.suppress(CodeTooSoon):
                await self._send_code(account, visit)  # the password was right: good here now
            raise EmailUnverified
        return await self._sign_in(account, visit=visit)

    async def _refuse_shut(self, doors: Sequence[str]) -> None:
        now, most = self.clock.now(), self.policy.logins_failed
        for door in doors:
            if await self.store.books.throttles.counted(door, now=now) >= most:
                raise TooManyTries

    async def _count_failure(self, doors: Sequence[str]) -> None:
        now, window = self.clock.now(), self.policy.logins_window
        for door in doors:
            tries = await self.store.books.throttles.count(door, window=window, now=now)
            if tries > self.policy.logins_failed:
                raise TooManyTries

    async def log_out(self, token: str) -> None:
        await self.store.books.sessions.remove(session_id(token))

    async def viewer(self, token: str) -> tuple[Account, Session] | None:
        """Who a cookie belongs to; None when its session has ended."""
        books = self.store.books
        session = await books.sessions.find(session_id(token))
        now = self.clock.now()
        if session is None or not session.alive(now=now, policy=self.policy):
            return None
        if now - session.seen_at > SEEN_EVERY:
            await books.sessions.touch(session.id, now=now)
        account = await books.accounts.find(session.account_id)
        return (account, session) if account else None

    async def update(self, account_id: AccountId, *, name: str, timezone: str) -> Account:
        """Name and zone, everywhere they are shown."""
        name, timezone = checked_name(name), checked_timezone(timezone)

        async def step(books: Books) -> Account:
            account = await books.accounts.get(account_id)
            client = await books.clients.find_by_account(account_id)
            developer = await books.developers.find_by_account(account_id)
            if client:
                await books.clients.save(replace(client, name=name))
            if developer:
                await books.developers.save(replace(developer, name=name))
            return await books.accounts.save(replace(account, name=name, timezone=timezone))

        return await self.store.transact(step)

    async def _use_code(self, code_id: str, guess: str, visit: str) -> None:
        digits = "".join(guess.split())
        if len(digits) != 6 or not digits.isdecimal():
            raise WrongCode(code=f"The code has 6 digits, this one has {len(digits)}.")
        codes = self.store.books.codes
        code = await codes.take_try(code_id, now=self.clock.now())
        right = code is not None and self.codes.matches(code_id, digits, code.digest)
        if code is None or not right or not code.counts_in(visit):
            raise WrongCode(code=WrongCode.__doc__ or "")
        await codes.remove(code_id)

    async def _sign_in(self, account: Account, *, visit: str) -> SignedIn:
        """A new cookie at every sign-in; `visit` is what the forms of this browser are bound to."""
        token = self.ids.secret()
        now = self.clock.now()
        await self.store.books.sessions.add(
            Session(session_id(token), account.id, csrf_seed=visit, created_at=now, seen_at=now)
        )
        return SignedIn(account, token)


def session_id(token: str) -> str:
    """Only a hash is kept: who reads the database cannot take over a session."""
    return hashlib.sha256(token.encode()).hexdigest()


def checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 80:
        raise Invalid(name="Tell us your name, in at most 80 characters.")
    if not name.isprintable():
        raise Invalid(name="Use letters and spaces.")
    return name


def checked_role(role: Role) -> Role:
    if role is Role.ADMIN:
        raise Invalid(role="Choose client or developer.")
    return role
