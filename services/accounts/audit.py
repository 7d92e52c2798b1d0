"""The audit trail: recorded by a relay, read by people and admins, verified by operators."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from core.audit import Entry, Flaw, Head, RecordEntry, flaws, next_entry
from core.errors import Unavailable
from ports.audit import Page
from ports.store import Duplicate, Repositories, Store
from services.shared.outbox import handles

APPEND_ATTEMPTS = 10
"""Who finds a place taken comes again; it is the first of a chain, or an equal fact."""


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """What a verification of everything has seen. Sound, when there are no flaws."""

    chains: int
    entries: int
    flaws: tuple[Flaw, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditService:
    """`key` seals the chains (`core.audit.chain_key`); it is not in the database."""

    store: Store
    key: bytes

    @handles(RecordEntry)
    async def record(self, payload: RecordEntry) -> None:
        """Append the fact to its account's chain, once.

        Any number may run at once, in any processes: who comes second to a place runs again.
        Raises `Unavailable` when there is no end of that; the relay then comes again.
        """
        for _ in range(APPEND_ATTEMPTS):
            try:
                return await self.store.transact(
                    lambda repositories: self._append(repositories, payload)
                )
            except Duplicate:  # somebody began this chain, or kept this fact, a moment earlier
                continue
        raise Unavailable

    async def recent(self, *, by: str, limit: int = 20, cursor: str | None = None) -> Page:
        """What happened to one's own account, the latest first."""
        return await self.store.repositories.audit.page(by, limit=limit, cursor=cursor)

    async def all(
        self, *, what: str | None = None, limit: int = 20, cursor: str | None = None
    ) -> Page:
        """What happened to anybody, for admins, the latest first."""
        return await self.store.repositories.audit.page_of_all(
            what=what, limit=limit, cursor=cursor
        )

    async def verify(self, account_id: str) -> Sequence[Flaw]:
        """What is wrong with one chain, seen at one moment."""
        return await self.store.transact(
            lambda repositories: self._verify(repositories, account_id)
        )

    async def verify_all(self) -> VerificationReport:
        """Every chain, and every head whose chain is gone. Others may write meanwhile: what
        looks broken in passing is looked at again, at one moment."""
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
        if await repositories.audit.has(fact.key):
            return
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
