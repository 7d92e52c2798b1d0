"""The outbox of a store: each message is kept once and claimed by one relay at a time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from core.outbox import OutboxMessage, State
from core.policy import MINUTE
from onehour.testing.samples.clients import a_client
from onehour.testing.samples.outbox import a_message
from onehour.testing.samples.sample import NOW, assert_whole
from ports.store import Repositories, Store
from ports.telemetry import NO_TELEMETRY, Kind

LEASE = timedelta(seconds=60)


async def claim(
    store: Store, token: str, *, now: datetime = NOW, limit: int = 10, only: tuple[str, ...] = ()
) -> tuple[OutboxMessage, ...]:
    return await store.repositories.outbox.claim(
        now=now, lease=LEASE, token=token, limit=limit, only=only
    )


def taken(message: OutboxMessage, token: str) -> OutboxMessage:
    return replace(message, lease=token, lease_until=NOW + LEASE, attempts=1)


class OutboxContract:
    async def test_a_message_comes_back_whole(self, store: Store) -> None:
        message = a_message(
            state=State.DEAD,
            attempts=3,
            lease="token",
            lease_until=NOW,
            last_error="No.",
            trace="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
        )
        assert_whole(message)

        await store.repositories.outbox.add(message)

        assert await store.repositories.outbox.find(message.id) == message
        assert await store.repositories.outbox.find("none") is None

    async def test_the_longest_due_come_first_and_the_future_waits(self, store: Store) -> None:
        dues = [-3, -9, 5, -1, -7]
        messages = [a_message(number, due=due * MINUTE) for number, due in enumerate(dues)]
        await store.repositories.outbox.add(*messages)

        first = await claim(store, "a", limit=2)
        rest = await claim(store, "b")

        assert first == tuple(taken(messages[number], "a") for number in (1, 4))
        assert rest == tuple(taken(messages[number], "b") for number in (0, 3))
        assert await claim(store, "c") == ()

    async def test_a_claim_can_be_for_named_messages_only(self, store: Store) -> None:
        await store.repositories.outbox.add(*(a_message(number) for number in range(6)))
        named = tuple(a_message(number).id for number in (2, 4, 5, 9))

        few = await claim(store, "a", only=named, limit=2)
        rest = await claim(store, "b", only=named)

        assert {message.id for message in (*few, *rest)} == set(named[:3])
        assert (len(few), len(rest)) == (2, 1)

    async def test_of_many_relays_one_gets_a_message(self, store: Store) -> None:
        messages = [a_message(number) for number in range(30)]
        await store.repositories.outbox.add(*messages)

        tokens = [f"relay {number % 5}" for number in range(15)]
        claims = await asyncio.gather(*(claim(store, token, limit=12) for token in tokens))
        claims.append(await claim(store, "last", limit=30))

        ids = [message.id for claimed in claims for message in claimed]
        assert sorted(ids) == sorted(message.id for message in messages)

    async def test_a_lease_that_ran_out_is_taken_over(self, store: Store) -> None:
        await store.repositories.outbox.add(a_message())
        await claim(store, "slow")
        assert await claim(store, "early", now=NOW + LEASE - timedelta(seconds=1)) == ()

        (taken,) = await claim(store, "next", now=NOW + LEASE)

        messages = store.repositories.outbox
        assert (taken.lease, taken.attempts) == ("next", 2)
        assert not await messages.finish(taken.id, token="slow", now=NOW)
        assert not await messages.fail(taken.fail("No.", now=NOW), token="slow")
        assert not await messages.postpone(taken.id, token="slow", until=NOW)
        assert await messages.find(taken.id) == taken
        assert await messages.finish(taken.id, token="next", now=NOW)

    async def test_what_is_finished_stays_so(self, store: Store) -> None:
        await store.repositories.outbox.add(a_message())
        await claim(store, "a")

        assert await store.repositories.outbox.finish(a_message().id, token="a", now=NOW)

        done = await store.repositories.outbox.find(a_message().id)
        assert done == a_message(state=State.DONE, attempts=1)
        assert not await store.repositories.outbox.finish(a_message().id, token="a", now=NOW)
        await store.repositories.outbox.cancel(a_message().id, now=NOW)
        assert await store.repositories.outbox.find(a_message().id) == done
        assert await claim(store, "b", now=NOW + MINUTE * 60) == ()

    async def test_several_are_finished_at_once_and_only_those_that_are_leased(
        self, store: Store
    ) -> None:
        outbox = store.repositories.outbox
        await outbox.add(*(a_message(number) for number in range(6)))
        first, second = await claim(store, "a", limit=2), await claim(store, "b", limit=2)
        ids = [message.id for message in (*first, *second, a_message(5))]

        assert await outbox.finish(*ids, token="a", now=NOW) == 2
        assert await outbox.finish(*ids, token="a", now=NOW) == 0

        found = {each: await outbox.find(each) for each in ids}
        done = [each for each, message in found.items() if message and message.state is State.DONE]
        assert done == [message.id for message in first]
        assert {each.lease for each in found.values() if each} == {None, "b"}

    async def test_several_are_removed_at_once_and_only_those_that_are_leased(
        self, store: Store
    ) -> None:
        outbox = store.repositories.outbox
        await outbox.add(*(a_message(number) for number in range(6)))
        first, second = await claim(store, "a", limit=2), await claim(store, "b", limit=2)
        ids = [message.id for message in (*first, *second, a_message(5))]

        assert await outbox.remove(*ids, token="a") == 2
        assert await outbox.remove(*ids, token="a") == 0

        assert set(await outbox.many(ids)) == {each.id for each in second} | {a_message(5).id}
        assert not await outbox.finish(first[0].id, token="a", now=NOW)
        late = await claim(store, "c", now=NOW + LEASE)
        assert not {each.id for each in late} & {each.id for each in first}

    async def test_a_failure_is_tried_again_later(self, store: Store) -> None:
        await store.repositories.outbox.add(a_message())
        (claimed,) = await claim(store, "a")
        failed = claimed.fail("No.", now=NOW)

        assert await store.repositories.outbox.fail(failed, token="a")

        assert await store.repositories.outbox.find(failed.id) == failed
        assert await claim(store, "b", now=NOW) == ()
        (again,) = await claim(store, "b", now=failed.due_at)
        assert (again.attempts, again.last_error) == (2, "No.")

    async def test_a_postponed_message_counts_no_attempt(self, store: Store) -> None:
        await store.repositories.outbox.add(a_message())
        await claim(store, "a")

        assert await store.repositories.outbox.postpone(
            a_message().id, token="a", until=NOW + MINUTE
        )

        assert await store.repositories.outbox.find(a_message().id) == a_message(due=MINUTE)
        assert await claim(store, "b") == ()
        assert len(await claim(store, "b", now=NOW + MINUTE)) == 1

    async def test_a_cancelled_message_is_not_claimed(self, store: Store) -> None:
        await store.repositories.outbox.add(a_message(1), a_message(2))
        await claim(store, "a", only=(a_message(2).id,))

        async def step(repositories: Repositories) -> None:
            await repositories.clients.add(a_client())
            await repositories.outbox.add(a_message(3))
            await repositories.outbox.cancel(
                a_message(1).id,
                a_message(2).id,
                a_message(3).id,
                "none",
                now=NOW,
            )

        await store.transact(step)

        assert await claim(store, "b", now=NOW + 2 * LEASE) == ()
        assert not await store.repositories.outbox.finish(a_message(2).id, token="a", now=NOW)
        voided = await store.repositories.outbox.in_state("void", limit=10)
        assert {message.id for message in voided} == {a_message(n).id for n in (1, 2, 3)}

    async def test_an_operator_retries_a_dead_message(self, store: Store) -> None:
        await store.repositories.outbox.add(
            a_message(1, state=State.DEAD, attempts=30), a_message(2)
        )
        dead = await store.repositories.outbox.in_state("dead", limit=5)
        assert dead == (a_message(1, state=State.DEAD, attempts=30),)

        assert await store.repositories.outbox.retry(a_message(1).id, now=NOW)

        (back,) = await claim(store, "a", only=(a_message(1).id,))
        assert (back.attempts, back.due_at) == (1, NOW)
        assert not await store.repositories.outbox.retry(a_message(2).id, now=NOW)

    async def test_the_oldest_due_time_shows_the_lag_of_the_relays(self, store: Store) -> None:
        messages = store.repositories.outbox
        assert await messages.oldest_due(now=NOW) is None

        await messages.add(
            a_message(1, due=MINUTE),
            a_message(2, due=-2 * MINUTE),
            a_message(3),
        )

        assert await messages.oldest_due(now=NOW) == NOW - 2 * MINUTE
        await claim(store, "a", limit=1)
        assert await messages.oldest_due(now=NOW) == NOW - MINUTE
        assert await messages.oldest_due(now=NOW - 5 * MINUTE) is None

    async def test_due_messages_without_a_lease_are_counted_up_to_a_limit(
        self, store: Store
    ) -> None:
        messages = store.repositories.outbox
        assert await messages.count_due(now=NOW, at_most=9) == 0

        await messages.add(
            a_message(1, due=MINUTE),
            *(a_message(number) for number in range(2, 6)),
            a_message(6, state=State.DONE),
        )

        assert await messages.count_due(now=NOW, at_most=9) == 4
        assert await messages.count_due(now=NOW, at_most=3) == 3
        await claim(store, "a", limit=1)
        assert await messages.count_due(now=NOW, at_most=9) == 3
        assert await messages.count_due(now=NOW + LEASE, at_most=9) == 5

    async def test_an_added_message_has_the_trace_of_its_request(self, store: Store) -> None:
        outbox = store.repositories.outbox
        with NO_TELEMETRY.operation(Kind.REQUEST) as request:
            await outbox.add(a_message(1))

            async def step(repositories: Repositories) -> None:
                await repositories.outbox.add(a_message(2))

            await store.transact(step)
        await outbox.add(a_message(1), a_message(3))

        assert request.trace is not None
        added = [await outbox.find(a_message(number).id) for number in (1, 2, 3)]
        header = request.trace.header
        assert [each.trace for each in added if each] == [header, header, None]
