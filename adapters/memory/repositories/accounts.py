"""Accounts in memory."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence

from adapters.memory.repositories.repository import VersionedRepository, yield_control
from core.accounts import Account, AccountId, EmailTaken, name_words
from ports.accounts import Accounts


class MemoryAccounts(VersionedRepository[Account], Accounts):
    name = "accounts"
    duplicate_error = EmailTaken

    def unique_keys(self, entity: Account) -> Sequence[Hashable]:
        return (entity.email,)

    async def find_by_email(self, email: str) -> Account | None:
        await yield_control()
        return next((account for account in self.table.all() if account.email == email), None)

    async def other_administrator(self, account_id: AccountId) -> Account | None:
        await yield_control()
        others = (a for a in self.table.all() if a.can_administer and a.id != account_id)
        return min(others, key=lambda account: account.id, default=None)

    async def administrators(self, *, limit: int) -> tuple[Account, ...]:
        await yield_control()
        found = (account for account in self.table.all() if account.can_administer)
        return tuple(sorted(found, key=lambda account: account.id)[:limit])

    async def named(self, words: Collection[str], *, limit: int) -> tuple[Account, ...]:
        await yield_control()
        found = (a for a in self.table.all() if words and name_words(a.name).issuperset(words))
        return tuple(sorted(found, key=lambda account: account.id)[:limit])

    async def page(
        self, *, start: str, limit: int, cursor: str | None
    ) -> tuple[tuple[Account, ...], str | None]:
        await yield_control()
        fitting = (a for a in self.table.all() if a.email.startswith(start))
        rest = sorted((a for a in fitting if a.email > (cursor or "")), key=lambda a: a.email)
        return tuple(rest[:limit]), rest[limit - 1].email if len(rest) > limit else None
