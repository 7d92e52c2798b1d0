"""People who abuse chats are cut or refused, and others go on: their messages arrive, and the
memory of the web process stays bounded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from bench.socketio_client import ConnectionLost, SocketIOClient, text_frame
from tests.process.chat_exchange import a_message, in_chat, percentile_ms, talking
from tests.process.chat_pairs import Pair, add_pairs
from tests.process.chat_site import SETTINGS
from tests.process.raw_socket import frame, raw_socket
from tests.process.running import RunningApp
from tests.process.web_processes import WebProcesses, web_processes
from web.shared.socket_server import LARGEST_FRAME

pytestmark = pytest.mark.process

MEGABYTE = 1_000_000
BOUND = 50 * MEGABYTE
"""By how much the memory of the web process may grow."""
OTHERS = 8
"""Pairs beside the offenders, in the same process."""
LONG = "It reads forty million rows to keep ninety thousand. " * 140
UNREAD = 900
"""Long messages: more than the system and the server keep for one who does not read."""
FLOOD = 300
AT_ONCE = 16
SLOW = 3
FLOODED = ("chat:send", "chat:typing", "chat:sync", "chat:open", "chat:read", "nothing:here")
REFUSED = {"invalid", "not_found", "malformed_event"}
NO_DATA: tuple[Any, ...] = (
    None, 1, "x", [], {}, {"chat": None}, {"chat": {"$ne": ""}}, {"chat": "x" * 61},
)  # fmt: skip
WRONG: dict[str, tuple[dict[str, Any], ...]] = {
    "chat:send": (
        {},
        {"client_id": "\u0000", "body": "x"},
        {"client_id": "x" * 65, "body": "x"},
        {"client_id": ["x"], "body": "x"},
        {"client_id": "x", "body": "\u202e"},
        {"client_id": "x", "body": "x", "reply_to": 2**31},
        {"client_id": "x", "body": "x", "reply_to": 99_999},
    ),
    "chat:sync": ({}, {"after": -1}, {"after": 1e300}, {"after": "0"}, {"after": True}),
    "chat:read": ({}, {"seq": -1}, {"seq": 2**31}, {"seq": None}),
}


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


async def a_reader_that_stops_reading(web: WebProcesses, pair: Pair) -> None:
    """While the partner floods the chat. On return everything is there."""
    partner = await in_chat(web.address, pair.client, pair)
    async with AsyncExitStack() as stack:
        readers = [
            await stack.enter_async_context(
                raw_socket(web.port, headers=f"Cookie: {pair.developer.cookie}\r\n", receive=4_096)
            )
            for _ in range(SLOW)
        ]
        for reader in readers:
            await reader.connect()
            await reader.send(frame(f'421["chat:open",{{"chat":"{pair.chat}"}}]'))
        await flood(partner, lambda number: ("chat:send", a_message(pair, f"{number}", LONG)))
        for reader in readers:
            assert await reader.is_closed()
    partner.abort()
    assert await missed_by(web, pair) == UNREAD


async def flood(
    client: SocketIOClient, event: Callable[[int], tuple[str, Any]], count: int = UNREAD
) -> None:
    """`AT_ONCE` events at a time; each must succeed."""
    numbers = iter(range(count))

    async def send() -> None:
        for number in numbers:
            answer = await client.call(*event(number))
            assert answer["ok"], answer

    await asyncio.gather(*(send() for _ in range(AT_ONCE)))


async def missed_by(web: WebProcesses, pair: Pair) -> int:
    """How many messages the developer gets after a new connection."""
    reader, found, last = await in_chat(web.address, pair.developer, pair), 0, 1
    while found < last:
        answer = await reader.call("chat:sync", {"chat": pair.chat, "after": found})
        found, last = answer["messages"][-1]["seq"], answer["last_seq"]
    reader.abort()
    return found


async def frames_beyond_the_limit(web: WebProcesses, pair: Pair) -> None:
    """They end the connection. The largest message that is allowed is refused, and it stays."""
    for number, size in enumerate((LARGEST_FRAME, 100_000, 1_000_000, 10_000_000)):
        client = await in_chat(web.address, pair.client, pair)
        with pytest.raises(ConnectionLost):
            await client.call("chat:send", a_message(pair, f"{number}", "x" * size))
    client = await in_chat(web.address, pair.client, pair)
    answer = await client.call("chat:send", a_message(pair, "large", "x" * 60_000))
    assert (answer["ok"], answer["code"]) == (False, "invalid")
    assert (await client.call("chat:open", {"chat": pair.chat}))["ok"]
    client.abort()


async def floods_of_events(web: WebProcesses, pair: Pair) -> None:
    """All at once, without waiting for answers: each is answered, or the connection ends because
    too many answers wait."""
    for name in FLOODED:
        client = await in_chat(web.address, pair.client, pair)
        values = [{**a_message(pair, f"{name}{n}"), "after": 0, "seq": 1} for n in range(FLOOD)]
        started = [client.start_call(name, value) for value in values]
        answers = await asyncio.gather(*started, return_exceptions=True)
        lost = [answer for answer in answers if isinstance(answer, BaseException)]
        codes = {answer.get("code") for answer in answers if not isinstance(answer, BaseException)}
        assert {type(each) for each in lost} <= {ConnectionLost}
        assert codes <= {"unknown_event" if name == "nothing:here" else None}
        assert client.is_open is (not lost)
        client.abort()


async def floods_without_reading_the_answers(web: WebProcesses, pair: Pair) -> None:
    """The connection ends when too many answers wait."""
    client = await in_chat(web.address, pair.client, pair)
    await flood(client, lambda number: ("chat:send", a_message(pair, f"{number}")), count=200)
    client.stop_reading()
    with pytest.raises(ConnectionLost):
        async with asyncio.timeout(60):
            while True:
                client.emit("chat:sync", {"chat": pair.chat, "after": 0})
                await client.drain()
                await asyncio.sleep(0)


async def packets_that_are_malformed(web: WebProcesses, pair: Pair) -> None:
    """Each ends the connection or is refused in its answer."""
    client = await in_chat(web.address, pair.client, pair)
    for name in ("chat:open", "chat:send", "chat:sync", "chat:read", "chat:typing"):
        for value in (*NO_DATA, *({"chat": pair.chat, **wrong} for wrong in WRONG.get(name, ()))):
            answer = await client.call(name, value)
            assert answer["ok"] is False, (name, value)
            assert answer["code"] in REFUSED, (name, value, answer)
    for packet in ("x", '42["chat:send"', '451-["chat:send",{"_placeholder":true,"num":0}]'):
        client.send_raw(text_frame(packet))
        await asyncio.wait([client.closed], timeout=10)
        assert not client.is_open, packet
        client = await in_chat(web.address, pair.client, pair)
    client.abort()


Offence = Callable[[WebProcesses, Pair], Awaitable[None]]
OFFENCES: tuple[Offence, ...] = (
    a_reader_that_stops_reading, frames_beyond_the_limit, floods_of_events,
    floods_without_reading_the_answers, packets_that_are_malformed,
)  # fmt: skip


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
    async with talking(web.address, pairs[:OTHERS]) as exchanges:
        await asyncio.sleep(1)
        before, usual = web.memory(), percentile_ms(exchanges, 99)
        for exchange in exchanges:
            exchange.took.clear()
        await offence(web, pair)
        grown = web.memory() - before

    print(
        f"\n{offence.__name__}: memory + {grown / MEGABYTE:.0f} MB; the others' messages took"
        f" {percentile_ms(exchanges, 50):.0f} ms (p50), {percentile_ms(exchanges, 99):.0f} ms (p99)"
        f" instead of {usual:.0f} ms, {sum(len(e.took) for e in exchanges)} messages"
    )
    assert grown <= BOUND


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
