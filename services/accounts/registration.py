"""What registering writes: account, profile and code, in one transaction.

Steps that run inside it; they call nothing outside the books.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace

from core.accounts import Account, AccountEmail, Role
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
from services.accounts.codes import OneTimeCodes
from services.accounts.session_writer import SessionWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRegistration:
    codes: OneTimeCodes
    session_writer: SessionWriter
    clock: Clock
    policy: BookingPolicy

    async def register(self, repositories: Repositories, account: Account, caller: Caller) -> None:
        """A new account; or, with its address taken, what hides that: the same answer, and a
        mail to whoever owns it. Raises `EmailTaken` when a twin was a moment faster."""
        found = await repositories.accounts.find_by_email(account.email)
        if found is None:
            await self.create_account(repositories, account, caller)
            await self._mail_code(repositories, account, caller)
        elif found.email_verified:
            await self.notify_owner(repositories, found)
            await self._look_busy(repositories, account, caller)
        elif await self._mail_code(repositories, found, caller):
            await self._take_over(repositories, found, account, caller)

    async def _look_busy(
        self, repositories: Repositories, account: Account, caller: Caller
    ) -> None:
        """About as long as `open` takes: a quicker answer would tell that the address is taken
        (OWASP ASVS 5.0, V6.3.8). What is written ends by itself, and opens nothing."""
        purpose, owner = Purpose.VERIFY_EMAIL, account.id
        await self.codes.issue(
            repositories, purpose, owner, account, visit=caller.visit, mailed=False
        )

    async def _mail_code(
        self, repositories: Repositories, account: Account, caller: Caller
    ) -> bool:
        """Whether the code that stands now is one of the caller's browser. If not, since no more
        are sent this hour, nothing may change: that code confirms what its own browser typed."""
        owner = account.id
        with contextlib.suppress(CodeTooSoon):  # the answer tells nobody of it
            await self.codes.issue(
                repositories, Purpose.VERIFY_EMAIL, owner, account, visit=caller.visit
            )
        code = await repositories.codes.find(code_id(Purpose.VERIFY_EMAIL, owner))
        return code is not None and code.is_bound_to(caller.visit)

    async def create_account(
        self, repositories: Repositories, account: Account, caller: Caller
    ) -> None:
        """The account, its profile, and the first line of its activity."""
        await repositories.accounts.add(account)
        await self.create_profiles(repositories, account)
        await self._note_registered(repositories, account, caller)

    async def _note_registered(
        self, repositories: Repositories, account: Account, caller: Caller
    ) -> None:
        roles = " ".join(sorted(account.roles))
        await repositories.outbox.add(
            self.session_writer.audit_message(account, caller, "registered", roles=roles)
        )

    async def _take_over(
        self, repositories: Repositories, found: Account, wanted: Account, caller: Caller
    ) -> None:
        """Nobody has confirmed the address yet, so nobody owns what stands here."""
        later = await repositories.accounts.save(
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
        await self.create_profiles(repositories, later)
        await self._note_registered(repositories, later, caller)

    async def notify_owner(self, repositories: Repositories, account: Account) -> None:
        """That somebody wanted their address: at most one such mail an hour."""
        now, told = self.clock.now(), f"known:{account.id}"
        if await repositories.throttles.increment(told, window=HOUR, now=now) > 1:
            return
        email = AccountEmail("already_registered", account.email, account.timezone)
        key = f"{account.id}:known:{now.isoformat()}"
        await repositories.outbox.add(message(email, key, due_at=now))

    async def create_profiles(self, repositories: Repositories, account: Account) -> None:
        """The profiles of the account's roles, unless they are there."""
        stem = account.id.partition("_")[2]
        if Role.CLIENT in account.roles:
            client = await repositories.clients.find_by_account(account.id)
            if client is None:
                await repositories.clients.add(
                    Client(ClientId(f"cli_{stem}"), account.id, account.name)
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
            revisions=self.policy.terms.revisions,
        )
