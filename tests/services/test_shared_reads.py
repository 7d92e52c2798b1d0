"""Handlers of messages that were claimed together share reads, and nobody else does."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from core.errors import Unavailable
from services.shared.shared_reads import claimed_together, read_once


@dataclass
class Reads:
    made: list[int] = field(default_factory=list)
    error: Exception | None = None

    async def __call__(self) -> int:
        self.made.append(len(self.made))
        number = self.made[-1]
        await asyncio.sleep(0)
        if self.error:
            raise self.error
        return number


async def together(reads: Reads, *keys: str) -> list[int | BaseException]:
    with claimed_together():
        tasks = [asyncio.create_task(read_once(key, reads)) for key in keys]
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_each_key_is_read_once_for_all_that_were_claimed_together() -> None:
    assert await together(Reads(), "a", "b", "a", "a") == [0, 1, 0, 0]


async def test_what_is_claimed_later_reads_again() -> None:
    reads = Reads()

    first, second = await asyncio.gather(together(reads, "a", "a"), together(reads, "a"))

    assert (first, second) == ([0, 0], [1])
    assert await together(reads, "a") == [2]


async def test_outside_of_a_relay_every_read_is_made() -> None:
    reads = Reads()

    assert [await read_once("a", reads), await read_once("a", reads)] == [0, 1]


async def test_an_error_is_raised_in_all_of_them() -> None:
    error = Unavailable()

    assert await together(Reads(error=error), "a", "a") == [error, error]


async def test_one_that_is_cancelled_leaves_the_read_to_the_others() -> None:
    reads = Reads()
    with claimed_together():
        first, second = (asyncio.create_task(read_once("a", reads)) for _ in range(2))
    await asyncio.sleep(0)

    first.cancel()

    with pytest.raises(asyncio.CancelledError):
        await first
    assert await second == 0
