"""When a cached result is returned, and which caller computes a new one."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from adapters.memory.clock import FixedClock
from adapters.mongo.searches import CACHED, AnswerCache
from core.errors import Unavailable
from onehour.testing.samples.sample import NOW

TTL = timedelta(seconds=1)


class Question:
    """Counts the computations; each waits until it is released."""

    def __init__(self) -> None:
        self.asked = 0
        self.released = asyncio.Event()
        self.released.set()

    async def work_out(self) -> int:
        self.asked += 1
        number = self.asked
        await self.released.wait()
        return number


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def cache(clock: FixedClock) -> AnswerCache[str, int]:
    return AnswerCache(clock, TTL)


async def test_an_answer_is_worked_out_once_in_its_life(
    clock: FixedClock, cache: AnswerCache[str, int]
) -> None:
    question = Question()
    first = [await cache.get("a", question.work_out) for _ in range(3)]

    clock.advance(TTL)

    assert (first, await cache.get("a", question.work_out)) == ([1, 1, 1], 2)
    assert await cache.get("b", question.work_out) == 3


async def test_while_one_works_out_a_new_answer_the_others_have_the_old_one(
    clock: FixedClock, cache: AnswerCache[str, int]
) -> None:
    question = Question()
    await cache.get("a", question.work_out)
    clock.advance(TTL)
    question.released.clear()

    one = asyncio.create_task(cache.get("a", question.work_out))
    await asyncio.sleep(0)
    others = [await cache.get("a", question.work_out) for _ in range(3)]
    question.released.set()

    assert (others, await one, question.asked) == ([1, 1, 1], 2, 2)


async def test_after_a_failure_the_next_caller_tries_again(
    clock: FixedClock, cache: AnswerCache[str, int]
) -> None:
    async def fail() -> int:
        raise Unavailable

    question = Question()
    await cache.get("a", question.work_out)
    clock.advance(TTL)
    with pytest.raises(Unavailable):
        await cache.get("a", fail)

    assert await cache.get("a", question.work_out) == 2


async def test_a_cleared_cache_queries_again(cache: AnswerCache[str, int]) -> None:
    question = Question()
    await cache.get("a", question.work_out)

    cache.clear()

    assert await cache.get("a", question.work_out) == 2


async def test_the_entry_used_longest_ago_makes_room(clock: FixedClock) -> None:
    cache: AnswerCache[int, int] = AnswerCache(clock, TTL)
    question = Question()
    for number in range(CACHED):
        await cache.get(number, question.work_out)
    await cache.get(0, question.work_out)
    await cache.get(CACHED, question.work_out)
    asked = question.asked

    await cache.get(0, question.work_out)
    assert question.asked == asked
    await cache.get(1, question.work_out)
    assert question.asked == asked + 1
