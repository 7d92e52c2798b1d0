"""The relay: work owed is done, by one at a time, as often as it takes, and never lost."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import pytest

from core.effects import ATTEMPTS_BEFORE_DEAD, LONGEST_WAIT, Effect, EffectId, State, effect
from core.errors import Unavailable
from core.policy import HOUR, MINUTE
from services.outbox import service as outbox_service
from services.outbox.service import LEASE, EffectService, Handler, Later
from tests.house import MemoryHouse

SECOND = timedelta(seconds=1)


class Work:
    """A handler that keeps what it has done; `trouble` is what it meets before that."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.done: list[str] = []
        self.trouble = trouble

    async def __call__(self, payload: Mapping[str, str]) -> None:
        await asyncio.sleep(0)
        if self.trouble:
            raise self.trouble
        self.done.append(payload["n"])


def relay(house: MemoryHouse, **handlers: Handler) -> EffectService:
    return EffectService(house.store, house.clock, house.ids, handlers)


async def owe(house: MemoryHouse, kind: str, *numbers: int, later: timedelta = 0 * SECOND) -> None:
    due = house.clock.now() + later
    await house.store.books.effects.add(
        *(effect(kind, f"thing:{n}", due_at=due, n=str(n)) for n in numbers)
    )


async def found(house: MemoryHouse, effect_id: str) -> Effect:
    owed = await house.store.books.effects.find(effect_id)
    assert owed
    return owed


async def test_what_is_due_is_done_once(house: MemoryHouse) -> None:
    work = Work()
    await owe(house, "work", 1, 2)
    await owe(house, "work", 3, later=MINUTE)

    assert await relay(house, work=work).run_due() == 2
    assert await relay(house, work=work).run_due() == 0

    assert sorted(work.done) == ["1", "2"]
    assert (await found(house, "thing:1:work")).state is State.DONE
    assert (await found(house, "thing:3:work")).state is State.READY


async def test_owing_the_same_twice_is_owing_it_once(house: MemoryHouse) -> None:
    work = Work()
    await owe(house, "work", 1)
    await owe(house, "work", 1)
    await relay(house, work=work).run_due()
    await owe(house, "work", 1)
    await relay(house, work=work).run_due()
    assert work.done == ["1"]


async def test_two_relays_share_the_work_without_doubling_it(house: MemoryHouse) -> None:
    one, other = Work(), Work()
    await owe(house, "work", *range(100))

    async def until_nothing_is_due(worker: EffectService) -> None:
        while await worker.run_due(limit=7):
            pass

    await asyncio.gather(
        until_nothing_is_due(relay(house, work=one)),
        until_nothing_is_due(relay(house, work=other)),
    )

    assert sorted(one.done + other.done, key=int) == [str(n) for n in range(100)]
    assert one.done
    assert other.done


async def test_a_relay_runs_only_what_it_was_rung_for(house: MemoryHouse) -> None:
    work = Work()
    await owe(house, "work", 1, 2, 3)
    await relay(house, work=work).run_due(only=["thing:2:work"])
    assert work.done == ["2"]


async def test_the_longest_due_comes_first(house: MemoryHouse) -> None:
    work = Work()
    await owe(house, "work", 1, later=2 * SECOND)
    await owe(house, "work", 2, later=SECOND)
    house.clock.advance(MINUTE)
    await relay(house, work=work).run_due(limit=1)
    assert work.done == ["2"]


async def test_when_a_relay_dies_another_takes_over_after_its_lease(house: MemoryHouse) -> None:
    work = Work()
    await owe(house, "work", 1)
    await house.store.books.effects.claim(
        now=house.clock.now(), lease=LEASE, token="of a relay that dies", limit=9
    )

    house.clock.advance(LEASE - SECOND)
    await relay(house, work=work).run_due()
    assert work.done == []
    house.clock.advance(SECOND)
    await relay(house, work=work).run_due()
    assert work.done == ["1"]


async def test_who_has_lost_the_lease_may_not_speak_for_the_effect(house: MemoryHouse) -> None:
    effects, work = house.store.books.effects, Work()
    await owe(house, "work", 1)
    (slow,) = await effects.claim(now=house.clock.now(), lease=LEASE, token="slow", limit=9)
    house.clock.advance(LEASE)
    await effects.claim(now=house.clock.now(), lease=LEASE, token="quick", limit=9)

    now = house.clock.now()
    assert not await effects.finish(slow.id, token="slow", now=now)
    assert not await effects.postpone(slow.id, token="slow", until=now)
    assert not await effects.fail(slow.fail("Too late", now=now), token="slow")

    held = await found(house, slow.id)
    assert (held.state, held.lease, held.last_error) == (State.READY, "quick", None)
    assert await effects.finish(slow.id, token="quick", now=now)
    assert work.done == []


async def test_a_handler_that_never_returns_is_stopped_before_the_lease_ends(
    house: MemoryHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert timedelta(seconds=outbox_service.LONGEST_RUN_S) < LEASE
    monkeypatch.setattr(outbox_service, "LONGEST_RUN_S", 0.02)
    stopped: list[str] = []

    async def endless(payload: Mapping[str, str]) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append(payload["n"])

    await owe(house, "endless", 1)
    await relay(house, endless=endless).run_due()

    stuck = await found(house, "thing:1:endless")
    assert stopped == ["1"]
    assert (stuck.state, stuck.lease) == (State.READY, None)
    assert "TimeoutError" in (stuck.last_error or "")


async def test_one_failure_leaves_the_others_alone(house: MemoryHouse) -> None:
    good, bad = Work(), Work(trouble=RuntimeError("boom"))
    await owe(house, "bad", 1, 2)
    await owe(house, "good", 3, 4)

    assert await relay(house, good=good, bad=bad).run_due() == 4

    assert sorted(good.done) == ["3", "4"]
    assert (await found(house, "thing:1:bad")).last_error == "RuntimeError('boom')"


async def test_what_fails_waits_longer_each_time_and_is_set_aside_in_the_end(
    house: MemoryHouse,
) -> None:
    bad = relay(house, bad=Work(trouble=RuntimeError("boom")))
    await owe(house, "bad", 1)

    waits = []
    for _ in range(ATTEMPTS_BEFORE_DEAD - 1):
        assert await bad.run_due() == 1
        due = (await found(house, "thing:1:bad")).due_at
        waits.append(due - house.clock.now())
        house.clock.set(due - timedelta(microseconds=1))
        assert await bad.run_due() == 0
        house.clock.set(due)
    await bad.run_due()

    assert waits[:4] == [SECOND, 2 * SECOND, 4 * SECOND, 8 * SECOND]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT
    dead = await found(house, "thing:1:bad")
    assert (dead.state, dead.attempts) == (State.DEAD, ATTEMPTS_BEFORE_DEAD)
    house.clock.advance(timedelta(days=1))
    assert await bad.run_due() == 0


async def test_an_operator_brings_a_dead_effect_back(house: MemoryHouse) -> None:
    work = Work(trouble=RuntimeError("boom"))
    worker = relay(house, work=work)
    await owe(house, "work", 1)
    for _ in range(ATTEMPTS_BEFORE_DEAD):
        await worker.run_due()
        house.clock.advance(HOUR)

    work.trouble = None
    assert await house.store.books.effects.retry(EffectId("thing:1:work"), now=house.clock.now())
    await worker.run_due()
    assert work.done == ["1"]
    assert not await house.store.books.effects.retry(
        EffectId("thing:1:work"), now=house.clock.now()
    )


async def test_later_is_an_answer_and_no_failure(house: MemoryHouse) -> None:
    until = house.clock.now() + HOUR
    work = Work(trouble=Later(until))
    worker = relay(house, work=work)
    await owe(house, "work", 1)

    await worker.run_due()
    waiting = await found(house, "thing:1:work")
    assert (waiting.due_at, waiting.attempts, waiting.last_error) == (until, 0, None)

    work.trouble = None
    house.clock.set(until - SECOND)
    await worker.run_due()
    assert work.done == []
    house.clock.set(until)
    await worker.run_due()
    assert work.done == ["1"]


async def test_a_kind_from_newer_code_is_left_to_a_relay_that_knows_it(
    house: MemoryHouse,
) -> None:
    newer = Work()
    await owe(house, "newer", 1)

    for _ in range(ATTEMPTS_BEFORE_DEAD + 1):
        await relay(house).run_due()
        house.clock.advance(MINUTE)
    waiting = await found(house, "thing:1:newer")
    assert (waiting.state, waiting.attempts) == (State.READY, 0)

    await relay(house, newer=newer).run_due()
    assert newer.done == ["1"]


async def test_what_is_owed_no_longer_is_not_done(house: MemoryHouse) -> None:
    work = Work()
    await owe(house, "work", 1)
    await house.store.books.effects.void("thing:1:work", now=house.clock.now())
    await relay(house, work=work).run_due()
    assert work.done == []
    assert (await found(house, "thing:1:work")).state is State.VOID


async def test_what_is_merely_away_is_waited_for_and_never_given_up(house: MemoryHouse) -> None:
    """An outage of weeks must not leave a refund on a list nobody reads."""
    away = Work(Unavailable())
    service = relay(house, work=away)
    await owe(house, "work", 1)

    for _ in range(ATTEMPTS_BEFORE_DEAD + 5):
        await service.run_due()
        house.clock.advance(LONGEST_WAIT)
    away.trouble = None
    await service.run_due()

    assert away.done == ["1"]


async def test_a_dead_effect_is_told_to_the_operators(house: MemoryHouse) -> None:
    service = relay(house, work=Work(RuntimeError("a mistake")))
    await owe(house, "work", 1)

    for _ in range(ATTEMPTS_BEFORE_DEAD):
        await service.run_due()
        house.clock.advance(LONGEST_WAIT)

    (finding,) = await house.store.books.findings.open()
    assert (finding.kind, finding.subject) == ("dead_effect", "thing:1:work")


async def test_a_slow_effect_holds_up_no_other(house: MemoryHouse) -> None:
    slow, quick = asyncio.Event(), Work()

    async def wait(payload: Mapping[str, str]) -> None:
        await slow.wait()

    service = relay(house, slow=wait, quick=quick)
    await owe(house, "slow", 1)
    await owe(house, "quick", 2)

    running = await service.start_due(limit=10)
    await asyncio.sleep(0.05)

    assert quick.done == ["2"]
    slow.set()
    await asyncio.gather(*running)
