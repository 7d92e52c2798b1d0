"""People who abuse a chat: each in a process of its own, so that a test can measure others.

echo '{"address": "http://…", "pair": …}' | python -m tests.process.chat_offences floods_of_events
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

import pytest

from bench.socketio_client import ConnectionLost, SocketIOClient, text_frame
from tests.patience import PATIENCE_S
from tests.process.chat_exchange import a_message, in_chat
from tests.process.chat_pairs import Pair, Person
from tests.process.raw_socket import frame, raw_socket
from web.shared.socket_incoming import WAITING_PACKETS
from web.shared.socket_server import LARGEST_FRAME

LONG = "It reads forty million rows to keep ninety thousand. " * 140
UNREAD = 900
"""Long messages: more than the system and the server keep for one who does not read."""
FLOOD, TIMES = 300, 5
ANSWERED_S = 180.0
"""Within this, the last of many events that wait is answered: they are handled in order."""
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


async def a_reader_that_stops_reading(address: str, pair: Pair) -> None:
    """While the partner floods the chat. On return everything is there."""
    partner = await in_chat(address, pair.client, pair)
    async with AsyncExitStack() as stack:
        readers = [
            await stack.enter_async_context(
                raw_socket(
                    urlsplit(address).port or 80,
                    headers=f"Cookie: {pair.developer.cookie}\r\n",
                    receive=4_096,
                )
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
    assert await missed_by(address, pair) == UNREAD


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


async def missed_by(address: str, pair: Pair) -> int:
    """How many messages the developer gets after a new connection."""
    reader, found, last = await in_chat(address, pair.developer, pair), 0, 1
    while found < last:
        answer = await reader.call("chat:sync", {"chat": pair.chat, "after": found})
        found, last = answer["messages"][-1]["seq"], answer["last_seq"]
    reader.abort()
    return found


async def frames_beyond_the_limit(address: str, pair: Pair) -> None:
    """They end the connection. The largest message that is allowed is refused, and it stays."""
    for number, size in enumerate((LARGEST_FRAME, 100_000, 1_000_000, 10_000_000)):
        client = await in_chat(address, pair.client, pair)
        with pytest.raises(ConnectionLost):
            await client.call("chat:send", a_message(pair, f"{number}", "x" * size))
    client = await in_chat(address, pair.client, pair)
    answer = await client.call("chat:send", a_message(pair, "large", "x" * 60_000))
    assert (answer["ok"], answer["code"]) == (False, "invalid")
    assert (await client.call("chat:open", {"chat": pair.chat}))["ok"]
    client.abort()


async def floods_of_events(address: str, pair: Pair) -> None:
    """All at once, without waiting for answers: the connection ends, again and again."""
    for number, name in enumerate(FLOODED * TIMES):
        client = await in_chat(address, pair.client, pair)
        values = [{**a_message(pair, f"{number}-{n}"), "after": 0, "seq": 1} for n in range(FLOOD)]
        started = [client.start_call(name, value) for value in values]
        answers = await asyncio.gather(*started, return_exceptions=True)
        lost = [answer for answer in answers if isinstance(answer, BaseException)]
        codes = {answer.get("code") for answer in answers if not isinstance(answer, BaseException)}
        assert {type(each) for each in lost} == {ConnectionLost}
        assert codes <= {"unknown_event" if name == "nothing:here" else None}
        assert not client.is_open


async def floods_that_wait_for_answers(address: str, pair: Pair) -> None:
    """As many events as may wait, again and again: each is answered."""
    client = await in_chat(address, pair.client, pair)

    async def call(name: str, client_id: str) -> None:
        event = {**a_message(pair, client_id), "after": 0, "seq": 1}
        answer = await client.call(name, event, timeout_s=ANSWERED_S)
        assert answer["ok"], answer

    for number, name in enumerate(FLOODED[:-1] * 2):
        await asyncio.gather(*(call(name, f"{number}-{n}") for n in range(WAITING_PACKETS)))
    client.abort()


async def floods_without_reading_the_answers(address: str, pair: Pair) -> None:
    """The connection ends, again and again."""
    client = await in_chat(address, pair.client, pair)
    await flood(client, lambda number: ("chat:send", a_message(pair, f"{number}")), count=200)
    for _ in range(3 * TIMES):
        client.stop_reading()
        with pytest.raises(ConnectionLost):
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    client.emit("chat:sync", {"chat": pair.chat, "after": 0})
                    await client.drain()
                    await asyncio.sleep(0)
        client = await in_chat(address, pair.client, pair)
    client.abort()


async def packets_that_are_malformed(address: str, pair: Pair) -> None:
    """Each ends the connection or is refused in its answer."""
    client = await in_chat(address, pair.client, pair)
    for name in ("chat:open", "chat:send", "chat:sync", "chat:read", "chat:typing"):
        for value in (*NO_DATA, *({"chat": pair.chat, **wrong} for wrong in WRONG.get(name, ()))):
            answer = await client.call(name, value)
            assert answer["ok"] is False, (name, value)
            assert answer["code"] in REFUSED, (name, value, answer)
    for packet in ("x", '42["chat:send"', '451-["chat:send",{"_placeholder":true,"num":0}]'):
        client.send_raw(text_frame(packet))
        await asyncio.wait([client.closed], timeout=PATIENCE_S)
        assert not client.is_open, packet
        client = await in_chat(address, pair.client, pair)
    client.abort()


Offence = Callable[[str, Pair], Awaitable[None]]
OFFENCES: tuple[Offence, ...] = (
    a_reader_that_stops_reading, frames_beyond_the_limit, floods_of_events,
    floods_that_wait_for_answers, floods_without_reading_the_answers, packets_that_are_malformed,
)  # fmt: skip


async def commit(offence: Offence, address: str, pair: Pair) -> None:
    """In another process. Raises `AssertionError` with its output when it fails."""
    command = (sys.executable, "-m", __name__, offence.__name__)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stderr=pipe)
    try:
        sent = json.dumps({"address": address, "pair": asdict(pair)}).encode()
        _, errors = await process.communicate(sent)
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0, errors.decode()[-2000:]


async def main() -> None:
    (offence,) = [each for each in OFFENCES if each.__name__ == sys.argv[1]]
    sent = json.load(sys.stdin)
    pair = sent["pair"]
    people = (Person(**pair["client"]), Person(**pair["developer"]))
    await offence(sent["address"], Pair(pair["chat"], *people))


if __name__ == "__main__":
    asyncio.run(main())
