"""Accounts: registration, confirmation of the e-mail address, name, time zone and roles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from core.accounts import (
    Account,
    AccountActivity,
    AccountId,
    EmailTaken,
    Role,
    TooManyAttempts,
)
from core.accounts_policy import AccountPolicy
from core.codes import Purpose, WrongCode, code_id
from core.email_addresses import early_forms
from core.errors import Errors, Invalid
from core.passwords import checked_password
from core.sessions import Caller, Session
from core.text import checked_name
from core.timezones import checked_timezone
from ports.clock import Clock, Ids
from ports.passwords import Passwords
from ports.store import Repositories, Store
from services.accounts.addresses import AccountAddresses, find_account
from services.accounts.codes import OneTimeCodes, parse_digits
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
    addresses: AccountAddresses
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
        """Create an account and e-mail a code that confirms its address in the caller's browser.

        For an address that has an account, the response and its duration are the same, and the
        owner gets an e-mail, so that the response does not reveal accounts (OWASP ASVS 5.0,
        V6.3.8). Until an address is confirmed, the last registration replaces earlier ones.
        Raises `Invalid` with all fields that are not valid, or `TooManyAttempts` for a network
        address with too many registrations in an hour.
        """
        with_factor, errors = role is Role.DEVELOPER, Errors()  # docs/rules.md: on by default
        with errors:
            role = checked_role(role)
        with errors:
            name = checked_name(name)
        with errors:
            email = self.addresses.canonical(email)
        with errors:
            await self.check_new_password(password, words=(email, name), alone=not with_factor)
        with errors:
            timezone = checked_timezone(timezone)
        errors.check()
        hashed = await self.passwords.hash(password)
        limit = f"register-from:{caller.source}"
        if not await self.rate_limits.allow(limit, most=self.policy.registrations_per_hour):
            raise TooManyAttempts("Too many new accounts from your network. Try again in an hour.")
        account = Account(
            id=AccountId(self.ids.new("acc")),
            email=email,
            name=name,
            roles=frozenset({role}),
            password_hash=hashed,
            timezone=timezone,
            created_at=self.clock.now(),
            two_factor=with_factor,
            password_short=len(password) < self.policy.password_minimum,
        )
        try:
            await self.store.transact(
                lambda repositories: self.registration.register(repositories, account, caller)
            )
        except EmailTaken:  # a concurrent request has registered it: retry with its account
            await self.store.transact(
                lambda repositories: self.registration.register(repositories, account, caller)
            )
        return account

    async def _find(self, email: str) -> Account | None:
        return await find_account(self.store.repositories, self.addresses.of_log_in(email))

    async def new_password(self, password: str, *, words: tuple[str, ...], alone: bool) -> str:
        """Check a password as `check_new_password` and return its hash. Raises `Invalid`."""
        await self.check_new_password(password, words=words, alone=alone)
        return await self.passwords.hash(password)

    async def check_new_password(
        self, password: str, *, words: tuple[str, ...], alone: bool
    ) -> None:
        """Check the length and the strength of a password. Raises `Invalid`.

        `words` may not make up the password; `alone`: it is not combined with a second factor.
        """
        checked = checked_password(password, self.policy, alone=alone)
        host = urlsplit(self.site).hostname or ""
        weakness = await self.passwords.weakness(checked, words=(*words, host))
        if weakness:
            raise Invalid(password=weakness)

    async def verify_email(self, *, email: str, code: str, caller: Caller) -> SignedIn:
        """Confirm the address with the e-mailed code and sign in. Raises `WrongCode`, or `Invalid`
        with both fields. What is malformed is named before the account is looked up, so that the
        answer does not depend on it."""
        errors = Errors()
        with errors:
            email = self.addresses.of_log_in(email)
        with errors:
            code = parse_digits(code)
        errors.check()
        account = await find_account(self.store.repositories, email)
        if account is None or account.email_verified or account.suspended:
            raise WrongCode
        verified_code = await self.codes.verify(
            Purpose.VERIFY_EMAIL, account.id, code, visit=caller.visit
        )

        async def verified(repositories: Repositories) -> Account:
            await self.codes.consume(repositories, verified_code)
            found = await repositories.accounts.get(account.id)
            await repositories.outbox.add(
                self.session_writer.audit_message(found, caller, AccountActivity.EMAIL_CONFIRMED)
            )
            return await repositories.accounts.save(found.verify_email(now=self.clock.now()))

        confirmed = await self.store.transact(verified)
        return await self.sessions.sign_in_confirmed(confirmed, caller, how="confirmed address")

    async def resend_code(self, *, email: str, caller: Caller) -> None:
        """E-mail another code to the browser that registered: at most one per minute and five per
        hour. Does nothing for unknown or confirmed addresses. Raises `CodeTooSoon`."""
        account = await self._find(email)
        if account is None or account.email_verified:
            return
        purpose, owner = Purpose.VERIFY_EMAIL, account

        async def step(repositories: Repositories) -> None:
            code = await repositories.codes.find(code_id(purpose, owner.id))
            if code and code.is_bound_to(caller.visit):
                await self.codes.issue(repositories, purpose, owner.id, owner, visit=caller.visit)

        await self.store.transact(step)

    async def update(self, account_id: AccountId, *, name: str, timezone: str) -> Account:
        """Change name and time zone of the account and its profiles. The stored name may be sent
        again, also if it was accepted by earlier rules. Raises `Invalid` with all fields that
        are not valid."""
        sent, zone = name, timezone

        async def step(repositories: Repositories) -> Account:
            account = await repositories.accounts.get(account_id)
            errors, name, timezone = Errors(), sent, zone
            with errors:
                name = sent if sent == account.name else checked_name(sent)
            with errors:
                timezone = checked_timezone(zone)
            errors.check()
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
        """Add the client or the developer role and its profile. The session gets a new cookie.
        Raises `Invalid` for the role of administrators."""
        role = checked_role(role)

        async def step(repositories: Repositories) -> SignedIn:
            account = await repositories.accounts.get(account_id)
            if role not in account.roles:
                account = await repositories.accounts.save(account.add_role(role))
                await self.registration.create_profiles(repositories, account)
                await repositories.outbox.add(
                    self.session_writer.audit_message(
                        account, caller, AccountActivity.ROLE_ADDED, role=role
                    )
                )
            token = await self.session_writer.renew(repositories, session)
            return SignedIn(account, token)

        return await self.store.transact(step)

    async def request_new_email(
        self, account_id: AccountId, *, email: str, caller: Caller
    ) -> Account:
        """E-mail a code to the new address. The old address is used until the code is entered.

        For a taken address the response and the rate limit are the same; its owner gets a notice
        instead of a code. Raises `Invalid` or `CodeTooSoon`.
        """
        address = self.addresses.canonical(email)

        async def step(repositories: Repositories) -> Account:
            account = await repositories.accounts.get(account_id)
            if account.email in early_forms(address):
                raise Invalid(email="This is your address already.")
            changed = await repositories.accounts.save(replace(account, new_email=address))
            owner = await find_account(repositories, address)
            taken = owner is not None and owner.email_verified
            await self.codes.issue(
                repositories,
                Purpose.NEW_EMAIL,
                account.id,
                changed,
                to=address,
                visit=caller.visit,
                mailed=not taken,
            )
            if owner is not None and taken:
                await self.registration.notify_owner(repositories, owner)
            return changed

        return await self.store.transact(step)

    async def confirm_new_email(
        self, account_id: AccountId, *, code: str, session: Session, caller: Caller
    ) -> SignedIn:
        """Use the new address from now on. Both addresses get a notice, and the other sessions
        end. Raises `WrongCode` or `EmailTaken`."""
        verified_code = await self.codes.verify(
            Purpose.NEW_EMAIL, account_id, code, visit=caller.visit
        )

        async def step(repositories: Repositories) -> SignedIn:
            await self.codes.consume(repositories, verified_code)
            current = await repositories.accounts.get(account_id)
            if current.new_email is None:
                raise WrongCode
            unconfirmed = await find_account(repositories, current.new_email)
            if unconfirmed is not None:
                if unconfirmed.email_verified:
                    raise EmailTaken
                # Never confirmed, so it belongs to nobody: the code proves who owns the mailbox.
                await repositories.accounts.save(unconfirmed.erase(now=self.clock.now()))
            following = current.move_to(current.new_email)
            following = following.with_changed_credentials(now=self.clock.now())
            moved = await repositories.accounts.save(following)
            # A reset link may still be in the old mailbox.
            await self.codes.invalidate(repositories, Purpose.RESET, moved.id)
            await repositories.outbox.add(
                self.session_writer.audit_message(moved, caller, AccountActivity.EMAIL_CHANGED),
                self.session_writer.security_notice(moved, "email_changed", new=moved.shown_email),
                self.session_writer.security_notice(
                    moved, "email_changed", email=current.email, new=moved.shown_email
                ),
            )
            await self.session_writer.end_all(repositories, moved.id, keep=session.id)
            return SignedIn(moved, await self.session_writer.renew(repositories, session))

        return await self.store.transact(step)


def checked_role(role: Role) -> Role:
    if role is Role.ADMIN:
        raise Invalid(role="Choose client or developer.")
    return role
