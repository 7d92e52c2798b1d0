"""Signing up, confirming the address, signing in and out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.accounts import (
    Account,
    AccountId,
    Code,
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
from core.availability import Availability, checked_timezone
from core.clients import Client, ClientId
from core.developers import Developer, DeveloperId
from core.effects import Effect, effect
from core.errors import Invalid
from core.policy import HOUR, Policy
from ports.accounts import Passwords
from ports.clock import Clock, Ids
from ports.store import Books, Store
from services.codes import CodeMaker

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
    passwords: Passwords
    codes: CodeMaker
    clock: Clock
    ids: Ids
    policy: Policy

    async def register(
        self, *, role: Role, name: str, email: str, password: str, timezone: str
    ) -> Account:
        """Make an account and mail a code to confirm its address.

        A taken address gets the same answer and the same work, and its owner a mail: nobody
        learns here who has an account. Raises `Invalid` with the field's name.
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
            await self.store.transact(lambda books: self._register(books, account))
        except EmailTaken:
            known = effect(
                "accounts.mail",
                f"{account.id}:known",
                due_at=self.clock.now(),
                letter="already_registered",
                email=account.email,
            )
            await self.store.books.effects.add(known)
        return account

    async def verify_email(self, *, email: str, code: str, visit: str) -> SignedIn:
        """The mailed code proves the address and signs its owner in. Raises `WrongCode`."""
        account = await self.store.books.accounts.find_by_email(folded_email(email))
        if account is None or account.email_verified:
            raise WrongCode(code=WrongCode.__doc__ or "")
        await self._use_code(verification(account.id), code)

        async def verified(books: Books) -> Account:
            found = await books.accounts.get(account.id)
            return await books.accounts.save(found.verify_email(now=self.clock.now()))

        return await self._sign_in(await self.store.transact(verified), visit=visit)

    async def send_code_again(self, *, email: str) -> None:
        """Another code, at most one a minute and five an hour; says nothing of who is known."""
        account = await self.store.books.accounts.find_by_email(folded_email(email))
        if account is None or account.email_verified:
            return
        code_id = verification(account.id)
        before = await self.store.books.codes.find(code_id)
        now = self.clock.now()
        if before and now < before.sent_at + self.policy.code_resend_after:
            raise CodeTooSoon
        fresh, mail = self._code(code_id, account.email, before, now)

        async def send(books: Books) -> None:
            await books.codes.put(fresh)
            await books.effects.add(mail)

        await self.store.transact(send)

    async def log_in(self, *, email: str, password: str, visit: str, address: str) -> SignedIn:
        """A session for the right password of a confirmed account.

        Unknown and known addresses cost the same. Ten wrong tries in five minutes, per account
        and per network address, close the door until the window is over (rules: log-ins).
        """
        folded = folded_email(email)
        now = self.clock.now()
        mine, here = f"login:{folded}", f"login-from:{address}"
        throttles = self.store.books.throttles
        for door in (mine, here):  # counted before the look, so that parallel guesses count too
            tries = await throttles.count(door, window=self.policy.logins_window, now=now)
            if tries > self.policy.logins_failed:
                raise TooManyTries
        account = await self.store.books.accounts.find_by_email(folded)
        right = await self.passwords.matches(password, account.password_hash if account else None)
        if account is None or not right:
            raise WrongPassword
        await throttles.clear(mine)
        await throttles.forgive(here)
        if not account.email_verified:
            raise EmailUnverified
        return await self._sign_in(account, visit=visit)

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

    async def _register(self, books: Books, account: Account) -> None:
        await books.accounts.add(account)
        stem = account.id.partition("_")[2]
        if Role.CLIENT in account.roles:
            await books.clients.add(Client(ClientId(f"cli_{stem}"), account.id, account.name))
        if Role.DEVELOPER in account.roles:
            await books.developers.add(
                Developer(
                    id=DeveloperId(f"dev_{stem}"),
                    account_id=account.id,
                    name=account.name,
                    availability=Availability(account.timezone),
                    revisions=self.policy.terms.revisions,
                )
            )
        code, mail = self._code(verification(account.id), account.email, None, account.created_at)
        await books.codes.put(code)
        await books.effects.add(mail)

    def _code(
        self, code_id: str, email: str, before: Code | None, now: datetime
    ) -> tuple[Code, Effect]:
        began = before.hour_began if before and before.hour_began else now
        sent = before.sent_this_hour + 1 if before else 1
        if now >= began + HOUR:
            began, sent = now, 1
        if sent > self.policy.codes_per_hour:
            raise CodeTooSoon(
                "We sent several codes in the last hour. Wait a while, then ask again."
            )
        nonce = self.ids.secret()
        code = Code(
            id=code_id,
            digest=self.codes.digest(code_id, self.codes.code(code_id, nonce)),
            sent_at=now,
            expires_at=now + self.policy.code_life,
            tries_left=self.policy.code_tries,
            sent_this_hour=sent,
            hour_began=began,
        )
        mail = effect(
            "accounts.mail",
            f"{code_id}:{now.isoformat()}",
            due_at=now,
            letter="code",
            email=email,
            code=code_id,
            nonce=nonce,
            expires=code.expires_at.isoformat(),
        )
        return code, mail

    async def _use_code(self, code_id: str, guess: str) -> None:
        digits = "".join(guess.split())
        if len(digits) != 6 or not digits.isdecimal():
            raise WrongCode(code=f"The code has 6 digits, this one has {len(digits)}.")
        codes = self.store.books.codes
        code = await codes.take_try(code_id, now=self.clock.now())
        if code is None or not self.codes.matches(code_id, digits, code.digest):
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


def verification(account_id: str) -> str:
    return f"verify-email:{account_id}"


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
