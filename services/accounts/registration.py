"""What registering writes: account, profile and code, in one transaction.

Steps that run inside it; they call nothing outside the books.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace

from core.accounts import Account, Role
from core.availability import Availability
from core.clients import Client, ClientId
from core.codes import CodeTooSoon, Purpose, code_id
from core.developers import Developer, DeveloperId
from core.effects import effect
from core.policy import HOUR, Policy
from core.sessions import Caller
from ports.clock import Clock
from ports.store import Books
from services.accounts.codes import OneTimeCodes
from services.accounts.signing import Signing


@dataclass(frozen=True, slots=True)
class Registering:
    codes: OneTimeCodes
    signing: Signing
    clock: Clock
    policy: Policy

    async def register(self, books: Books, account: Account, caller: Caller) -> None:
        """A new account; or, with its address taken, what hides that: the same answer, and a
        mail to whoever owns it. Raises `EmailTaken` when a twin was a moment faster."""
        found = await books.accounts.find_by_email(account.email)
        if found is None:
            await self.open(books, account, caller)
            await self._mail_code(books, account, caller)
        elif found.email_verified:
            await self.tell_owner(books, found)
            await self._look_busy(books, account, caller)
        elif await self._mail_code(books, found, caller):
            await self._take_over(books, found, account, caller)

    async def _look_busy(self, books: Books, account: Account, caller: Caller) -> None:
        """About as long as `open` takes: a quicker answer would tell that the address is taken
        (OWASP ASVS 5.0, V6.3.8). What is written ends by itself, and opens nothing."""
        purpose, owner = Purpose.VERIFY_EMAIL, account.id
        await self.codes.owe(books, purpose, owner, account, visit=caller.visit, mailed=False)

    async def _mail_code(self, books: Books, account: Account, caller: Caller) -> bool:
        """Whether the code that stands now is one of the caller's browser. If not, since no more
        are sent this hour, nothing may change: that code confirms what its own browser typed."""
        owner = account.id
        with contextlib.suppress(CodeTooSoon):  # the answer tells nobody of it
            await self.codes.owe(books, Purpose.VERIFY_EMAIL, owner, account, visit=caller.visit)
        code = await books.codes.find(code_id(Purpose.VERIFY_EMAIL, owner))
        return code is not None and code.counts_in(caller.visit)

    async def open(self, books: Books, account: Account, caller: Caller) -> None:
        """The account, its profile, and the first line of its activity."""
        await books.accounts.add(account)
        await self.open_profile(books, account)
        await self._note_registered(books, account, caller)

    async def _note_registered(self, books: Books, account: Account, caller: Caller) -> None:
        roles = " ".join(sorted(account.roles))
        await books.effects.add(self.signing.note(account, caller, "registered", roles=roles))

    async def _take_over(
        self, books: Books, found: Account, wanted: Account, caller: Caller
    ) -> None:
        """Nobody has confirmed the address yet, so nobody owns what stands here."""
        later = await books.accounts.save(
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
        await self.open_profile(books, later)
        await self._note_registered(books, later, caller)

    async def tell_owner(self, books: Books, account: Account) -> None:
        """That somebody wanted their address: at most one such mail an hour."""
        now, told = self.clock.now(), f"known:{account.id}"
        if await books.throttles.count(told, window=HOUR, now=now) > 1:
            return
        await books.effects.add(
            effect(
                "accounts.mail",
                f"{account.id}:known:{now.isoformat()}",
                due_at=now,
                letter="already_registered",
                email=account.email,
                zone=account.timezone,
            )
        )

    async def open_profile(self, books: Books, account: Account) -> None:
        """The profiles of the account's roles, unless they are there."""
        stem = account.id.partition("_")[2]
        if Role.CLIENT in account.roles:
            client = await books.clients.find_by_account(account.id)
            if client is None:
                await books.clients.add(Client(ClientId(f"cli_{stem}"), account.id, account.name))
            elif client.name != account.name:
                await books.clients.save(replace(client, name=account.name))
        if Role.DEVELOPER in account.roles:
            developer = await books.developers.find_by_account(account.id)
            if developer is None:
                await books.developers.add(self._draft(account, DeveloperId(f"dev_{stem}")))
            elif developer.name != account.name:
                await books.developers.save(replace(developer, name=account.name))

    def _draft(self, account: Account, developer_id: DeveloperId) -> Developer:
        return Developer(
            id=developer_id,
            account_id=account.id,
            name=account.name,
            availability=Availability(account.timezone),
            revisions=self.policy.terms.revisions,
        )
