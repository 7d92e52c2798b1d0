"""Connections that wait for their next request."""

from __future__ import annotations

import asyncio

from hypercorn.asyncio.worker_context import WorkerContext

from onehour.idle_connections import IdleTime
from tests.patience import PATIENCE_S

LONG_S = 60.0


async def test_one_is_closed_when_it_has_been_idle_for_its_time() -> None:
    closed = asyncio.Event()
    idle = IdleTime(WorkerContext(None), 0.01, closed.set)

    await idle.restart(None, None)

    async with asyncio.timeout(PATIENCE_S):
        await closed.wait()


async def test_a_request_ends_the_time() -> None:
    closed = asyncio.Event()
    idle = IdleTime(WorkerContext(None), 0.01, closed.set)

    await idle.restart(None, None)
    await idle.stop()
    await asyncio.sleep(0.03)

    assert not closed.is_set()


async def test_when_the_server_stops_idle_ones_are_closed_and_busy_ones_when_they_are_idle() -> (
    None
):
    context, idle_closed, busy_closed = WorkerContext(None), asyncio.Event(), asyncio.Event()
    idle, busy = (IdleTime(context, LONG_S, each.set) for each in (idle_closed, busy_closed))
    await idle.restart(None, None)
    await busy.restart(None, None)
    await busy.stop()

    await context.terminated.set()

    async with asyncio.timeout(PATIENCE_S):
        await idle_closed.wait()
    assert not busy_closed.is_set()
    await busy.restart(None, None)
    assert busy_closed.is_set()
