"""The audit trail: recorded by the relay, read by users and administrators, and verified."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial

from core.audit import Entry, Flaw, Head, RecordEntry, flaws, next_entry
from core.errors import Unavailable
from ports.audit import Page
from ports.store import Duplicate, Repositories, Store
from services.shared.outbox import handles

APPEND_ATTEMPTS = 10
"""Attempts to append an entry: concurrent appends to one chain retry."""


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """The result of verifying all chains; the trail is intact when there are no `flaws`."""

    chains: int
    entries: int
    flaws: tuple[Flaw, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditService:
    """`key` signs the chains (`core.audit.chain_key`); it is not stored in the database."""

    store: Store
    key: bytes

    @handles(RecordEntry)
    async def record(self, payload: RecordEntry) -> None:
        """Append the fact to its account's chain, once. Safe to run concurrently.

        Raises `Unavailable` after too many conflicts; the relay then tries again.
        """
        step = partial(self._append, fact=payload)
        for _ in range(APPEND_ATTEMPTS):
            try:
                return await self.store.transact(step)
            except Duplicate:  # a concurrent append was first, perhaps of this fact
                if await self.store.repositories.audit.has(payload.key):
                    return None
        raise Unavailable

    async def recent(self, *, by: str, limit: int = 20, cursor: str | None = None) -> Page:
        """A page of the account's own entries, latest first."""
        return await self.store.repositories.audit.page(by, limit=limit, cursor=cursor)

    async def all(
        self, *, what: str | None = None, limit: int = 20, cursor: str | None = None
    ) -> Page:
        """A page of the entries of all accounts, for administrators, latest first."""
        return await self.store.repositories.audit.page_of_all(
            what=what, limit=limit, cursor=cursor
        )

    async def verify(self, account_id: str) -> Sequence[Flaw]:
        """The flaws of one chain, read in one transaction."""
        return await self.store.transact(
            lambda repositories: self._verify(repositories, account_id)
        )

    async def verify_all(self) -> VerificationReport:
        """Verify every chain and every head without a chain. A chain that seems flawed is read
        again in one transaction, because entries may be appended meanwhile."""
        repositories, chains, entries, found = self.store.repositories, 0, 0, list[Flaw]()
        async for chain in _chains(repositories.audit.every()):
            account, chains, entries = chain[0].account_id, chains + 1, entries + len(chain)
            if flaws(account, chain, await repositories.audit.head(account), self.key):
                found += await self.verify(account)
        async for head in repositories.audit.heads():
            if await repositories.audit.last(head.account_id) is None:
                found += await self.verify(head.account_id)
        return VerificationReport(chains, entries, tuple(found))

    async def _append(self, repositories: Repositories, fact: RecordEntry) -> None:
        head: Head | None = await repositories.audit.head(fact.account)
        await repositories.audit.append(*next_entry(head, fact, self.key))

    async def _verify(self, repositories: Repositories, account_id: str) -> Sequence[Flaw]:
        head = await repositories.audit.head(account_id)
        chain = [entry async for entry in repositories.audit.chain(account_id)]
        return flaws(account_id, chain, head, self.key)


async def _chains(entries: AsyncIterator[Entry]) -> AsyncIterator[list[Entry]]:
    """One account's entries at a time."""
    chain = list[Entry]()
    async for entry in entries:
        if chain and chain[0].account_id != entry.account_id:
            yield chain
            chain = []
        chain.append(entry)
    if chain:
        yield chain
