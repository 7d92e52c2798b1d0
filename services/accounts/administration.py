"""Account administration: search, suspend, confirm addresses, assign roles."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.accounts import (
    Account,
    AccountActivity,
    AccountErased,
    AccountId,
    EmailTaken,
    Role,
)
from core.accounts_policy import AccountPolicy
from core.audit import SYSTEM
from core.bookings import Booking
from core.errors import Conflict, Errors, Invalid
from core.sessions import Caller
from core.text import checked_name
from core.timezones import checked_timezone
from ports.clock import Clock, Ids
from ports.store import Repositories, Store
from services.accounts.addresses import find_account
from services.accounts.administrators import keep_an_administrator
from services.accounts.registration import AccountRegistration
from services.accounts.service import AccountService
from services.accounts.session_writer import SessionWriter

PAGE_SIZE = 50


class NotYourself(Conflict):
    """You cannot suspend yourself or remove your own administrator role."""

    code = "not_yourself"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdministrationService:
    store: Store
    accounts: AccountService
    registration: AccountRegistration
    session_writer: SessionWriter
    clock: Clock
    ids: Ids
    policy: AccountPolicy

    async def users(
        self, *, start: str = "", limit: int = PAGE_SIZE, cursor: str | None = None
    ) -> tuple[tuple[Account, ...], str | None]:
        """A page of the accounts whose address starts with `start`, by address, and the next
        cursor: one database read."""
        return await self.store.repositories.accounts.page(
            start=self._start(start), limit=limit, cursor=cursor
        )

    def _start(self, typed: str) -> str:
        """A whole address in any spelling as it is stored, otherwise the start in lower case."""
        try:
            return self.accounts.addresses.canonical(typed)
        except Invalid:
            return typed.strip().lower()

    async def get(self, account_id: AccountId, *, by: Account, caller: Caller) -> Account:
        """One account. The access is recorded in its audit trail."""
        account = await self.store.repositories.accounts.get(account_id)
        entry = self.session_writer.audit_message(
            account, caller, AccountActivity.ADMIN_READ, actor=by.id
        )
        await self.store.repositories.outbox.add(entry)
        return account

    async def record_reading(self, booking: Booking, *, by: Account, caller: Caller) -> None:
        """Record in the audit trails of both parties that an administrator read the booking."""
        repositories = self.store.repositories
        parties = [booking.client.account_id, booking.developer.account_id]
        accounts = await repositories.accounts.many(parties)
        read, detail = AccountActivity.ADMIN_READ, {"booking": booking.id, "number": booking.number}
        entries = (
            self.session_writer.audit_message(account, caller, read, actor=by.id, **detail)
            for account in accounts.values()
        )
        await repositories.outbox.add(*entries)

    async def record_export(
        self, what: str, *, by: Account, caller: Caller, rows: int, **filters: str
    ) -> None:
        """Record in the audit trail of the administrator that a list was exported."""
        entry = self.session_writer.audit_message(
            by, caller, AccountActivity.LIST_EXPORTED, list=what, rows=str(rows), **filters
        )
        await self.store.repositories.outbox.add(entry)

    async def change(
        self,
        account_id: AccountId,
        *,
        by: Account,
        caller: Caller,
        suspended: bool | None = None,
        verified: bool | None = None,
        roles: frozenset[Role] | None = None,
    ) -> Account:
        """Change what is not None. Suspending an account or changing its roles ends all its
        sessions; the profile of a suspended developer is unpublished. Raises `NotYourself`,
        `LastAdministrator`, `AccountErased`, or `Invalid` for an empty set of roles."""
        if by.id == account_id and (suspended or (roles and Role.ADMIN not in roles)):
            raise NotYourself
        if roles is not None and not roles:
            raise Invalid(roles="Leave at least one role, or suspend the account.")

        async def step(repositories: Repositories) -> Account:
            account = await repositories.accounts.get(account_id)
            if account.erased:
                raise AccountErased
            changed = self._changed(account, suspended, verified, roles)
            if changed == account:
                return account
            await keep_an_administrator(repositories, account, changed)
            saved = await repositories.accounts.save(changed)
            await self._apply_consequences(repositories, account, saved)
            detail = {"before": _state(account), "after": _state(saved)}
            roles_changed = AccountActivity.ROLES_CHANGED
            what = roles_changed if roles is not None else _activity(account, saved)
            await repositories.outbox.add(
                self.session_writer.audit_message(saved, caller, what, actor=by.id, **detail)
            )
            return saved

        return await self.store.transact(step)

    def _changed(
        self,
        account: Account,
        suspended: bool | None,
        verified: bool | None,
        roles: frozenset[Role] | None,
    ) -> Account:
        now, changed = self.clock.now(), account
        if suspended is not None:
            changed = changed.suspend(now=now) if suspended else changed.restore()
        if verified is not None:
            since = changed.email_verified_at or now
            changed = replace(changed, email_verified_at=since if verified else None)
        return changed.with_roles(roles) if roles is not None else changed

    async def _apply_consequences(
        self, repositories: Repositories, before: Account, after: Account
    ) -> None:
        await self.registration.create_profiles(repositories, after)
        if before.roles != after.roles or after.suspended or not after.email_verified:
            await self.session_writer.end_all(repositories, after.id)
        if after.suspended or Role.DEVELOPER not in after.roles:
            developer = await repositories.developers.find_by_account(after.id)
            if developer and developer.published:
                await repositories.developers.save(replace(developer, published=False))

    async def create(self, *, name: str, email: str, password: str, timezone: str) -> Account:
        """Create an administrator, for the command line: the address counts as confirmed, and
        the second factor is on. Raises `Invalid` or `EmailTaken`."""
        errors = Errors()
        with errors:
            name = checked_name(name)
        with errors:
            email = self.accounts.addresses.canonical(email)
        with errors:
            await self.accounts.check_new_password(password, words=(email, name), alone=False)
        with errors:
            timezone = checked_timezone(timezone)
        errors.check()
        hashed = await self.accounts.passwords.hash(password)
        now, caller = self.clock.now(), Caller()
        account = Account(
            id=AccountId(self.ids.new("acc")),
            email=email,
            name=name,
            roles=frozenset({Role.ADMIN}),
            password_hash=hashed,
            timezone=timezone,
            created_at=now,
            email_verified_at=now,
            two_factor=True,
            password_short=len(password) < self.policy.password_minimum,
        )

        async def step(repositories: Repositories) -> Account:
            found = await find_account(repositories, email)
            if found and found.email_verified:
                raise EmailTaken
            if found:  # never confirmed: replaced
                await self.session_writer.end_all(repositories, found.id)
                claimed = replace(account, id=found.id, version=found.version)
                created = await repositories.accounts.save(claimed)
            else:
                created = await repositories.accounts.add(account)
            await repositories.outbox.add(
                self.session_writer.audit_message(
                    created, caller, AccountActivity.ADMIN_CREATED, actor=SYSTEM
                )
            )
            return created

        return await self.store.transact(step)


def _activity(before: Account, after: Account) -> AccountActivity:
    if before.suspended != after.suspended:
        return AccountActivity.SUSPENDED if after.suspended else AccountActivity.UNSUSPENDED
    confirmed = AccountActivity.EMAIL_CONFIRMED
    return confirmed if after.email_verified else AccountActivity.EMAIL_UNCONFIRMED


def _state(account: Account) -> str:
    roles = " ".join(sorted(account.roles))
    state = "suspended" if account.suspended else "open"
    return f"{roles}; {state}; {'confirmed' if account.email_verified else 'unconfirmed'}"
