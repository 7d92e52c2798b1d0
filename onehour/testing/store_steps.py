"""Transactions: whole or not at all, run again on a conflict, and wake-ups after the commit."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import get_type_hints

import pytest

from adapters.memory.clock import FixedClock
from core.money import Money
from core.policy import MINUTE
from onehour.testing.samples.accounts import a_code, a_session, an_account
from onehour.testing.samples.clients import a_client
from onehour.testing.samples.developers import a_developer
from onehour.testing.samples.outbox import a_message
from onehour.testing.samples.payments import a_transaction
from onehour.testing.samples.sample import NOW
from onehour.testing.samples.timeline import a_timeline_entry
from onehour.testing.scheduling import RecordedWakeUps
from ports.store import Duplicate, Missing, Repositories, Stale, Store


class Interrupted(Exception):
    """Raised by steps that abort their transaction."""


def _port_of(name: str) -> type:
    """The protocol that the repository of that name implements."""
    read = vars(Repositories)[name].fget
    port: type = get_type_hints(read)["return"]
    return port


class StepsContract:
    """A subclass provides the fixture `store`, built on the fixtures `clock` and `wake_ups`."""

    @pytest.fixture
    def clock(self) -> FixedClock:
        return FixedClock(NOW)

    @pytest.fixture
    def wake_ups(self) -> RecordedWakeUps:
        return RecordedWakeUps()

    async def test_it_is_ready(self, store: Store) -> None:
        await store.ready()

    async def test_it_has_every_repository_under_its_name(self, store: Store) -> None:
        names = {
            name for name, member in vars(Repositories).items() if isinstance(member, property)
        }

        assert store.repository_names == names
        for name in names:
            assert _port_of(name) in type(getattr(store.repositories, name)).__mro__, name
        with pytest.raises(AttributeError):
            _ = store.repositories.no_such_repository  # type: ignore[attr-defined]

    async def test_a_step_is_kept_as_a_whole_and_its_result_returned(self, store: Store) -> None:
        async def step(repositories: Repositories) -> str:
            await repositories.clients.add(a_client())
            await repositories.timeline.add(a_timeline_entry())
            await repositories.outbox.add(a_message())
            return "kept"

        result = await store.transact(step)

        assert result == "kept"
        assert await store.repositories.clients.get(a_client().id) == a_client()
        assert await store.repositories.timeline.of_booking("bkg_1") == (a_timeline_entry(),)
        assert await store.repositories.outbox.find(a_message().id) == a_message()

    async def test_a_step_that_raises_leaves_nothing(
        self, store: Store, wake_ups: RecordedWakeUps
    ) -> None:
        async def step(repositories: Repositories) -> None:
            await repositories.clients.add(a_client())
            await repositories.outbox.add(a_message())
            raise Interrupted

        with pytest.raises(Interrupted):
            await store.transact(step)

        assert await store.repositories.clients.find_by_account("acc_1") is None
        assert await store.repositories.outbox.find(a_message().id) is None
        assert wake_ups.message_ids == []

    async def test_a_step_sees_its_own_writes_and_others_do_not(self, store: Store) -> None:
        seen: list[bool] = []

        async def step(repositories: Repositories) -> None:
            await repositories.clients.add(a_client())
            await repositories.outbox.add(a_message())
            seen.append(await repositories.clients.find_by_account("acc_1") is not None)
            seen.append(await repositories.outbox.find(a_message().id) is not None)
            seen.append(await store.repositories.clients.find_by_account("acc_1") is not None)

        await store.transact(step)

        assert seen == [True, True, False]

    async def test_writes_of_a_step_take_effect_in_their_order(self, store: Store) -> None:
        await store.repositories.accounts.add(an_account(1))
        await store.repositories.sessions.add(a_session())
        seen: list[object] = []

        async def step(repositories: Repositories) -> None:
            first = await repositories.accounts.get(an_account(1).id)
            second = await repositories.accounts.save(replace(first, name="Second"))
            await repositories.accounts.add(an_account(2))
            await repositories.accounts.save(replace(second, name="Third"))
            removed = await repositories.sessions.remove(a_session().id)
            await repositories.sessions.add(replace(a_session(), device="Another"))
            await repositories.sessions.verify(a_session().id, now=NOW)
            seen.append((removed, await repositories.sessions.remove("none")))
            seen.append((await repositories.accounts.get(an_account(1).id)).name)

        await store.transact(step)

        assert seen == [(True, False), "Third"]
        third = await store.repositories.accounts.get(an_account(1).id)
        assert (third.name, third.version) == ("Third", 2)
        session = await store.repositories.sessions.find(a_session().id)
        assert session == replace(a_session(), device="Another", verified_at=NOW)
        assert await store.repositories.accounts.get(an_account(2).id) == an_account(2)

    async def test_a_refused_save_ends_the_step(self, store: Store) -> None:
        """A store may check it at the call, or when the step ends."""
        added = await store.repositories.accounts.add(an_account(1))
        await store.repositories.accounts.save(replace(added, name="first"))

        async def stale(repositories: Repositories) -> None:
            await repositories.clients.add(a_client())
            await repositories.accounts.save(replace(added, name="second"))
            await repositories.timeline.add(a_timeline_entry())

        async def missing(repositories: Repositories) -> None:
            await repositories.clients.add(a_client())
            await repositories.accounts.save(an_account(2))

        with pytest.raises(Stale):
            await store.transact(stale)
        with pytest.raises(Missing):
            await store.transact(missing)

        assert (await store.repositories.accounts.get(added.id)).name == "first"
        assert await store.repositories.clients.find_by_account("acc_1") is None
        assert await store.repositories.timeline.of_booking("bkg_1") == ()

    async def test_a_step_can_learn_at_once_whether_its_writes_are_refused(
        self, store: Store
    ) -> None:
        added = await store.repositories.accounts.add(an_account(1))
        await store.repositories.accounts.save(replace(added, name="first"))
        learned: list[type[Exception]] = []

        async def step(repositories: Repositories) -> None:
            await repositories.clients.add(a_client())
            await repositories.write()
            try:
                await repositories.accounts.save(replace(added, name="second"))
                await repositories.write()
            except Stale as error:
                learned.append(type(error))
                raise

        await store.repositories.write()
        with pytest.raises(Stale):
            await store.transact(step)

        assert learned == [Stale]

    async def test_a_step_with_many_writes_is_kept_as_a_whole(self, store: Store) -> None:
        async def step(repositories: Repositories) -> None:
            for number in range(150):
                await repositories.accounts.add(an_account(number))
                await repositories.outbox.add(a_message(number))

        await store.transact(step)

        ids = [an_account(number).id for number in range(150)]
        assert len(await store.repositories.accounts.many(ids)) == 150
        assert len(await store.repositories.outbox.in_state("ready", limit=200)) == 150

    async def test_a_step_reads_one_moment(self, store: Store) -> None:
        await store.repositories.accounts.add(an_account(1))
        await store.repositories.accounts.add(an_account(2))
        names: list[tuple[str, str]] = []

        async def step(repositories: Repositories) -> None:
            first = await repositories.accounts.get(an_account(1).id)
            if not names:
                other = await store.repositories.accounts.get(an_account(2).id)
                await store.repositories.accounts.save(replace(other, name="Changed"))
            names.append((first.name, (await repositories.accounts.get(an_account(2).id)).name))

        await store.transact(step)

        assert names == [("Gita Rao", "Gita Rao")]

    async def test_saving_counts_the_version_up(self, store: Store) -> None:
        added = await store.repositories.accounts.add(an_account())

        saved = await store.repositories.accounts.save(replace(added, name="Gita"))

        assert saved == replace(an_account(), name="Gita", version=1)
        assert await store.repositories.accounts.get(added.id) == saved

    async def test_a_stale_save_is_refused(self, store: Store) -> None:
        added = await store.repositories.accounts.add(an_account())
        await store.repositories.accounts.save(replace(added, name="first"))

        with pytest.raises(Stale):
            await store.repositories.accounts.save(replace(added, name="second"))

        assert (await store.repositories.accounts.get(added.id)).name == "first"

    async def test_what_is_not_there_is_missing(self, store: Store) -> None:
        with pytest.raises(Missing):
            await store.repositories.accounts.get(an_account().id)
        with pytest.raises(Missing):
            await store.repositories.accounts.save(an_account())

    async def test_steps_that_collide_all_count(self, store: Store) -> None:
        await store.repositories.developers.add(a_developer(rate=Money(0)))

        async def raise_rate(repositories: Repositories) -> None:
            developer = await repositories.developers.get(a_developer().id)
            await repositories.developers.save(replace(developer, rate=developer.rate + Money(1)))

        await asyncio.gather(*(store.transact(raise_rate) for _ in range(20)))

        developer = await store.repositories.developers.get(a_developer().id)
        assert (developer.rate, developer.version) == (Money(20), 20)

    async def test_single_writes_wait_for_a_step_and_do_not_stop_it(self, store: Store) -> None:
        """A driver with few threads could use all of them for writes that wait for a commit."""
        begun = asyncio.Event()

        async def step(repositories: Repositories) -> None:
            await repositories.codes.put(a_code(tries_left=4))
            begun.set()
            await asyncio.sleep(0.1)
            await repositories.timeline.add(a_timeline_entry())

        async def write(number: int) -> None:
            await begun.wait()
            await store.repositories.codes.put(a_code(tries_left=3, visit=str(number)))

        await store.repositories.codes.put(a_code())
        writes = (write(number) for number in range(40))
        await asyncio.wait_for(asyncio.gather(store.transact(step), *writes), timeout=120)

        assert await store.repositories.codes.find(a_code().id) != a_code()
        assert await store.repositories.timeline.of_booking("bkg_1") == (a_timeline_entry(),)

    async def test_of_equal_facts_at_once_one_is_kept(self, store: Store) -> None:
        async def move(number: int) -> None:
            async def step(repositories: Repositories) -> None:
                await repositories.transactions.add(a_transaction())
                await repositories.timeline.add(a_timeline_entry(number))

            await store.transact(step)

        tries = await asyncio.gather(*map(move, range(12)), return_exceptions=True)

        assert tries.count(None) == 1
        assert all(isinstance(answer, Duplicate) for answer in tries if answer is not None)
        assert len(await store.repositories.timeline.of_booking("bkg_1")) == 1

    async def test_a_step_ends_at_a_broken_rule(self, store: Store) -> None:
        """A store may check the rule at the call, or when the step ends."""
        await store.repositories.clients.add(a_client())

        async def step(repositories: Repositories) -> None:
            await repositories.timeline.add(a_timeline_entry())
            with suppress(Duplicate):
                await repositories.clients.add(a_client())

        with pytest.raises(Duplicate):
            await store.transact(step)

        assert await store.repositories.timeline.of_booking("bkg_1") == ()

    async def test_wake_ups_come_after_the_commit_for_messages_that_are_due(
        self, store: Store, wake_ups: RecordedWakeUps
    ) -> None:
        due, later = a_message(1, due=timedelta(0)), a_message(2, due=MINUTE)
        during: list[str] = []

        async def step(repositories: Repositories) -> None:
            await repositories.outbox.add(due, later)
            during.extend(wake_ups.message_ids)

        await store.transact(step)

        assert during == []
        assert wake_ups.message_ids == [due.id]

    async def test_a_message_added_twice_is_kept_once(
        self, store: Store, wake_ups: RecordedWakeUps
    ) -> None:
        await store.repositories.outbox.add(a_message())

        async def step(repositories: Repositories) -> None:
            await repositories.clients.add(a_client())
            await repositories.outbox.add(a_message(attempts=7), a_message(2))

        await store.transact(step)

        assert await store.repositories.outbox.find(a_message().id) == a_message()
        assert await store.repositories.outbox.find(a_message(2).id) == a_message(2)
        assert await store.repositories.clients.get(a_client().id) == a_client()
        assert wake_ups.message_ids == [a_message().id, a_message(2).id]
