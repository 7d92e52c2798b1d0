"""Reads that the handlers of messages share which a relay has claimed together.

Several messages of one step of a booking are mostly claimed together, and each handler reads the
booking. All of these messages were committed before the claim, so what was read after it is new
enough for each of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")

READS: ContextVar[dict[object, asyncio.Task[Any]] | None] = ContextVar("reads", default=None)


@contextmanager
def claimed_together() -> Iterator[None]:
    """Tasks that are created within this share what they `read_once`."""
    token = READS.set({})
    try:
        yield
    finally:
        READS.reset(token)


async def read_once(key: object, read: Callable[[], Awaitable[T]]) -> T:
    """The result of `read`, which one of the tasks that were claimed together calls for this key;
    an error of it is raised in all of them. For reads outside of transactions, of what the
    handlers do not change themselves."""
    reads = READS.get()
    if reads is None:
        return await read()
    if key not in reads:
        reads[key] = asyncio.create_task(_run(read))
    result: T = await asyncio.shield(reads[key])  # the others go on if this one is cancelled
    return result


async def _run(read: Callable[[], Awaitable[T]]) -> T:
    return await read()
