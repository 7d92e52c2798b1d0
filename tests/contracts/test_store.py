"""Both stores keep the contract: the one in memory, and MongoDB over its real protocol."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from adapters.memory.clock import FixedClock
from adapters.memory.store import MemoryStore
from adapters.mongo.connection import Driver, close_client, open_client
from adapters.mongo.pending_writes import ServerSupport
from adapters.mongo.registry import COLLECTIONS
from adapters.mongo.store import MongoStore
from core.booking_numbers import number_of
from core.errors import Unavailable
from core.policy import DAY, HOUR, MINUTE
from core.search_terms import profile_terms, zone_term
from onehour.testing.samples import all_samples
from onehour.testing.samples.accounts import an_account
from onehour.testing.samples.bookings import a_booking
from onehour.testing.samples.chats import DEVELOPER, a_chat
from onehour.testing.samples.clients import a_client
from onehour.testing.samples.developers import START, a_developer
from onehour.testing.samples.outbox import a_message
from onehour.testing.samples.periodic import WATCH
from onehour.testing.samples.sample import NOW
from onehour.testing.scheduling import RecordedWakeUps
from onehour.testing.store import StoreContract
from onehour.testing.store_periodic import PassTime
from onehour.testing.store_steps import StepsContract
from ports.developers import Search
from ports.scheduling import OutboxList
from ports.store import Repositories, Store
from tests.servers import free_port

Client = AsyncIOMotorClient[dict[str, Any]]


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self, clock: FixedClock, wake_ups: RecordedWakeUps) -> MemoryStore:
        return MemoryStore(clock, wake_ups)

    @pytest.fixture
    def pass_time(self, clock: FixedClock) -> PassTime:
        async def advance(by: timedelta) -> None:
            clock.advance(by)

        return advance

    async def test_an_injected_conflict_runs_the_step_again(self, store: MemoryStore) -> None:
        runs: list[int] = []

        async def step(repositories: Repositories) -> None:
            runs.append(len(runs))
            await repositories.clients.add(a_client())

        store.conflicts = 2
        await store.transact(step)

        assert (runs, store.conflicts) == ([0, 1, 2], 0)


def test_every_collection_has_a_sample() -> None:
    sampled = {sample.collection for sample in all_samples()}
    missing = {collection.name for collection in COLLECTIONS} - sampled
    assert not missing, (
        f"Add samples of {sorted(missing)} to the SAMPLES of a module in onehour/testing/samples/."
    )


class TestMongoStoreWithoutBulkWrite(StepsContract):
    """Servers before MongoDB 8.0 have no `bulkWrite`: each write is a command of its own."""

    @pytest.fixture
    async def store(
        self, mongo: Client, clock: FixedClock, wake_ups: RecordedWakeUps
    ) -> AsyncIterator[Store]:
        name = f"onehour_test_{uuid.uuid4().hex[:12]}"
        store = MongoStore(mongo, name, clock, wake_ups, server=ServerSupport(bulk_write=False))
        await store.prepare()
        yield store
        await mongo.drop_database(name)


class OnMotor:
    """The same adapter on the other driver."""

    @pytest.fixture
    async def store(
        self, mongo: Client, clock: FixedClock, wake_ups: RecordedWakeUps
    ) -> AsyncIterator[Store]:
        built = MongoStore(mongo, f"onehour_test_{uuid.uuid4().hex[:12]}", clock, wake_ups)
        await built.prepare()
        yield built
        await mongo.drop_database(built.name)


class TestStepsOnMotor(OnMotor, StepsContract):
    """Transactions are where the drivers differ."""


@pytest.mark.long
class TestMongoStoreOnMotor(OnMotor, StoreContract):
    """The whole contract."""


class TestMongoStore(StoreContract):
    @pytest.fixture
    async def store(
        self, mongo_url: str, clock: FixedClock, wake_ups: RecordedWakeUps
    ) -> AsyncIterator[Store]:
        client = open_client(mongo_url, Driver.PYMONGO)
        built = MongoStore(client, f"onehour_test_{uuid.uuid4().hex[:12]}", clock, wake_ups)
        await built.prepare()
        yield built
        await client.drop_database(built.name)
        await close_client(client)

    async def test_a_message_that_was_found_for_a_later_claim_has_its_attempts_then(
        self, store: MongoStore, mongo_url: str, clock: FixedClock, wake_ups: RecordedWakeUps
    ) -> None:
        """Another relay has claimed it since it was found, and failed."""
        messages = [a_message(number, due=-number * MINUTE) for number in range(1, 5)]
        await store.repositories.outbox.add(*messages)
        outbox = store.repositories.outbox
        client = open_client(mongo_url, Driver.PYMONGO)
        others = MongoStore(client, store.name, clock, wake_ups).repositories.outbox
        lease, first = 30 * MINUTE, messages[2].id
        await outbox.claim(now=NOW, lease=lease, token="a", limit=1)

        (claimed,) = await others.claim(now=NOW, lease=lease, token="b", limit=9, only=(first,))
        failed = claimed.fail("No.", now=NOW)
        assert await others.fail(failed, token="b")
        await close_client(client)
        taken = [
            await outbox.claim(now=failed.due_at, lease=lease, token="c", limit=1) for _ in range(3)
        ]

        assert {each.id: (each.attempts, each.last_error) for (each,) in taken} == {
            messages[0].id: (1, None),
            messages[1].id: (1, None),
            first: (2, "No."),
        }

    async def test_the_clock_of_a_worker_has_no_say_in_periodic_jobs(
        self, store: MongoStore, clock: FixedClock
    ) -> None:
        """`clock`, the worker's clock, is fixed at a day in the past."""
        await store.repositories.periodic_jobs.ensure([WATCH])

        (job,) = await store.repositories.periodic_jobs.all()

        assert abs(job.due_at - datetime.now(UTC)) < MINUTE
        clock.advance(100 * DAY)
        (claimed,) = await store.repositories.periodic_jobs.claim(
            [WATCH.name], lease=MINUTE, token="token"
        )
        assert claimed.last_started_at is not None
        assert abs(claimed.last_started_at - datetime.now(UTC)) < MINUTE

    async def test_preparing_again_changes_nothing(self, store: MongoStore) -> None:
        await store.repositories.clients.add(a_client())

        await store.prepare()

        assert await store.repositories.clients.get(a_client().id) == a_client()

    async def test_bookings_stored_without_a_number_are_read_with_one_and_get_it(
        self, mongo: Client, store: MongoStore
    ) -> None:
        """One of them gets its second number, because another booking has its first."""
        stored = [a_booking(number, start=START + number * HOUR) for number in range(5)]
        taken = replace(stored[4], number=stored[1].number)
        for booking in stored[:4]:
            await store.repositories.bookings.add(booking)
        bookings = mongo[store.name]["bookings"]
        await bookings.update_many({}, {"$unset": {"number": ""}})
        await store.repositories.bookings.add(taken)

        before = await store.repositories.bookings.get(stored[0].id)
        await store.repositories.bookings.save(before.expire())
        await store.prepare()
        after = await bookings.find({}, {"number": 1}).sort("_id").to_list(None)
        await store.prepare()

        assert before == stored[0]
        assert [document["number"] for document in after] == [
            stored[0].number,
            number_of(stored[1].id, attempt=1),
            stored[2].number,
            stored[3].number,
            taken.number,
        ]
        assert await bookings.find({}, {"number": 1}).sort("_id").to_list(None) == after

    async def test_old_names_of_zones_are_canonical_when_read_and_when_searched(
        self, store: MongoStore, mongo: Client
    ) -> None:
        """Version 0.1.0 stored Asia/Calcutta for whoever chose it."""
        old, new = "Asia/Calcutta", "Asia/Kolkata"
        await store.repositories.developers.add(a_developer())
        await store.repositories.bookings.add(a_booking())
        database = mongo[store.name]
        terms = sorted({*profile_terms(a_developer()).terms, zone_term(old)} - {zone_term(new)})
        await database.developers.update_one(
            {}, {"$set": {"availability.timezone": old, "terms": terms}}
        )
        await database.bookings.update_one({}, {"$set": {"client.timezone": old}})

        await store.prepare()

        found = await store.repositories.developers.search(Search(terms=(zone_term(new),)))
        booking = await store.repositories.bookings.get(a_booking().id)
        assert [each.timezone for each in found.items] == [new]
        assert booking.client.timezone == new

    async def test_accounts_and_messages_stored_before_the_lists_are_listed_after_preparing(
        self, mongo: Client, store: MongoStore
    ) -> None:
        repositories, database = store.repositories, mongo[store.name]
        await repositories.accounts.add(an_account(name="Gita Rao"))
        await repositories.outbox.add(a_message(1, due=MINUTE), a_message(2))
        await database["accounts"].update_many({}, {"$unset": {"name_words": ""}})
        await database["effects"].update_many({}, {"$unset": {"order_key": ""}})
        await database["effects"].create_index([("state", 1), ("due_at", 1)], name="by_state")

        for _ in range(2):
            await store.prepare()

        waiting, _ = await repositories.outbox.page(OutboxList.WAITING)
        assert waiting == (a_message(2), a_message(1, due=MINUTE))
        assert await repositories.accounts.named(["gita"], limit=5) == (
            an_account(name="Gita Rao"),
        )
        assert "by_state" not in await database["effects"].index_information()

    async def test_chats_blocked_before_the_index_are_blocked_after_preparing(
        self, mongo: Client, store: MongoStore
    ) -> None:
        chats, stored = store.repositories.chats, mongo[store.name]["chats"]
        for number, blocked_by in ((1, (DEVELOPER,)), (2, ())):
            await chats.add(a_chat(number, blocked_by=blocked_by))
        await stored.update_many({}, {"$unset": {"blocked": ""}})

        for _ in range(2):
            await store.prepare()

        assert await chats.blocked([a_chat(1).id, a_chat(2).id]) == {a_chat(1).id}

    async def test_a_database_that_does_not_answer_is_unavailable(self) -> None:
        nowhere: Client = AsyncIOMotorClient(
            f"mongodb://127.0.0.1:{free_port()}/?directConnection=true",
            serverSelectionTimeoutMS=100,
        )
        store = MongoStore(nowhere, "onehour_test", FixedClock(NOW), RecordedWakeUps())

        async def step(repositories: Repositories) -> None:
            await repositories.clients.add(a_client())

        with pytest.raises(Unavailable):
            await store.ready()
        with pytest.raises(Unavailable):
            await store.repositories.clients.get(a_client().id)
        with pytest.raises(Unavailable):
            await store.repositories.periodic_jobs.claim([WATCH.name], lease=MINUTE, token="t")
        with pytest.raises(Unavailable):
            await store.transact(step)
        with pytest.raises(Unavailable, match="database does not answer"):
            await store.prepare()
        nowhere.close()
