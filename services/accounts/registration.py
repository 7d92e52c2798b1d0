"""Writes a registration: account, profile and code.

The methods run inside the caller's transaction and call repositories only.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace

from core.accounts import Account, AccountActivity, Role
from core.accounts_messages import AccountEmail
from core.availability import Availability
from core.bookings_policy import BookingPolicy
from core.clients import Client, ClientId
from core.codes import CodeTooSoon, Purpose, code_id
from core.developers import Developer, DeveloperId
from core.outbox import message
from core.policy import HOUR
from core.sessions import Caller
from ports.clock import Clock
from ports.store import Repositories
from services.accounts.addresses import find_account
from services.accounts.codes import OneTimeCodes
from services.accounts.rate_limits import notice_key
from services.accounts.session_writer import SessionWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRegistration:
    codes: OneTimeCodes
    session_writer: SessionWriter
    clock: Clock
    policy: BookingPolicy

    async def register(self, repositories: Repositories, account: Account, caller: Caller) -> None:
        """Create the account and e-mail its code. For a taken address, notify its owner instead,
        with the same response. Raises `EmailTaken` when a concurrent request was first."""
        found = await find_account(repositories, account.email)
        if found is None:
            await self.create_account(repositories, account, caller)
            await self._send_code(repositories, account, caller)
            await self.codes.bind(
                repositories, Purpose.VERIFY_EMAIL, account.id, visit=caller.visit
            )
        elif found.email_verified:
            await self.notify_owner(repositories, found)
            await self._equalize_duration(repositories, account, caller)
        elif await self._send_code(repositories, found, caller):
            await self._replace_unconfirmed(repositories, found, account, caller)

    async def _equalize_duration(
        self, repositories: Repositories, account: Account, caller: Caller
    ) -> None:
        """Write about as much as `create_account`: a faster response would reveal that the address
        is taken (OWASP ASVS 5.0, V6.3.8). The code expires and cannot be used."""
        purpose, owner = Purpose.VERIFY_EMAIL, account.id
        with contextlib.suppress(CodeTooSoon):
            await self.codes.issue(
                repositories, purpose, owner, account, visit=caller.visit, mailed=False
            )

    async def _send_code(
        self, repositories: Repositories, account: Account, caller: Caller
    ) -> bool:
        """Send a code, and return whether the stored code is bound to the caller's browser. If
        it is not, because the hourly limit is reached, the account must not change: the stored
        code confirms the registration of the other browser."""
        purpose, owner = Purpose.VERIFY_EMAIL, account.id
        with contextlib.suppress(CodeTooSoon):  # the response must not depend on it
            await self.codes.issue(repositories, purpose, owner, account, visit=caller.visit)
        code = await repositories.codes.find(code_id(purpose, owner))
        return code is not None and code.is_bound_to(caller.visit)

    async def create_account(
        self, repositories: Repositories, account: Account, caller: Caller
    ) -> None:
        """Add the account, its profiles, and the first entry of its audit trail."""
        await repositories.accounts.add(account)
        await self.create_profiles(repositories, account)
        await self._record_registration(repositories, account, caller)

    async def _record_registration(
        self, repositories: Repositories, account: Account, caller: Caller
    ) -> None:
        roles = " ".join(sorted(account.roles))
        await repositories.outbox.add(
            self.session_writer.audit_message(
                account, caller, AccountActivity.REGISTERED, roles=roles
            )
        )

    async def _replace_unconfirmed(
        self, repositories: Repositories, found: Account, wanted: Account, caller: Caller
    ) -> None:
        """Overwrite an account whose address was never confirmed."""
        replaced = await repositories.accounts.save(
            replace(
                found,
                name=wanted.name,
                roles=wanted.roles,
                password_hash=wanted.password_hash,
                password_short=wanted.password_short,
                two_factor=wanted.two_factor,
                timezone=wanted.timezone,
            )
        )
        await self.create_profiles(repositories, replaced)
        await self._record_registration(repositories, replaced, caller)

    async def notify_owner(self, repositories: Repositories, account: Account) -> None:
        """E-mail the owner of a taken address, at most once per hour and mailbox."""
        now, limit = self.clock.now(), notice_key(account.email)
        if await repositories.throttles.increment(limit, window=HOUR, now=now) > 1:
            return
        email = AccountEmail("already_registered", account.email, account.timezone)
        key = f"{account.id}:known:{now.isoformat()}"
        await repositories.outbox.add(message(email, key, due_at=now))

    async def create_profiles(self, repositories: Repositories, account: Account) -> None:
        """Add the missing profiles of the account's roles, and update their names."""
        stem = account.id.partition("_")[2]
        if Role.CLIENT in account.roles:
            client = await repositories.clients.find_by_account(account.id)
            if client is None:
                await repositories.clients.add(
                    Client(ClientId(f"cli_{stem}"), account.id, account.name, avatar=account.avatar)
                )
            elif client.name != account.name:
                await repositories.clients.save(replace(client, name=account.name))
        if Role.DEVELOPER in account.roles:
            developer = await repositories.developers.find_by_account(account.id)
            if developer is None:
                await repositories.developers.add(self._draft(account, DeveloperId(f"dev_{stem}")))
            elif developer.name != account.name:
                await repositories.developers.save(replace(developer, name=account.name))

    def _draft(self, account: Account, developer_id: DeveloperId) -> Developer:
        return Developer(
            id=developer_id,
            account_id=account.id,
            name=account.name,
            availability=Availability(account.timezone),
            avatar=account.avatar,
            revisions=self.policy.terms.revisions,
        )
