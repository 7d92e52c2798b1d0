"""Registering, confirming an address, and what a person says of themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from core.accounts import Account, AccountId, EmailTaken, Role, TooManyAttempts, folded_email
from core.accounts_policy import AccountPolicy
from core.availability import checked_timezone
from core.codes import Purpose, WrongCode, code_id
from core.errors import Invalid
from core.passwords import checked_password
from core.sessions import Caller, Session
from ports.clock import Clock, Ids
from ports.passwords import Passwords
from ports.store import Repositories, Store
from services.accounts.codes import OneTimeCodes
from services.accounts.rate_limits import RateLimits
from services.accounts.registration import AccountRegistration
from services.accounts.session_writer import SessionWriter
from services.accounts.sessions import SessionService, SignedIn


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountService:
    store: Store
    registration: AccountRegistration
    sessions: SessionService
    codes: OneTimeCodes
    session_writer: SessionWriter
    rate_limits: RateLimits
    passwords: Passwords
    clock: Clock
    ids: Ids
    policy: AccountPolicy
    site: str

    async def register(
        self,
        *,
        role: Role,
        name: str,
        email: str,
        password: str,
        timezone: str,
        caller: Caller,
    ) -> Account:
        """Make an account and mail a code to confirm its address, good in the caller's browser.

        A taken address gets the same answer and the same work, and its owner a mail: nobody
        learns here who has an account. As long as an address is not confirmed, whoever
        registers it last is whom the code confirms. Raises `Invalid` with the field's name, or
        `TooManyAttempts` for a network address that registers one account after the other.
        """
        role, folded, name = checked_role(role), folded_email(email), checked_name(name)
        zone = checked_timezone(timezone)
        with_factor = role is Role.DEVELOPER  # rules: on for developers, unless turned off
        hashed = await self.new_password(password, words=(folded, name), alone=not with_factor)
        limit = f"register-from:{caller.source}"
        if not await self.rate_limits.allow(limit, most=self.policy.registrations_per_hour):
            raise TooManyAttempts("Too many new accounts from your network. Try again in an hour.")
        account = Account(
            id=AccountId(self.ids.new("acc")),
            email=folded,
            name=name,
            roles=frozenset({role}),
            password_hash=hashed,
            timezone=zone,
            created_at=self.clock.now(),
            two_factor=with_factor,
            password_short=len(password) < self.policy.password_minimum,
        )
        try:
            await self.store.transact(
                lambda repositories: self.registration.register(repositories, account, caller)
            )
        except EmailTaken:  # registered by a twin between our look and our write
            await self.store.transact(
                lambda repositories: self.registration.register(repositories, account, caller)
            )
        return account

    async def new_password(self, password: str, *, words: tuple[str, ...], alone: bool) -> str:
        """The hash of a password that is long enough and not easily guessed. Raises `Invalid`."""
        checked = checked_password(password, self.policy, alone=alone)
        host = urlsplit(self.site).hostname or ""
        weakness = await self.passwords.weakness(checked, words=(*words, host))
        if weakness:
            raise Invalid(password=weakness)
        return await self.passwords.hash(checked)

    async def verify_email(self, *, email: str, code: str, caller: Caller) -> SignedIn:
        """The mailed code proves the address and signs its owner in. Raises `WrongCode`."""
        account = await self.store.repositories.accounts.find_by_email(folded_email(email))
        if account is None or account.email_verified or account.suspended:
            raise WrongCode
        right = await self.codes.verify(Purpose.VERIFY_EMAIL, account.id, code, visit=caller.visit)

        async def verified(repositories: Repositories) -> Account:
            await self.codes.consume(repositories, right)
            found = await repositories.accounts.get(account.id)
            await repositories.outbox.add(
                self.session_writer.audit_message(found, caller, "email_confirmed")
            )
            return await repositories.accounts.save(found.verify_email(now=self.clock.now()))

        confirmed = await self.store.transact(verified)
        return await self.sessions.sign_in_confirmed(confirmed, caller, how="confirmed address")

    async def resend_code(self, *, email: str, caller: Caller) -> None:
        """Another code, at most one a minute and five an hour, for the browser that registered;
        says nothing of who is known."""
        account = await self.store.repositories.accounts.find_by_email(folded_email(email))
        if account is None or account.email_verified:
            return
        purpose, owner = Purpose.VERIFY_EMAIL, account

        async def step(repositories: Repositories) -> None:
            code = await repositories.codes.find(code_id(purpose, owner.id))
            if code and code.is_bound_to(caller.visit):
                await self.codes.issue(repositories, purpose, owner.id, owner, visit=caller.visit)

        await self.store.transact(step)

    async def update(self, account_id: AccountId, *, name: str, timezone: str) -> Account:
        """Name and zone, everywhere they are shown."""
        name, timezone = checked_name(name), checked_timezone(timezone)

        async def step(repositories: Repositories) -> Account:
            account = await repositories.accounts.get(account_id)
            client = await repositories.clients.find_by_account(account_id)
            developer = await repositories.developers.find_by_account(account_id)
            if client and client.name != name:
                await repositories.clients.save(replace(client, name=name))
            if developer and developer.name != name:
                await repositories.developers.save(replace(developer, name=name))
            return await repositories.accounts.save(replace(account, name=name, timezone=timezone))

        return await self.store.transact(step)

    async def add_role(
        self, account_id: AccountId, role: Role, *, session: Session, caller: Caller
    ) -> SignedIn:
        """The other side too: a client who is booked, a developer who books. The session goes
        on under a new cookie."""
        role = checked_role(role)

        async def step(repositories: Repositories) -> SignedIn:
            account = await repositories.accounts.get(account_id)
            if role not in account.roles:
                account = await repositories.accounts.save(account.add_role(role))
                await self.registration.create_profiles(repositories, account)
                await repositories.outbox.add(
                    self.session_writer.audit_message(account, caller, "role_added", role=role)
                )
            token = await self.session_writer.renew(repositories, session)
            return SignedIn(account, token)

        return await self.store.transact(step)

    async def request_new_email(
        self, account_id: AccountId, *, email: str, caller: Caller
    ) -> Account:
        """Mail a code to the new address; until it is entered, the old one counts. A taken
        address gets the same answer, as often, and its owner a notice in place of a code.
        Raises `Invalid`, `CodeTooSoon`."""
        folded = folded_email(email)

        async def step(repositories: Repositories) -> Account:
            account = await repositories.accounts.get(account_id)
            if folded == account.email:
                raise Invalid(email="This is your address already.")
            waiting = await repositories.accounts.save(replace(account, new_email=folded))
            owner = await repositories.accounts.find_by_email(folded)
            taken = owner is not None and owner.email_verified
            await self.codes.issue(
                repositories, Purpose.NEW_EMAIL, account.id, waiting, to=folded, visit=caller.visit,
                mailed=not taken,
            )  # fmt: skip
            if owner is not None and taken:
                await self.registration.notify_owner(repositories, owner)
            return waiting

        return await self.store.transact(step)

    async def confirm_new_email(
        self, account_id: AccountId, *, code: str, session: Session, caller: Caller
    ) -> SignedIn:
        """The code from the new mailbox: from now on it is the log-in name. Both addresses are
        told, other sessions end, this one goes on. Raises `WrongCode` or `EmailTaken`."""
        right = await self.codes.verify(Purpose.NEW_EMAIL, account_id, code, visit=caller.visit)

        async def step(repositories: Repositories) -> SignedIn:
            await self.codes.consume(repositories, right)
            current = await repositories.accounts.get(account_id)
            if current.new_email is None:
                raise WrongCode
            squatter = await repositories.accounts.find_by_email(current.new_email)
            if squatter is not None:
                if squatter.email_verified:
                    raise EmailTaken
                # Never confirmed, so never somebody's: the code proves whose mailbox it is.
                await repositories.accounts.save(squatter.erase(now=self.clock.now()))
            moved = await repositories.accounts.save(current.move_to(current.new_email))
            await self.codes.invalidate(
                repositories, Purpose.RESET, moved.id
            )  # it is in the old mailbox
            await repositories.outbox.add(
                self.session_writer.audit_message(moved, caller, "email_changed"),
                self.session_writer.security_notice(moved, "email_changed", new=moved.email),
                self.session_writer.security_notice(
                    moved, "email_changed", email=current.email, new=moved.email
                ),
            )
            await self.session_writer.end_all(repositories, moved.id, keep=session.id)
            return SignedIn(moved, await self.session_writer.renew(repositories, session))

        return await self.store.transact(step)


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
