"""What registering writes: account, profile and code, in one transaction.

Steps that run inside it; they call nothing outside the books.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from core.accounts import Account, Code, CodeTooSoon, Role
from core.availability import Availability
from core.clients import Client, ClientId
from core.developers import Developer, DeveloperId
from core.effects import Effect, effect
from core.policy import HOUR, Policy
from ports.clock import Clock, Ids
from ports.store import Books
from services.codes import CodeMaker


@dataclass(frozen=True, slots=True)
class Registering:
    codes: CodeMaker
    clock: Clock
    ids: Ids
    policy: Policy

    async def register(self, books: Books, account: Account, visit: str) -> None:
        await books.accounts.add(account)
        await self._open_profile(books, account)
        await self.owe_code(books, account, visit)

    async def taken(self, books: Books, wanted: Account, visit: str) -> None:
        """There is an account with the address: confirmed, its owner is told; else taken over."""
        found = await books.accounts.find_by_email(wanted.email)
        assert found is not None
        if found.email_verified:
            await books.effects.add(self._already_registered(found))
            return
        later = await books.accounts.save(
            replace(
                found,
                name=wanted.name,
                roles=wanted.roles,
                password_hash=wanted.password_hash,
                timezone=wanted.timezone,
            )
        )
        await self._open_profile(books, later)
        await self.owe_code(books, later, visit)

    def _already_registered(self, account: Account) -> Effect:
        """At most one such mail an hour, however often somebody tries."""
        now = self.clock.now()
        return effect(
            "accounts.mail",
            f"{account.id}:known:{now:%Y%m%d%H}",
            due_at=now,
            letter="already_registered",
            email=account.email,
        )

    async def _open_profile(self, books: Books, account: Account) -> None:
        """The profile of the account's role, unless it is there."""
        stem = account.id.partition("_")[2]
        if Role.CLIENT in account.roles:
            client = await books.clients.find_by_account(account.id)
            if client is None:
                await books.clients.add(Client(ClientId(f"cli_{stem}"), account.id, account.name))
            else:
                await books.clients.save(replace(client, name=account.name))
        if Role.DEVELOPER in account.roles:
            developer = await books.developers.find_by_account(account.id)
            if developer is None:
                await books.developers.add(
                    Developer(
                        id=DeveloperId(f"dev_{stem}"),
                        account_id=account.id,
                        name=account.name,
                        availability=Availability(account.timezone),
                        revisions=self.policy.terms.revisions,
                    )
                )
            else:
                await books.developers.save(replace(developer, name=account.name))

    async def owe_code(self, books: Books, account: Account, visit: str) -> None:
        """A fresh code in place of the one before. Raises `CodeTooSoon`."""
        code_id, now = verification(account.id), self.clock.now()
        before = await books.codes.find(code_id)
        if (
            before
            and before.counts_in(visit)
            and now < before.sent_at + self.policy.code_resend_after
        ):
            raise CodeTooSoon
        code, mail = self._code(code_id, account.email, before, now, visit)
        await books.codes.put(code)
        await books.effects.add(mail)

    def _code(
        self, code_id: str, email: str, before: Code | None, now: datetime, visit: str
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
            visit=visit,
        )
        mail = effect(
            "accounts.mail",
            f"{code_id}:{code.digest[:16]}",
            due_at=now,
            letter="code",
            email=email,
            code=code_id,
            nonce=nonce,
            expires=code.expires_at.isoformat(),
        )
        return code, mail


def verification(account_id: str) -> str:
    """The id of the code that confirms an account's address."""
    return f"verify-email:{account_id}"
