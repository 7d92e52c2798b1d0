"""The due book of a store: owed once, worked on by one relay at a time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from core.outbox import OutboxMessage, State
from core.policy import MINUTE
from onehour.testing.store_samples import NOW, a_client, an_effect, assert_whole
from ports.store import Repositories, Store

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
    async def test_an_effect_comes_back_whole(self, store: Store) -> None:
        message = an_effect(
            state=State.DEAD, attempts=3, lease="token", lease_until=NOW, last_error="No."
        )
        assert_whole(message)

        await store.repositories.outbox.add(message)

        assert await store.repositories.outbox.find(message.id) == message
        assert await store.repositories.outbox.find("none") is None

    async def test_the_longest_due_come_first_and_the_future_waits(self, store: Store) -> None:
        dues = [-3, -9, 5, -1, -7]
        messages = [an_effect(number, due=due * MINUTE) for number, due in enumerate(dues)]
        await store.repositories.outbox.add(*messages)

        first = await claim(store, "a", limit=2)
        rest = await claim(store, "b")

        assert first == tuple(taken(messages[number], "a") for number in (1, 4))
        assert rest == tuple(taken(messages[number], "b") for number in (0, 3))
        assert await claim(store, "c") == ()

    async def test_a_claim_can_be_for_named_effects_only(self, store: Store) -> None:
        await store.repositories.outbox.add(*(an_effect(number) for number in range(6)))
        named = tuple(an_effect(number).id for number in (2, 4, 5, 9))

        few = await claim(store, "a", only=named, limit=2)
        rest = await claim(store, "b", only=named)

        assert {message.id for message in (*few, *rest)} == set(named[:3])
        assert (len(few), len(rest)) == (2, 1)

    async def test_of_many_relays_one_gets_an_effect(self, store: Store) -> None:
        messages = [an_effect(number) for number in range(30)]
        await store.repositories.outbox.add(*messages)

        tokens = [f"relay {number % 5}" for number in range(15)]
        claims = await asyncio.gather(*(claim(store, token, limit=12) for token in tokens))
        claims.append(await claim(store, "last", limit=30))

        ids = [message.id for claimed in claims for message in claimed]
        assert sorted(ids) == sorted(message.id for message in messages)

    async def test_a_lease_that_ran_out_is_taken_over(self, store: Store) -> None:
        await store.repositories.outbox.add(an_effect())
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
        await store.repositories.outbox.add(an_effect())
        await claim(store, "a")

        assert await store.repositories.outbox.finish(an_effect().id, token="a", now=NOW)

        done = await store.repositories.outbox.find(an_effect().id)
        assert done == an_effect(state=State.DONE, attempts=1)
        assert not await store.repositories.outbox.finish(an_effect().id, token="a", now=NOW)
        await store.repositories.outbox.cancel(an_effect().id, now=NOW)
        assert await store.repositories.outbox.find(an_effect().id) == done
        assert await claim(store, "b", now=NOW + MINUTE * 60) == ()

    async def test_a_failure_is_tried_again_later(self, store: Store) -> None:
        await store.repositories.outbox.add(an_effect())
        (claimed,) = await claim(store, "a")
        failed = claimed.fail("No.", now=NOW)

        assert await store.repositories.outbox.fail(failed, token="a")

        assert await store.repositories.outbox.find(failed.id) == failed
        assert await claim(store, "b", now=NOW) == ()
        (again,) = await claim(store, "b", now=failed.due_at)
        assert (again.attempts, again.last_error) == (2, "No.")

    async def test_a_postponed_effect_was_never_tried(self, store: Store) -> None:
        await store.repositories.outbox.add(an_effect())
        await claim(store, "a")

        assert await store.repositories.outbox.postpone(
            an_effect().id, token="a", until=NOW + MINUTE
        )

        assert await store.repositories.outbox.find(an_effect().id) == an_effect(due=MINUTE)
        assert await claim(store, "b") == ()
        assert len(await claim(store, "b", now=NOW + MINUTE)) == 1

    async def test_a_voided_effect_is_not_owed(self, store: Store) -> None:
        await store.repositories.outbox.add(an_effect(1), an_effect(2))
        await claim(store, "a", only=(an_effect(2).id,))

        async def step(repositories: Repositories) -> None:
            await repositories.clients.add(a_client())
            await repositories.outbox.add(an_effect(3))
            await repositories.outbox.cancel(
                an_effect(1).id, an_effect(2).id, an_effect(3).id, "none", now=NOW
            )

        await store.transact(step)

        assert await claim(store, "b", now=NOW + 2 * LEASE) == ()
        assert not await store.repositories.outbox.finish(an_effect(2).id, token="a", now=NOW)
        voided = await store.repositories.outbox.in_state("void", limit=10)
        assert {message.id for message in voided} == {an_effect(n).id for n in (1, 2, 3)}

    async def test_an_operator_brings_a_dead_effect_back(self, store: Store) -> None:
        await store.repositories.outbox.add(
            an_effect(1, state=State.DEAD, attempts=30), an_effect(2)
        )
        dead = await store.repositories.outbox.in_state("dead", limit=5)
        assert dead == (an_effect(1, state=State.DEAD, attempts=30),)

        assert await store.repositories.outbox.retry(an_effect(1).id, now=NOW)

        (back,) = await claim(store, "a", only=(an_effect(1).id,))
        assert (back.attempts, back.due_at) == (1, NOW)
        assert not await store.repositories.outbox.retry(an_effect(2).id, now=NOW)

    async def test_the_oldest_due_tells_how_far_behind_the_relays_are(self, store: Store) -> None:
        messages = store.repositories.outbox
        assert await messages.oldest_due(now=NOW) is None

        await messages.add(an_effect(1, due=MINUTE), an_effect(2, due=-2 * MINUTE), an_effect(3))

        assert await messages.oldest_due(now=NOW) == NOW - 2 * MINUTE
        await claim(store, "a", limit=1)
        assert await messages.oldest_due(now=NOW) == NOW - MINUTE
        assert await messages.oldest_due(now=NOW - 5 * MINUTE) is None
