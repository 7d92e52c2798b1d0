"""A member of a chat who behaves as docs/api.md asks: keeps each message until it is acknowledged,
connects again after a lost connection, and loads what is missing by the numbers."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from bench.socketio_client import Answer, SocketIOClient
from tests.process.chat_checks import Seen
from tests.process.chat_pairs import Person

PAUSE_S = (0.01, 0.2)
"""Before the next connection, chosen at random."""
AGAIN_S = 0.1
"""After an answer that is no success."""


@dataclass
class ChatMember:
    """`lifetimes`: the fewest and most packets after which a connection is broken, by `random`;
    without, none is. `fills_gaps=False` leaves out the rule of the numbers."""

    person: Person
    chat: str
    address: str
    random: Random
    lifetimes: tuple[int, int] | None = None
    fills_gaps: bool = True

    messages: list[Seen] = field(default_factory=list)
    """The local state: what the member has seen, by events and answers."""
    sent: list[str] = field(default_factory=list)
    """The `client_id` of each message, in the order of writing."""
    acknowledged: dict[str, int] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    _outgoing: deque[tuple[str, str]] = field(default_factory=deque)
    _known: int = 0
    _packets_left: int | None = None
    _ends: bool = False
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def write(self, bodies: Iterable[str]) -> None:
        """Send these, each after the acknowledgement of the one before."""
        for body in bodies:
            client_id = f"{self.person.account}-{len(self.sent)}"
            self.sent.append(client_id)
            self._outgoing.append((client_id, body))
        self._wake.set()

    @property
    def last(self) -> int:
        return self.messages[-1].seq if self.messages else 0

    @property
    def has_sent_all(self) -> bool:
        return not self._outgoing

    def calm_down(self) -> None:
        """Break no connection any more."""
        self.lifetimes = self._packets_left = None

    def end(self) -> None:
        self._ends = True
        self._wake.set()

    async def run(self) -> None:
        """Take part until `end`."""
        while not self._ends:
            with suppress(OSError, TimeoutError):
                await self._take_part()
            await asyncio.sleep(self.random.uniform(*PAUSE_S))

    async def _take_part(self) -> None:
        """For the life of one connection. Raises `ConnectionLost`."""
        self._packets_left = self.random.randint(*self.lifetimes) if self.lifetimes else None
        self.counts["connections"] += 1
        client = await SocketIOClient.connect(
            self.address,
            cookie=self.person.cookie,
            on_event=self._on_event,
            on_packet=self._on_packet,
        )
        try:
            client.closed.add_done_callback(lambda _: self._wake.set())
            await self._ask(client, "chat:open")
            await self._sync(client)
            self.counts["joined"] += 1
            while not self._ends and client.is_open:
                await self._next(client)
        finally:
            client.abort()

    async def _next(self, client: SocketIOClient) -> None:
        """Whatever is to be done, or wait for it."""
        self._wake.clear()
        if self.fills_gaps and self._known > self.last:
            await self._sync(client)
        elif self._outgoing:
            await self._send(client)
        else:
            await self._wake.wait()

    async def _send(self, client: SocketIOClient) -> None:
        client_id, body = self._outgoing[0]
        answer = await self._ask(client, "chat:send", client_id=client_id, body=body)
        if answer["ok"]:
            self._outgoing.popleft()
            self.acknowledged[client_id] = answer["seq"]
            self._see(Seen(answer["seq"], self.person.account, client_id, body))

    async def _sync(self, client: SocketIOClient) -> None:
        answer = await self._ask(client, "chat:sync", after=self.last)
        if not answer["ok"]:
            return
        before = self.last
        for message in answer["messages"]:
            self._see(_seen(message))
        self._known = max(self._known, answer["last_seq"])
        if self._known > self.last == before:
            self.counts["syncs without success"] += 1
            await asyncio.sleep(AGAIN_S)

    async def _ask(self, client: SocketIOClient, event: str, **data: Any) -> Answer:
        answer = await client.call(event, {"chat": self.chat, **data})
        if not answer["ok"]:
            self.counts[f"{event}: {answer['code']}"] += 1
            await asyncio.sleep(AGAIN_S)
        return answer

    def _see(self, message: Seen) -> None:
        self._known = max(self._known, message.seq)
        is_next = message.seq == self.last + 1
        if is_next or (not self.fills_gaps and message.seq > self.last):
            self.messages.append(message)
        elif message.seq > self.last:
            self.counts["gaps"] += 1

    def _on_event(self, name: str, data: Any) -> None:
        if name == "chat:message" and data["chat"] == self.chat:
            self._see(_seen(data))
        elif name == "chat:updated" and data["chat"] == self.chat:
            self._known = max(self._known, data["last_seq"])
        self._wake.set()

    def _on_packet(self, client: SocketIOClient) -> None:
        if self._packets_left is None:
            return
        self._packets_left -= 1
        if self._packets_left <= 0:
            self.counts["broken connections"] += 1
            client.abort()


def _seen(message: Mapping[str, Any]) -> Seen:
    return Seen(message["seq"], message["sender"], message["client_id"], message["body"])
