"""Chats: messages stored and acknowledged per second, and how long one takes to the other side.

Pairs of clients, each with a socket; everybody sends the next message when the last one is
acknowledged. Beside the rate stands that of an application that stores each message by itself: the
same documents, inserted by the driver into a collection with the same indexes, one after another.
It is measured before and after each row, since the latency of a disk varies; the ratio is to the
mean of both. The rate of 32 at once is printed too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import psutil
from motor.motor_asyncio import AsyncIOMotorDatabase

from adapters.mongo.chats import MESSAGES, MongoMessages
from adapters.system.clock import SystemClock
from bench.accounts import add_accounts
from bench.driver import JOURNALED
from bench.load import cpu_seconds
from bench.report import Row
from bench.scenarios import Dataset, session_of
from bench.socketio_client import SocketIOClient
from bench.system import SystemUnderTest
from core.chats import Chat
from core.developers import DeveloperId
from core.messages import Draft, Message

WITHOUT_LIMIT = {"ONEHOUR_POLICY_MESSAGES_PER_MINUTE": "1000000"}
SINGLE_INSERTS, AT_ONCE = 960, 32
BODY = "It reads forty million rows to keep ninety thousand of them. " * 2


@dataclass
class ChatClient:
    """One socket in one chat. `mine` and `theirs` have the times at which this side and the other
    one sent messages, by `client_id`."""

    chat: str
    mine: dict[str, float]
    theirs: dict[str, float]
    received_ms: list[float] = field(default_factory=list)
    socket: SocketIOClient = field(init=False)

    async def ask(self, event: str, **data: object) -> None:
        answer = await self.socket.call(event, {"chat": self.chat, **data})
        assert answer["ok"], answer

    def hear(self, event: str, data: Any) -> None:
        if event == "chat:message":
            sent = self.theirs.pop(data["client_id"], None)
            if sent is not None:
                self.received_ms.append(1000 * (time.perf_counter() - sent))


@asynccontextmanager
async def connected(base_url: str, cookie: str, client: ChatClient) -> AsyncIterator[ChatClient]:
    client.socket = await SocketIOClient.connect(base_url, cookie=cookie, on_event=client.hear)
    try:
        await client.ask("chat:open")
        yield client
    finally:
        client.socket.abort()


async def chats(system: SystemUnderTest, dataset: Dataset) -> list[Row]:
    """Prints and returns a table for 100 and 1,000 connected clients, with one and two web
    processes."""
    rows: list[Row] = []
    together = await _single_inserts(dataset.database, at_once=AT_ONCE)
    print(f"\nsingle inserts of messages by the driver, {AT_ONCE} at once: {together:,.0f}/s")
    print("single: the same one after another, before and after the row")
    print("CPU ms a message: of the web processes, of the embedded database")
    print(
        "clients  web  messages/s       single  ratio  CPU ms      "
        "to the other side p50, p99 ms  kB a socket"
    )
    emails = await add_accounts(dataset.store, system, "chatter", 1000, rounds=4)
    pairs = await _pairs(dataset, emails)
    for clients, messages in ((100, 6000), (1000, 6000)):
        for processes in (1, 2):
            async with system.web(processes, settings=WITHOUT_LIMIT) as servers:
                cookies = [
                    (await session_of(system.base_url, email))["Cookie"]
                    for email in emails[:clients]
                ]
                single = await _single_inserts(dataset.database, at_once=1)
                figures = await _measure(system, servers, pairs, cookies, messages)
                singles = single, await _single_inserts(dataset.database, at_once=1)
            print(f"{clients:>7}{processes:>5}{figures.line(singles)}", flush=True)
            rows.append({"clients": clients, "web processes": processes, **figures.row(singles)})
    return rows


@dataclass
class ChatFigures:
    per_second: float
    cpu_ms: float
    database_cpu_ms: float
    received_ms: list[float]
    kilobytes: float

    def row(self, singles: tuple[float, float]) -> Row:
        """As `line`, for the page."""
        ordered = sorted(self.received_ms)
        single = sum(singles) / 2
        return {
            "messages per second": self.per_second,
            "single inserts per second": single,
            "ratio": self.per_second / single,
            "CPU ms, web": self.cpu_ms,
            "CPU ms, database": self.database_cpu_ms,
            "to the other side, p50 ms": ordered[len(ordered) // 2],
            "p99 ms": ordered[int(len(ordered) * 0.99)],
            "kB a socket": self.kilobytes,
        }

    def line(self, singles: tuple[float, float]) -> str:
        """`singles`: the rates of single inserts before and after."""
        row = self.row(singles)
        return (
            f"{self.per_second:>12,.0f}{singles[0]:>7,.0f}{singles[1]:>6,.0f}{row['ratio']:>7.1f}"
            f"{self.cpu_ms:>8.2f}{self.database_cpu_ms:>5.2f}"
            f"{row['to the other side, p50 ms']:>21.0f}, {row['p99 ms']:.0f}"
            f"{self.kilobytes:>15.0f}"
        )


async def _measure(
    system: SystemUnderTest,
    servers: list[psutil.Process],
    pairs: Sequence[Chat],
    cookies: Sequence[str],
    messages: int,
) -> ChatFigures:
    async with AsyncExitStack() as stack:
        memory, clients = _memory(servers), list[ChatClient]()
        for number, cookie in enumerate(cookies):
            if number % 2 == 0:
                times: tuple[dict[str, float], dict[str, float]] = {}, {}
            else:
                times = times[1], times[0]
            clients.append(
                await stack.enter_async_context(
                    connected(system.base_url, cookie, ChatClient(pairs[number // 2].id, *times))
                )
            )
        kilobytes = (_memory(servers) - memory) / len(clients) / 1000
        left = iter(range(messages))
        run = f"{time.time():.0f}"
        cpu, database_cpu = cpu_seconds(servers), cpu_seconds(system.database)
        began = time.perf_counter()

        async def send(client: ChatClient) -> None:
            for number in left:
                name = f"{run}-{number}"
                client.mine[name] = time.perf_counter()
                await client.ask("chat:send", client_id=name, body=BODY)

        await asyncio.gather(*(send(client) for client in clients))
        seconds, cpu = time.perf_counter() - began, cpu_seconds(servers) - cpu
        database_cpu = cpu_seconds(system.database) - database_cpu
        await asyncio.sleep(1)
        received = [each for client in clients for each in client.received_ms]
        return ChatFigures(
            messages / seconds,
            1000 * cpu / messages,
            1000 * database_cpu / messages,
            received,
            kilobytes,
        )


def _memory(servers: Sequence[psutil.Process]) -> int:
    return sum(server.memory_info().rss for server in servers)


async def _pairs(dataset: Dataset, emails: Sequence[str]) -> list[Chat]:
    """A chat for each two of the accounts."""
    now, found = SystemClock().now(), list[Chat]()
    for number in range(0, len(emails), 2):
        client, developer = (f"acc_chatter{each:05d}" for each in (number, number + 1))
        chat = Chat.of(client, DeveloperId(f"dev_chatter{number:05d}"), developer, now=now)
        found.append(await dataset.store.repositories.chats.add(chat))
    return found


async def _single_inserts(database: AsyncIOMotorDatabase[Any], *, at_once: int) -> float:
    """Messages per second, each inserted by itself, by so many callers at once."""
    collection = database.get_collection(f"bare_messages_{at_once}", write_concern=JOURNALED)
    await collection.drop()
    await collection.create_indexes(list(MongoMessages.indexes))
    drafts = [
        Draft(f"cht_{number:026d}", f"bare-{number}", "acc_chatter00000", BODY, SystemClock().now())
        for number in range(SINGLE_INSERTS)
    ]
    left = iter([MESSAGES.to_document(Message.of(draft, 1)) for draft in drafts])
    began = time.perf_counter()

    async def insert() -> None:
        for document in left:
            await collection.insert_one(document)

    await asyncio.gather(*(insert() for _ in range(at_once)))
    return SINGLE_INSERTS / (time.perf_counter() - began)
