"""The audit trail in a store: each place and each fact once, chains in order, pages by time."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from core.audit import Entry, Head, RecordEntry, audit_message, next_entry
from core.policy import MINUTE
from onehour.testing.samples.sample import NOW, assert_whole
from onehour.testing.store_work import walk
from ports.store import DatabaseUnavailable, Duplicate, Repositories, Stale, Store
from services.accounts import AuditService

KEY = b"a key for seals"


def a_fact(number: int = 1, account: str = "acc_1", **changes: str) -> RecordEntry:
    """The payload of an audit message: fact 1 is the earliest, and each follows a minute later."""
    recorded = audit_message(
        changes.pop("what", "signed_in"),
        f"ses_{number:04d}",
        account=account,
        at=NOW + number * MINUTE,
        actor="acc_9",
        address="203.0.113.7",
        device="Firefox on Linux",
        session=f"ses_{number:04d}",
    )
    return RecordEntry.decode({**recorded.payload, **changes})


def a_chain(length: int, account: str = "acc_1") -> list[tuple[Entry, Head]]:
    """Entries that follow each other, each with the head it leaves."""
    made: list[tuple[Entry, Head]] = []
    for number in range(1, length + 1):
        head = made[-1][1] if made else None
        made.append(next_entry(head, a_fact(number, account), KEY))
    return made


class AuditContract:
    async def test_an_entry_of_the_audit_trail_comes_back_whole(self, store: Store) -> None:
        audit, ((entry, head),) = store.repositories.audit, a_chain(1)
        assert_whole(entry)

        await audit.append(entry, head)

        assert (await audit.last("acc_1"), await audit.head("acc_1")) == (entry, head)
        assert await audit.page("acc_1") == ((entry,), None)
        assert await audit.has(entry.key)
        assert not await audit.has("of nothing")
        assert (await audit.last("acc_2"), await audit.head("acc_2")) == (None, None)

    async def test_a_fact_is_kept_once_in_the_audit_trail(self, store: Store) -> None:
        (first, head), (second, next_head) = a_chain(2)
        await store.repositories.audit.append(first, head)

        with pytest.raises(Duplicate):
            await store.transact(
                lambda repositories: repositories.audit.append(
                    replace(second, key=first.key), next_head
                )
            )

        assert [e async for e in store.repositories.audit.chain("acc_1")] == [first]
        assert await store.repositories.audit.head("acc_1") == head

    async def test_a_place_in_a_chain_is_taken_once(self, store: Store) -> None:
        (first, head), (second, next_head) = a_chain(2)
        await store.repositories.audit.append(first, head)

        with pytest.raises(Duplicate):
            await store.transact(lambda b: b.audit.append(replace(first, key="another"), head))
        with pytest.raises(Duplicate):
            await store.transact(
                lambda repositories: repositories.audit.append(replace(second, seq=1), next_head)
            )

        assert [e async for e in store.repositories.audit.chain("acc_1")] == [first]

    async def test_a_chain_goes_on_from_its_head_only(self, store: Store) -> None:
        chain = a_chain(3)
        await store.repositories.audit.append(*chain[0])

        with pytest.raises(Stale):
            await store.transact(lambda repositories: repositories.audit.append(*chain[2]))
        with pytest.raises(Stale):
            await store.transact(
                lambda repositories: repositories.audit.append(*a_chain(2, "acc_2")[1])
            )

        assert await store.repositories.audit.head("acc_1") == chain[0][1]
        assert [entry async for entry in store.repositories.audit.every()] == [chain[0][0]]

    async def test_a_step_that_raises_leaves_no_entry_and_no_head(self, store: Store) -> None:
        async def step(repositories: Repositories) -> None:
            await repositories.audit.append(*a_chain(1)[0])
            raise asyncio.CancelledError

        with pytest.raises(asyncio.CancelledError):
            await store.transact(step)

        assert await store.repositories.audit.last("acc_1") is None
        assert await store.repositories.audit.head("acc_1") is None

    async def test_chains_and_heads_come_in_order_and_apart(self, store: Store) -> None:
        chains = {account: a_chain(12, account) for account in ("acc_1", "acc_10", "acc_2")}
        for links in zip(*reversed(chains.values()), strict=True):
            for link in links:
                await store.repositories.audit.append(*link)

        every = [entry async for entry in store.repositories.audit.every()]

        assert every == [entry for chain in chains.values() for entry, _ in chain]
        ten = [entry async for entry in store.repositories.audit.chain("acc_10")]
        assert ten == [entry for entry, _ in chains["acc_10"]]
        assert await store.repositories.audit.last("acc_10") == ten[-1]
        heads = [head async for head in store.repositories.audit.heads()]
        assert heads == [chain[-1][1] for chain in chains.values()]

    async def test_the_audit_trail_comes_in_pages_the_latest_first(self, store: Store) -> None:
        """By when it happened, also where a chain has it in another order."""
        head, moments = None, (3, 1, 2, 5, 4)
        for number in moments:
            entry, head = next_entry(head, a_fact(number), KEY)
            await store.repositories.audit.append(entry, head)
        other, its_head = next_entry(None, a_fact(6, "acc_2", what="signed_out"), KEY)
        await store.repositories.audit.append(other, its_head)
        audit = store.repositories.audit

        async def ids(account: str | None, what: str | None = None) -> list[str]:
            async def page(cursor: str | None) -> tuple[tuple[NamedEntry, ...], str | None]:
                if account:
                    found, more = await audit.page(account, limit=2, cursor=cursor)
                else:
                    found, more = await audit.page_of_all(what=what, limit=2, cursor=cursor)
                return tuple(map(NamedEntry, found)), more

            return await walk(page)

        mine = [a_fact(number).key for number in (5, 4, 3, 2, 1)]
        assert await ids("acc_1") == mine
        assert await ids("acc_2") == [other.key]
        assert await ids("acc_none") == []
        assert await ids(None) == [other.key, *mine]
        assert await ids(None, "signed_in") == mine
        assert await ids(None, "signed_out") == [other.key]
        assert await ids(None, "erased") == []

    async def test_the_audit_trails_of_all_accounts_tell_about_one_booking(
        self, store: Store
    ) -> None:
        audit, added = store.repositories.audit, list[str]()
        for number, account, what, about in (
            (1, "acc_1", "money_paid", "bkg_1"), (2, "acc_2", "money_paid", "bkg_1"),
            (3, "acc_3", "money_released", "bkg_1"), (4, "acc_4", "money_paid", "bkg_2"),
        ):  # fmt: skip
            fact = a_fact(number, account, what=what, detail=json.dumps({"booking": about}))
            await audit.append(*next_entry(None, fact, KEY))
            added.append(fact.key)

        async def keys(booking: str, limit: int = 50) -> list[str]:
            found = await audit.of_booking(booking, limit=limit)
            return [each.key for each in found]

        assert await keys("bkg_1") == [added[2], added[1], added[0]]
        assert await keys("bkg_1", limit=2) == [added[2], added[1]]
        assert await keys("bkg_2") == [added[3]]
        assert await keys("bkg_3") == []

    async def test_fifty_records_at_once_make_one_chain_without_gap_or_loss(
        self, store: Store
    ) -> None:
        """As relays of several processes run them; a third of the facts come twice."""
        relays = [AuditService(store=store, key=KEY) for _ in range(3)]
        facts = [a_fact(number) for number in range(1, 51)]
        twice = [*facts, *facts[::3]]

        async def deliver(relay: AuditService, fact: RecordEntry, attempts: int = 5) -> None:
            """Again, as a relay does, if conflicts with the others took too long."""
            try:
                await relay.record(fact)
            except DatabaseUnavailable:
                if attempts == 1:
                    raise
                await deliver(relay, fact, attempts - 1)

        await asyncio.gather(
            *(deliver(relays[number % 3], fact) for number, fact in enumerate(twice))
        )

        chain = [entry async for entry in store.repositories.audit.chain("acc_1")]
        assert [entry.seq for entry in chain] == list(range(1, 51))
        assert {entry.key for entry in chain} == {fact.key for fact in facts}
        assert await relays[0].verify("acc_1") == ()

    async def test_times_of_entries_are_sealed_as_they_are_kept(self, store: Store) -> None:
        """With times more precise than the database stores, an intact chain would look altered."""
        relay = AuditService(store=store, key=KEY)
        odd = NOW.replace(microsecond=123_987) + timedelta(hours=1)

        await relay.record(a_fact(1, at=odd.isoformat()))

        kept = await store.repositories.audit.last("acc_1")
        assert kept
        assert kept.at == odd.replace(microsecond=123_000)
        assert await relay.verify("acc_1") == ()


class NamedEntry:
    """An entry with the id that `walk` collects."""

    def __init__(self, entry: Entry) -> None:
        self.id = entry.key
