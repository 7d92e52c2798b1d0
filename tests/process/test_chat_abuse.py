"""People who abuse chats are cut or refused, and others go on: their messages arrive, and the
memory of the web process stays bounded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence

import pytest

from tests.process.chat_exchange import Exchange, in_chat, percentile_ms, talking
from tests.process.chat_offences import OFFENCES, Offence, commit, packets_that_are_malformed
from tests.process.chat_pairs import Pair, add_pairs
from tests.process.chat_site import SETTINGS
from tests.process.running import RunningApp
from tests.process.web_processes import WebProcesses, web_processes

pytestmark = pytest.mark.process

MEGABYTE = 1_000_000
BOUND = 50 * MEGABYTE
"""By how much the memory of the web process may grow."""
OTHERS = 8
"""Pairs beside the offenders, in the same process."""
CONTROL_S = 5
"""How long the others are measured alone, before and after an offence."""


@pytest.fixture(scope="module")
async def web(
    running: RunningApp, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[WebProcesses]:
    """One process, which the offenders and the others share."""
    async with web_processes(running, tmp_path_factory.mktemp("abuse"), SETTINGS, count=1) as web:
        yield web
        assert "Traceback" not in web.log.read_text()


@pytest.fixture(scope="module")
async def pairs(running: RunningApp) -> list[Pair]:
    return await add_pairs(running, "abuse", OTHERS + 1)


QUICK = (packets_that_are_malformed,)
"""The others take half a minute each: `make test-long` runs them."""


@pytest.mark.parametrize(
    "offence",
    [
        offence if offence in QUICK else pytest.param(offence, marks=pytest.mark.long)
        for offence in OFFENCES
    ],
    ids=lambda offence: offence.__name__,
)
async def test_others_go_on_and_the_memory_stays_bounded(
    running: RunningApp, web: WebProcesses, pairs: list[Pair], offence: Offence
) -> None:
    (pair,) = await add_pairs(running, f"offence{OFFENCES.index(offence)}", 1)
    control_s = 1 if offence in QUICK else CONTROL_S
    async with talking(web.address, pairs[:OTHERS]) as exchanges:
        alone = await measured(exchanges, asyncio.sleep(control_s))
        before = web.memory()
        beside = await measured(exchanges, commit(offence, web.address, pair))
        grown = web.memory() - before
        again = await measured(exchanges, asyncio.sleep(control_s))

    print(
        f"\n{offence.__name__}: memory + {grown / MEGABYTE:.0f} MB; the others' messages took"
        f" {beside}; alone {alone} before and {again} after"
    )
    assert grown <= BOUND


async def measured(exchanges: Sequence[Exchange], meanwhile: Awaitable[None]) -> str:
    """How long the messages took that arrived meanwhile."""
    for exchange in exchanges:
        exchange.took.clear()
    await meanwhile
    p50, p99 = percentile_ms(exchanges, 50), percentile_ms(exchanges, 99)
    count = sum(len(each.took) for each in exchanges)
    return f"{p50:.0f} ms (p50) and {p99:.0f} ms (p99) of {count}"


@pytest.mark.long
async def test_a_thousand_connections_leave_others_undisturbed(
    running: RunningApp, web: WebProcesses, pairs: list[Pair]
) -> None:
    crowd = await add_pairs(running, "crowd", 500)
    async with talking(web.address, pairs[:OTHERS]) as exchanges:
        before = web.memory()
        clients = [
            await in_chat(web.address, person, pair) for pair in crowd for person in pair.people
        ]
        grown = web.memory() - before
        for client in clients:  # and all come back at once
            client.abort()
        people = [(person, pair) for pair in crowd for person in pair.people]
        again = await asyncio.gather(*(in_chat(web.address, *each) for each in people))
        twice = web.memory() - before

    print(
        f"\n1,000 connections: {grown / MEGABYTE:.0f} MB, after all came back"
        f" {twice / MEGABYTE:.0f} MB; p99 {percentile_ms(exchanges, 99):.0f} ms"
    )
    assert all(client.is_open for client in again)
    assert twice - grown <= BOUND
    for client in again:
        client.abort()
