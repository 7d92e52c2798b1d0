"""Suppressed addresses in a store."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from core.policy import MINUTE
from core.suppressions import Suppression
from onehour.testing.samples.sample import NOW, assert_whole
from ports.store import Repositories, Store

GONE = Suppression(
    "gita@example.org", "The mail server knows no such mailbox (550).", NOW, complaint=True
)


class SuppressionsContract:
    async def test_a_suppressed_address_comes_back_whole(self, store: Store) -> None:
        assert_whole(GONE)

        await store.repositories.suppressions.add(GONE)

        assert await store.repositories.suppressions.find("gita@example.org") == GONE
        assert await store.repositories.suppressions.find("ravi@example.org") is None

    async def test_capitals_make_no_other_address(self, store: Store) -> None:
        await store.repositories.suppressions.add(replace(GONE, email="Gita@Example.org"))

        assert await store.repositories.suppressions.find("GITA@example.org") == GONE

        await store.repositories.suppressions.remove("gitA@example.ORG")
        assert await store.repositories.suppressions.find("gita@example.org") is None

    async def test_those_of_many_addresses_that_are_suppressed_are_found_at_once(
        self, store: Store
    ) -> None:
        await store.repositories.suppressions.add(GONE)

        asked = ["ravi@example.org", "Gita@example.ORG"]

        assert await store.repositories.suppressions.listed(asked) == {"Gita@example.ORG"}
        assert await store.repositories.suppressions.listed([]) == frozenset()

    async def test_the_latest_suppressions_are_listed_from_the_earliest(self, store: Store) -> None:
        many = [
            Suppression(f"person{n}@example.org", "Gone.", NOW + n * MINUTE) for n in (3, 1, 0, 2)
        ]
        for each in many:
            await store.repositories.suppressions.add(each)

        found = await store.repositories.suppressions.since(NOW + MINUTE, limit=2)

        assert [each.email for each in found] == ["person1@example.org", "person2@example.org"]

    async def test_the_later_suppression_stays_whichever_comes_first(self, store: Store) -> None:
        later = replace(GONE, reason="Mailbox closed.", at=NOW + MINUTE)

        await store.repositories.suppressions.add(GONE)
        await store.repositories.suppressions.add(later)
        assert await store.repositories.suppressions.find(GONE.email) == later

        await store.repositories.suppressions.add(GONE)
        assert await store.repositories.suppressions.find(GONE.email) == later

    async def test_of_many_suppressions_at_once_the_latest_stays(self, store: Store) -> None:
        many = [replace(GONE, reason=f"Number {n}.", at=NOW + n * MINUTE) for n in range(12)]

        await asyncio.gather(*map(store.repositories.suppressions.add, [*many[6:], *many[:6]]))

        assert await store.repositories.suppressions.find(GONE.email) == many[-1]

    async def test_an_address_off_the_list_can_come_back_onto_it(self, store: Store) -> None:
        await store.repositories.suppressions.remove(GONE.email)
        await store.repositories.suppressions.add(GONE)
        await store.repositories.suppressions.remove(GONE.email)
        assert await store.repositories.suppressions.find(GONE.email) is None

        await store.repositories.suppressions.add(GONE)

        assert await store.repositories.suppressions.find(GONE.email) == GONE

    async def test_an_address_can_be_suppressed_in_a_step(self, store: Store) -> None:
        async def step(repositories: Repositories) -> None:
            await repositories.suppressions.add(GONE)

        await store.transact(step)
        await store.transact(step)

        assert await store.repositories.suppressions.find(GONE.email) == GONE
