"""Messages that are written at the same time, by processes that are killed, and during outages."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.uri_parser import parse_uri

from adapters.memory.clock import FixedClock
from adapters.memory.repositories.registry import MemoryRepositories
from adapters.memory.store import MemoryStore
from adapters.mongo.store import MongoStore
from core.accounts import Account
from core.chats import Blocked, Chat, ChatId
from core.chats_messages import SummariseChat
from core.developers import Developer
from core.errors import NotFound
from core.messages import Draft, Message
from core.outbox import OutboxMessage, State
from onehour.testing.scheduling import RecordedWakeUps
from ports.store import DatabaseUnavailable
from services.bootstrap import CAPABILITIES
from services.chats.writing import SUMMARISE_AFTER
from services.shared.capabilities import documents_of
from tests.app import MONDAY, MemoryApp
from tests.tcp_proxy import TcpProxy, tcp_proxy

SECOND = timedelta(seconds=1)


async def a_pair(app: MemoryApp) -> tuple[Account, Developer, Chat]:
    meera, _ = await app.client()
    lucia = await app.developer()
    chat = await app.services.chats.open_with_developer(lucia.id, by=meera.id)
    return meera, lucia, chat


async def write(app: MemoryApp, chat: Chat, by: str, client_id: str) -> Message:
    """Store a message as a process does that is killed before it updates the summary."""
    draft = Draft(chat.id, client_id, by, f"Text of {client_id}.", app.clock.now())
    return await app.services.messages.writer.write(draft)


async def current(app: MemoryApp, chat: Chat) -> Chat:
    return await app.store.repositories.chats.get(chat.id)


async def test_the_summary_after_a_kill_counts_no_message_of_the_reader_itself(
    any_app: MemoryApp,
) -> None:
    app = any_app
    meera, lucia, chat = await a_pair(app)
    await write(app, chat, meera.id, "1")
    await write(app, chat, meera.id, "2")
    await write(app, chat, lucia.account_id, "3")
    assert (await current(app, chat)).last_seq == 0

    await app.pass_time(2 * SUMMARISE_AFTER)

    summary = await current(app, chat)
    assert (summary.unread(meera.id), summary.unread(lucia.account_id)) == (1, 0)


async def test_a_check_of_the_summary_comes_after_the_message_is_stored(
    any_app: MemoryApp,
) -> None:
    """The check of an earlier message is due while a later one is being written; it sees only the
    former. The process is killed afterwards."""
    app = any_app
    meera, lucia, chat = await a_pair(app)
    await write(app, chat, meera.id, "1")
    first = await due_check(app)
    app.clock.advance(first.due_at - app.clock.now())
    await app.run()
    app.clock.advance(-SECOND)  # to the moment at which the write began
    await write(app, chat, meera.id, "2")

    await app.pass_time(2 * SUMMARISE_AFTER)

    assert (await current(app, chat)).unread(lucia.account_id) == 2


async def due_check(app: MemoryApp) -> OutboxMessage:
    due = app.clock.now() + 2 * SUMMARISE_AFTER
    found = await app.store.repositories.outbox.in_state(State.READY, limit=99)
    (check,) = [each for each in found if each.kind == SummariseChat.kind and each.due_at <= due]
    return check


def another_process(app: MemoryApp) -> MemoryApp:
    """The application once more on the same store."""
    return MemoryApp(clock=app.clock, store=app.store)


async def send(app: MemoryApp, chat: Chat | ChatId, by: str, client_id: str) -> Message:
    chat_id = chat.id if isinstance(chat, Chat) else chat
    return await app.services.messages.send(
        chat_id, by=by, body=f"Text of {client_id}.", client_id=client_id
    )


async def history(app: MemoryApp, chat: Chat) -> list[tuple[int, str, str]]:
    stored = await app.store.repositories.messages.after(chat.id, 0, limit=999)
    return [(message.seq, message.sender, message.client_id) for message in stored]


async def test_each_message_of_a_batch_has_its_own_result(any_app: MemoryApp) -> None:
    app = any_app
    meera, lucia, chat = await a_pair(app)
    stranger, _ = await app.client("Rohan")
    blocked = await app.services.chats.open_with_developer(lucia.id, by=stranger.id)
    await app.services.chats.block(blocked.id, by=lucia.account_id)
    await send(app, chat, meera.id, "old")

    results = await asyncio.gather(
        send(app, chat, meera.id, "1"),
        send(app, chat, stranger.id, "2"),
        send(app, blocked, stranger.id, "3"),
        send(app, chat, meera.id, "old"),
        send(app, ChatId("cht_none"), meera.id, "4"),
        send(app, chat, lucia.account_id, "1"),
        send(app, chat, meera.id, "1"),
        return_exceptions=True,
    )

    assert [getattr(each, "seq", type(each)) for each in results] == [
        2, NotFound, Blocked, 1, NotFound, 3, 2
    ]  # fmt: skip
    assert await history(app, chat) == [
        (1, meera.id, "old"), (2, meera.id, "1"), (3, lucia.account_id, "1")
    ]  # fmt: skip
    assert await history(app, blocked) == []


async def test_a_sender_who_goes_away_does_not_harm_the_others(any_app: MemoryApp) -> None:
    app = any_app
    meera, lucia, chat = await a_pair(app)
    rohan, _ = await app.client("Rohan")
    other = await app.services.chats.open_with_developer(lucia.id, by=rohan.id)
    for steps in range(6):  # before, while and after the batch is written
        sending = [
            asyncio.create_task(send(app, chat, meera.id, f"m{steps}")),
            asyncio.create_task(send(app, other, rohan.id, f"r{steps}")),
            asyncio.create_task(send(app, other, lucia.account_id, f"l{steps}")),
        ]
        for _ in range(steps):
            await asyncio.sleep(0)
        sending[0].cancel()
        _, *others = await asyncio.gather(*sending, return_exceptions=True)

        assert [getattr(each, "seq", each) for each in others] == [2 * steps + 1, 2 * steps + 2]
        again = await send(app, chat, meera.id, f"m{steps}")
        assert again.seq == steps + 1


async def test_two_processes_write_to_one_chat_without_a_gap(any_app: MemoryApp) -> None:
    """Each sender waits for the acknowledgement before the next message, and sends some of them
    again to the other process."""
    app, other = any_app, another_process(any_app)
    meera, lucia, chat = await a_pair(app)
    people = (meera.id, lucia.account_id)

    async def talk(first: MemoryApp, second: MemoryApp, by: str) -> None:
        for number in range(10):
            processes = (first, second) if number % 3 == 0 else (first,)
            numbers = await asyncio.gather(
                *(send(process, chat, by, f"{number}") for process in processes)
            )
            assert len({message.seq for message in numbers}) == 1
            first, second = second, first

    await asyncio.gather(talk(app, other, people[0]), talk(other, app, people[1]))
    for process in (app, other):
        await process.services.chat_summaries.settle()

    stored = await history(app, chat)
    assert [seq for seq, _, _ in stored] == list(range(1, 21))
    for person in people:
        sent = [client_id for _, sender, client_id in stored if sender == person]
        assert sent == [f"{number}" for number in range(10)]
    summary = await current(app, chat)
    own = {person: max(seq for seq, sender, _ in stored if sender == person) for person in people}
    assert summary.last_seq == 20
    assert {person: summary.unread(person) for person in people} == {
        person: 20 - own[person] for person in people
    }


class InterruptedStore(MemoryStore):
    """Answers `answers` more times, then is away until it is set to None."""

    answers: int | None = None

    @property
    def repositories(self) -> MemoryRepositories:
        if self.answers is not None:
            if self.answers == 0:
                raise DatabaseUnavailable
            self.answers -= 1
        return super().repositories


@pytest.mark.parametrize("answers", range(4))
async def test_an_outage_acknowledges_nothing_and_a_repetition_stores_once(answers: int) -> None:
    clock = FixedClock(MONDAY)
    store = InterruptedStore(clock, documents=documents_of(CAPABILITIES))
    app = MemoryApp(clock=clock, store=store)
    meera, lucia, chat = await a_pair(app)
    people = (meera.id, lucia.account_id)

    store.answers = answers
    results = await asyncio.gather(
        *(send(app, chat, person, "1") for person in people), return_exceptions=True
    )
    await app.services.chat_summaries.settle()
    store.answers = None
    again = [await send(app, chat, person, "1") for person in people]

    acknowledged = [each for each in results if isinstance(each, Message)]
    assert {type(each) for each in results} <= {Message, DatabaseUnavailable}
    assert set(acknowledged) <= set(again)
    assert await history(app, chat) == [
        (seq, message.sender, "1") for seq, message in enumerate(sorted(again, key=_seq), 1)
    ]


def _seq(message: Message) -> int:
    return message.seq


INSERT = b"insert\0\x09\0\0\0messages\0"
"""In the command that writes messages."""


@dataclass
class CutAtInsert:
    """Cuts the connections once, at the next write of messages: before the database gets it, or
    with its answer."""

    where: str = ""
    was_sent: bool = False
    proxy: TcpProxy | None = None

    def request(self, data: bytes) -> bytes:
        if INSERT in data and self.where == "request":
            return self.cut()
        self.was_sent |= INSERT in data
        return data

    def answer(self, data: bytes) -> bytes:
        return self.cut() if self.was_sent and self.where == "answer" else data

    def cut(self) -> bytes:
        assert self.proxy
        self.where = ""
        self.proxy.cut()
        return b""


@pytest.mark.parametrize("where", ["request", "answer"])
async def test_a_connection_to_the_database_that_breaks_acknowledges_nothing(
    database_url: str, where: str
) -> None:
    cut, clock = CutAtInsert(), FixedClock(MONDAY)
    ((host, port),) = parse_uri(database_url)["nodelist"]
    async with tcp_proxy(
        port, to_server=lambda: cut.request, to_client=lambda: cut.answer
    ) as cut.proxy:
        url = database_url.replace(f"{host}:{port}", f"127.0.0.1:{cut.proxy.port}")
        client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(url, directConnection=True)
        name = f"onehour_test_{uuid.uuid4().hex[:12]}"
        store = MongoStore(client, name, clock, RecordedWakeUps(), documents_of(CAPABILITIES))
        await store.prepare()
        app = MemoryApp(clock=clock, store=store)
        meera, lucia, chat = await a_pair(app)
        people = (meera.id, lucia.account_id)

        cut.where, cut.was_sent = where, False
        results = await asyncio.gather(
            *(send(app, chat, person, "1") for person in people), return_exceptions=True
        )
        stored = await history(app, chat)
        again = [await send(app, chat, person, "1") for person in people]
        await app.services.chat_summaries.settle()

        assert isinstance(results[0], DatabaseUnavailable)
        assert (meera.id in [sender for _, sender, _ in stored]) is (where == "answer")
        assert sorted(message.seq for message in again) == [1, 2]
        assert len(await history(app, chat)) == 2
        await client.drop_database(name)
        await asyncio.to_thread(client.close)  # it asks the server, through this event loop
