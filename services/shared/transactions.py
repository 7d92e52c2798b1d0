"""Transactions that are repeated when somebody else has saved the same thing meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from ports.store import Repositories, Stale, Store

T = TypeVar("T")


async def transact(store: Store, step: Callable[[Repositories], Awaitable[T]]) -> T:
    """Run the step in a transaction, and again when what it saves was saved meanwhile: for things
    that programs save all the time, where a conflict is no reason to ask a person. The step reads
    what it saves."""
    while True:
        try:
            return await store.transact(step)
        except Stale:
            continue
