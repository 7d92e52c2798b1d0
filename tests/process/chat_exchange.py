"""A pair that talks while others abuse the site, and measures how long its messages take."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

from bench.socketio_client import SocketIOClient
from tests.patience import PATIENCE_S
from tests.process.chat_pairs import Pair, Person


@dataclass
class Exchange:
    """`took` are the seconds from sending to receiving, of each message."""

    pair: Pair
    took: list[float] = field(default_factory=list)
    _ends: list[SocketIOClient] = field(default_factory=list)
    _waiting: dict[str, asyncio.Event] = field(default_factory=dict)
    _count: int = 0
    _name: str = field(default_factory=lambda: token_hex(4))
    """The beginning of its client ids: the pair may have talked before."""

    async def connect(self, address: str) -> None:
        for person in self.pair.people:
            self._ends.append(await in_chat(address, person, self.pair, self._receiver(person)))

    def _receiver(self, person: Person) -> Callable[[str, Any], None]:
        def receive(name: str, data: Any) -> None:
            if name == "chat:message" and data["sender"] != person.account:
                arrived = self._waiting.get(data["client_id"])  # none: of an exchange before
                if arrived:
                    arrived.set()

        return receive

    async def talk(self) -> None:
        """Send each message when the one before has arrived, by turns, until cancelled."""
        while True:
            self._count += 1
            name, end = f"{self._name}{self._count}", self._ends[self._count % 2]
            arrived = self._waiting[name] = asyncio.Event()
            began = time.perf_counter()
            answer = await end.call("chat:send", a_message(self.pair, name))
            assert answer["ok"], answer
            async with asyncio.timeout(PATIENCE_S):
                await arrived.wait()
            self.took.append(time.perf_counter() - began)
            await asyncio.sleep(0.02)

    def close(self) -> None:
        for end in self._ends:
            end.abort()


def a_message(pair: Pair, client_id: str, body: str = "Hello.") -> dict[str, str]:
    return {"chat": pair.chat, "client_id": client_id, "body": body}


async def in_chat(
    address: str, person: Person, pair: Pair, on_event: Callable[[str, Any], None] | None = None
) -> SocketIOClient:
    """A socket of the person that has joined the room of the chat."""
    client = await SocketIOClient.connect(
        address, cookie=person.cookie, on_event=on_event or (lambda *_: None)
    )
    answer = await client.call("chat:open", {"chat": pair.chat})
    assert answer["ok"], answer
    return client


@asynccontextmanager
async def talking(address: str, pairs: Sequence[Pair]) -> AsyncIterator[list[Exchange]]:
    """The pairs talk meanwhile; each message must arrive."""
    exchanges = [Exchange(pair) for pair in pairs]
    for exchange in exchanges:
        await exchange.connect(address)
    tasks = [asyncio.create_task(exchange.talk()) for exchange in exchanges]
    try:
        yield exchanges
        before = [len(exchange.took) for exchange in exchanges]
        async with asyncio.timeout(PATIENCE_S):
            while any(len(e.took) <= n for e, n in zip(exchanges, before, strict=True)):
                assert not [task for task in tasks if task.done()]
                await asyncio.sleep(0.05)
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        for exchange in exchanges:
            exchange.close()
    assert [each for each in ended if not isinstance(each, asyncio.CancelledError)] == []


def percentile_ms(exchanges: Sequence[Exchange], percent: int) -> float:
    """Not a number if no message has arrived."""
    took = sorted(each for exchange in exchanges for each in exchange.took)
    if not took:
        return math.nan
    return 1000 * took[min(len(took) - 1, len(took) * percent // 100)]
