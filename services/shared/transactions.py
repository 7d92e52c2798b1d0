"""Transactions that are repeated when somebody else has saved the same thing meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from core.errors import Unavailable
from ports.extensions import Extensions, Parts, Vetoed, WrongFields
from ports.store import Repositories, Stale, Store

T = TypeVar("T")

TIMES_STALE = 20
"""How often a plugin may find that what it saves was saved meanwhile."""


async def transact(store: Store, step: Callable[[Repositories], Awaitable[T]]) -> T:
    """Run the step in a transaction, and again when what it saves was saved meanwhile: for things
    that programs save all the time, where a conflict is no reason to ask a person. The step reads
    what it saves."""
    while True:
        try:
            return await store.transact(step)
        except Stale:
            continue


async def transact_with_plugins(
    store: Store, extensions: Extensions, step: Callable[[Repositories, Parts], Awaitable[T]]
) -> T:
    """Run a step in which plugins have a part (`Extensions.take_part`). A part that fails is taken
    back with the whole transaction, which runs again without this plugin. Raises `WrongFields` and
    `Vetoed` when a plugin refuses."""
    parts, stale = Parts(), 0
    while True:
        try:
            return await store.transact(partial(_run, step, parts))
        except (WrongFields, Vetoed, Unavailable):
            raise
        except Exception as error:
            if parts.failed is None or parts.failed[1] is not error:
                raise
            stale += isinstance(error, Stale)
            if isinstance(error, Stale) and stale < TIMES_STALE:
                continue
            plugin, _ = parts.failed
            extensions.part_failed(plugin, error)
            parts = Parts(parts.left_out | {plugin})


async def _run(
    step: Callable[[Repositories, Parts], Awaitable[T]], parts: Parts, repositories: Repositories
) -> T:
    parts.failed = None
    return await step(repositories, parts)
