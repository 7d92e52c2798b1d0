"""The relay: each message is run by one relay at a time, retried until it succeeds, never lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import ClassVar

import pytest

from core.errors import Unavailable
from core.outbox import (
    ATTEMPTS_BEFORE_DEAD,
    LONGEST_WAIT,
    NotDueYet,
    OutboxId,
    OutboxMessage,
    Payload,
    State,
    message,
)
from core.policy import HOUR, MINUTE
from services.outbox import service as outbox_service
from services.outbox.service import LEASE, LONGEST_RUN_S, OutboxRelay
from services.shared.outbox import Handler
from tests.app import MemoryApp

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Task(Payload):
    kind: ClassVar[str] = "work"
    n: str


@cache
def task(kind: str) -> type[Task]:
    """The payload of another kind of message."""
    return type("OtherTask", (Task,), {"kind": kind})


@dataclass(frozen=True, slots=True)
class News(Task):
    kind: ClassVar[str] = "news"
    kept: ClassVar[bool] = False


Run = Callable[[Task], Awaitable[None]]


class Work:
    """A handler that records its calls; `trouble` are exceptions to raise first."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.done: list[str] = []
        self.trouble = trouble

    async def __call__(self, payload: Task) -> None:
        await asyncio.sleep(0)
        if self.trouble:
            raise self.trouble
        self.done.append(payload.n)


def relay(app: MemoryApp, **runs: Run) -> OutboxRelay:
    handlers = {kind: Handler(task(kind), run) for kind, run in runs.items()}
    return OutboxRelay(store=app.store, clock=app.clock, ids=app.ids, handlers=handlers)


async def enqueue(app: MemoryApp, kind: str, *numbers: int, later: timedelta = 0 * SECOND) -> None:
    due = app.clock.now() + later
    await app.store.repositories.outbox.add(
        *(message(task(kind)(str(n)), f"thing:{n}", due_at=due) for n in numbers)
    )


async def found(app: MemoryApp, message_id: str) -> OutboxMessage:
    message = await app.store.repositories.outbox.find(message_id)
    assert message
    return message


async def test_what_is_due_is_done_once(app: MemoryApp) -> None:
    work = Work()
    await enqueue(app, "work", 1, 2)
    await enqueue(app, "work", 3, later=MINUTE)

    assert await relay(app, work=work).run_due() == 2
    assert await relay(app, work=work).run_due() == 0

    assert sorted(work.done) == ["1", "2"]
    assert (await found(app, "thing:1:work")).state is State.DONE
    assert (await found(app, "thing:3:work")).state is State.READY


async def test_owing_the_same_twice_is_owing_it_once(app: MemoryApp) -> None:
    work = Work()
    await enqueue(app, "work", 1)
    await enqueue(app, "work", 1)
    await relay(app, work=work).run_due()
    await enqueue(app, "work", 1)
    await relay(app, work=work).run_due()
    assert work.done == ["1"]


async def test_two_relays_share_the_work_without_doubling_it(app: MemoryApp) -> None:
    one, other = Work(), Work()
    await enqueue(app, "work", *range(100))

    async def until_nothing_is_due(worker: OutboxRelay) -> None:
        while await worker.run_due(limit=7):
            pass

    await asyncio.gather(
        until_nothing_is_due(relay(app, work=one)),
        until_nothing_is_due(relay(app, work=other)),
    )

    assert sorted(one.done + other.done, key=int) == [str(n) for n in range(100)]
    assert one.done
    assert other.done


async def test_a_relay_runs_only_the_messages_it_was_woken_for(app: MemoryApp) -> None:
    work = Work()
    await enqueue(app, "work", 1, 2, 3)
    await relay(app, work=work).run_due(only=["thing:2:work"])
    assert work.done == ["2"]


async def test_the_longest_due_comes_first(app: MemoryApp) -> None:
    work = Work()
    await enqueue(app, "work", 1, later=2 * SECOND)
    await enqueue(app, "work", 2, later=SECOND)
    app.clock.advance(MINUTE)
    await relay(app, work=work).run_due(limit=1)
    assert work.done == ["2"]


async def test_when_a_relay_is_killed_another_takes_over_after_its_lease(app: MemoryApp) -> None:
    work = Work()
    await enqueue(app, "work", 1)
    await app.store.repositories.outbox.claim(
        now=app.clock.now(), lease=LEASE, token="of a relay that killed_at", limit=9
    )

    app.clock.advance(LEASE - SECOND)
    await relay(app, work=work).run_due()
    assert work.done == []
    app.clock.advance(SECOND)
    await relay(app, work=work).run_due()
    assert work.done == ["1"]


async def test_a_relay_that_lost_the_lease_may_not_change_the_message(app: MemoryApp) -> None:
    messages, work = app.store.repositories.outbox, Work()
    await enqueue(app, "work", 1)
    (slow,) = await messages.claim(now=app.clock.now(), lease=LEASE, token="slow", limit=9)
    app.clock.advance(LEASE)
    await messages.claim(now=app.clock.now(), lease=LEASE, token="quick", limit=9)

    now = app.clock.now()
    assert not await messages.finish(slow.id, token="slow", now=now)
    assert not await messages.postpone(slow.id, token="slow", until=now)
    assert not await messages.fail(slow.fail("Too late", now=now), token="slow")

    held = await found(app, slow.id)
    assert (held.state, held.lease, held.last_error) == (State.READY, "quick", None)
    assert await messages.finish(slow.id, token="quick", now=now)
    assert work.done == []


async def test_a_handler_that_never_returns_is_stopped_before_the_lease_ends(
    app: MemoryApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert timedelta(seconds=LONGEST_RUN_S) < LEASE
    monkeypatch.setattr(outbox_service, "LONGEST_RUN_S", 0.02)
    stopped: list[str] = []

    async def endless(payload: Task) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append(payload.n)

    await enqueue(app, "endless", 1)
    await relay(app, endless=endless).run_due()

    stuck = await found(app, "thing:1:endless")
    assert stopped == ["1"]
    assert (stuck.state, stuck.lease) == (State.READY, None)
    assert "TimeoutError" in (stuck.last_error or "")


async def test_one_failure_leaves_the_others_alone(app: MemoryApp) -> None:
    good, bad = Work(), Work(trouble=RuntimeError("boom"))
    await enqueue(app, "bad", 1, 2)
    await enqueue(app, "good", 3, 4)

    assert await relay(app, good=good, bad=bad).run_due() == 4

    assert sorted(good.done) == ["3", "4"]
    assert (await found(app, "thing:1:bad")).last_error == "RuntimeError('boom')"


async def test_what_fails_waits_longer_each_time_and_is_set_aside_in_the_end(
    app: MemoryApp,
) -> None:
    bad = relay(app, bad=Work(trouble=RuntimeError("boom")))
    await enqueue(app, "bad", 1)

    waits = []
    for _ in range(ATTEMPTS_BEFORE_DEAD - 1):
        assert await bad.run_due() == 1
        due = (await found(app, "thing:1:bad")).due_at
        waits.append(due - app.clock.now())
        app.clock.set(due - timedelta(microseconds=1))
        assert await bad.run_due() == 0
        app.clock.set(due)
    await bad.run_due()

    assert waits[:4] == [SECOND, 2 * SECOND, 4 * SECOND, 8 * SECOND]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT
    dead = await found(app, "thing:1:bad")
    assert (dead.state, dead.attempts) == (State.DEAD, ATTEMPTS_BEFORE_DEAD)
    app.clock.advance(timedelta(days=1))
    assert await bad.run_due() == 0


async def test_an_operator_retries_a_dead_message(app: MemoryApp) -> None:
    work = Work(trouble=RuntimeError("boom"))
    worker = relay(app, work=work)
    await enqueue(app, "work", 1)
    for _ in range(ATTEMPTS_BEFORE_DEAD):
        await worker.run_due()
        app.clock.advance(HOUR)

    work.trouble = None
    assert await app.store.repositories.outbox.retry(OutboxId("thing:1:work"), now=app.clock.now())
    await worker.run_due()
    assert work.done == ["1"]
    assert not await app.store.repositories.outbox.retry(
        OutboxId("thing:1:work"), now=app.clock.now()
    )


async def test_later_is_an_answer_and_no_failure(app: MemoryApp) -> None:
    until = app.clock.now() + HOUR
    work = Work(trouble=NotDueYet(until))
    worker = relay(app, work=work)
    await enqueue(app, "work", 1)

    await worker.run_due()
    waiting = await found(app, "thing:1:work")
    assert (waiting.due_at, waiting.attempts, waiting.last_error) == (until, 0, None)

    work.trouble = None
    app.clock.set(until - SECOND)
    await worker.run_due()
    assert work.done == []
    app.clock.set(until)
    await worker.run_due()
    assert work.done == ["1"]


async def test_a_kind_from_newer_code_is_left_to_a_relay_that_knows_it(
    app: MemoryApp,
) -> None:
    newer = Work()
    await enqueue(app, "newer", 1)

    for _ in range(ATTEMPTS_BEFORE_DEAD + 1):
        await relay(app).run_due()
        app.clock.advance(MINUTE)
    waiting = await found(app, "thing:1:newer")
    assert (waiting.state, waiting.attempts) == (State.READY, 0)

    await relay(app, newer=newer).run_due()
    assert newer.done == ["1"]


async def test_a_cancelled_message_is_not_run(app: MemoryApp) -> None:
    work = Work()
    await enqueue(app, "work", 1)
    await app.store.repositories.outbox.cancel("thing:1:work", now=app.clock.now())
    await relay(app, work=work).run_due()
    assert work.done == []
    assert (await found(app, "thing:1:work")).state is State.CANCELLED


async def test_a_message_whose_service_is_unavailable_is_retried_for_ever(app: MemoryApp) -> None:
    """An outage of weeks must not leave a refund on a list nobody reads."""
    away = Work(Unavailable())
    service = relay(app, work=away)
    await enqueue(app, "work", 1)

    for _ in range(ATTEMPTS_BEFORE_DEAD + 5):
        await service.run_due()
        app.clock.advance(LONGEST_WAIT)
    away.trouble = None
    await service.run_due()

    assert away.done == ["1"]


async def test_a_dead_message_is_reported_to_the_operators(app: MemoryApp) -> None:
    service = relay(app, work=Work(RuntimeError("a mistake")))
    await enqueue(app, "work", 1)

    for _ in range(ATTEMPTS_BEFORE_DEAD):
        await service.run_due()
        app.clock.advance(LONGEST_WAIT)

    (finding,) = await app.store.repositories.findings.open()
    assert (finding.kind, finding.subject) == ("dead_effect", "thing:1:work")


async def test_a_slow_message_delays_no_other(app: MemoryApp) -> None:
    slow, quick = asyncio.Event(), Work()

    async def wait(payload: Task) -> None:
        await slow.wait()

    service = relay(app, slow=wait, quick=quick)
    await enqueue(app, "slow", 1)
    await enqueue(app, "quick", 2)

    running = await service.start_due(limit=10)
    await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)

    assert quick.done == ["2"]
    slow.set()
    await asyncio.gather(*running)


async def test_messages_that_end_together_are_marked_in_few_writes(
    app: MemoryApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, writes = Work(), list[int]()
    outbox = app.store.repositories.outbox
    finish = outbox.finish

    async def counted(*ids: OutboxId, token: str, now: datetime) -> int:
        writes.append(len(ids))
        return await finish(*ids, token=token, now=now)

    monkeypatch.setattr(outbox, "finish", counted)
    await enqueue(app, "work", *range(30))

    assert await relay(app, work=work).run_due() == 30

    assert sum(writes) == 30
    assert len(writes) <= 3
    assert len(work.done) == 30
    assert await relay(app, work=work).run_due() == 0


async def test_news_that_were_told_are_removed_and_those_that_were_not_are_tried_again(
    app: MemoryApp,
) -> None:
    work = Work()
    told = OutboxRelay(
        store=app.store, clock=app.clock, ids=app.ids, handlers={"news": Handler(News, work)}
    )
    outbox, now = app.store.repositories.outbox, app.clock.now()
    await outbox.add(message(News("1"), "thing:1", due_at=now))
    work.trouble = ValueError("not yet")
    await told.run_due()
    assert (await found(app, "thing:1:news")).attempts == 1

    work.trouble = None
    app.clock.advance(MINUTE)
    await told.run_due()

    assert await outbox.find("thing:1:news") is None
    assert work.done == ["1"]


async def test_messages_that_could_not_be_marked_run_again(
    app: MemoryApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, outbox = Work(), app.store.repositories.outbox
    await enqueue(app, "work", 1, 2)

    async def unavailable(*ids: OutboxId, token: str, now: datetime) -> int:
        raise Unavailable

    with monkeypatch.context() as broken:
        broken.setattr(outbox, "finish", unavailable)
        with pytest.raises(Unavailable):
            await relay(app, work=work).run_due()
    app.clock.advance(LEASE)

    assert await relay(app, work=work).run_due() == 2
    assert sorted(work.done) == ["1", "1", "2", "2"]
