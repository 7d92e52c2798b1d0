"""Web processes for chats, whose bus loses events, and what tests of them share."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from bench.socketio_client import SocketIOClient
from tests.api_client import until
from tests.patience import PATIENCE_S
from tests.process.chat_checks import History, Seen
from tests.process.chat_members import ChatMember
from tests.process.chat_pairs import Pair, Person, add_pairs
from tests.process.lossy_bus import LossyBus, lossy_bus
from tests.process.running import RunningApp
from tests.process.web_processes import WebProcesses, web_processes

SEED = 17
SETTINGS = {"ONEHOUR_POLICY_MESSAGES_PER_MINUTE": "1000000"}
PAGE = 100
FETCHED_AT_ONCE = 4
BEFORE_KILL = 2
"""Messages before the kill: so few that the summary is not written again before."""
ATTEMPTS = 10


@dataclass
class LeftBehind:
    """A chat whose last `messages` were acknowledged by a process that was then killed, before it
    updated the summary. `told`: the unread counts that the developer's socket was sent since."""

    pair: Pair
    messages: int
    told: set[int]


@dataclass
class ChatSite:
    """Two web processes, whose events go through `bus`, beside those of the application."""

    running: RunningApp
    web: WebProcesses
    bus: LossyBus
    left_behind: LeftBehind


@asynccontextmanager
async def chat_site(running: RunningApp, folder: Path) -> AsyncIterator[ChatSite]:
    async with (
        lossy_bus(running.ports["redis"], share=0, seed=SEED) as bus,
        web_processes(running, folder, {**SETTINGS, "ONEHOUR_REDIS_URL": bus.url}) as web,
        _left_behind(running, web) as left_behind,
    ):
        yield ChatSite(running, web, bus, left_behind)
        assert "Traceback" not in web.log.read_text()


@asynccontextmanager
async def _left_behind(running: RunningApp, web: WebProcesses) -> AsyncIterator[LeftBehind]:
    for pair in await add_pairs(running, "left", ATTEMPTS):
        await look(web.all_serve, what="two serving processes")
        told = set[int]()

        def on_event(name: str, data: Any, told: set[int] = told) -> None:
            if name == "chat:updated":
                told.add(data["unread"])

        reader = await SocketIOClient.connect(
            running.base_url, cookie=pair.developer.cookie, on_event=on_event
        )
        await _write_and_kill(web, pair)
        told.clear()
        found = await pair.developer.get(running.base_url, f"/chats/{pair.chat}")
        if found["last_seq"] != BEFORE_KILL:
            yield LeftBehind(pair, BEFORE_KILL, told)
            reader.abort()
            return
        reader.abort()
    raise AssertionError("each summary was up to date before the kill")


async def _write_and_kill(web: WebProcesses, pair: Pair) -> None:
    """One message after the other: from the second on, the summary waits for its next write."""
    sender = await SocketIOClient.connect(web.address, cookie=pair.client.cookie)
    process = web.serving(sender.local_port)
    for number in range(1, BEFORE_KILL + 1):
        message = {"client_id": f"{number}", "body": f"Message {number}."}
        answer = await sender.call("chat:send", {"chat": pair.chat, **message})
        assert answer["ok"], answer
    await web.kill(process)


def members_of(pairs: Sequence[Pair], address: str, **how: Any) -> list[ChatMember]:
    return [
        ChatMember(person, pair.chat, address, Random(f"{SEED}{person.account}"), **how)
        for pair in pairs
        for person in pair.people
    ]


@asynccontextmanager
async def taking_part(members: Sequence[ChatMember]) -> AsyncIterator[None]:
    running = [asyncio.create_task(member.run()) for member in members]
    try:
        yield
    finally:
        for member in members:
            member.end()
        await asyncio.gather(*running)


async def kill_while_they_write(
    web: WebProcesses, members: Sequence[ChatMember], kills: int
) -> None:
    """At even distances of the acknowledged messages, one process after the other."""
    total = sum(len(member.sent) for member in members)
    for number in range(1, kills + 1):
        await all_have(members, total * number // (kills + 1), timeout_s=PATIENCE_S + total / 50)
        pids = sorted(web.children())
        await web.kill(pids[number % len(pids)])


async def all_have(members: Sequence[ChatMember], count: int, *, timeout_s: float) -> None:
    await look(
        lambda: sum(len(member.acknowledged) for member in members) >= count,
        what=f"{count} acknowledged messages",
        timeout_s=timeout_s,
    )


async def all_sent(members: Sequence[ChatMember], *, timeout_s: float) -> None:
    await look(
        lambda: all(member.has_sent_all for member in members), what="all sent", timeout_s=timeout_s
    )


async def settled(
    site: ChatSite,
    pairs: Sequence[Pair],
    members: Sequence[ChatMember],
    *,
    within_s: float = PATIENCE_S,
) -> list[History]:
    """The chats when each member has as many messages as both have sent; otherwise as they are
    after `within_s`."""
    of_chat = {pair.chat: [each for each in members if each.chat == pair.chat] for pair in pairs}

    def are_settled() -> bool:
        return all(each.last == sum(len(p.sent) for p in of_chat[each.chat]) for each in members)

    with suppress(AssertionError):  # the checks say which messages are missing
        await look(are_settled, what="settled", timeout_s=within_s)
    at_once = asyncio.Semaphore(FETCHED_AT_ONCE)

    async def history(pair: Pair) -> History:
        async with at_once:
            stored, again = [
                await fetched(site.running.base_url, person, pair.chat) for person in pair.people
            ]
        assert stored == again
        parties = of_chat[pair.chat]
        return History(
            pair.chat,
            stored,
            sent={each.person.account: each.sent for each in parties},
            acknowledged={id_: seq for each in parties for id_, seq in each.acknowledged.items()},
            read={each.person.account: each.messages for each in parties},
        )

    return list(await asyncio.gather(*map(history, pairs)))


async def fetched(address: str, person: Person, chat: str) -> list[Seen]:
    """The whole chat as the person loads it over HTTP."""
    found = list[Seen]()
    while True:
        after = found[-1].seq if found else 0
        page: Any = await person.get(address, f"/chats/{chat}/messages", after=after, limit=PAGE)
        found += [Seen(m["seq"], m["sender"], m["client_id"], m["body"]) for m in page["items"]]
        if len(page["items"]) < PAGE:
            return found


async def look(
    found: Callable[[], bool], *, what: str, timeout_s: float = PATIENCE_S, every_s: float = 0.05
) -> None:
    async def ask() -> bool:
        return found()

    await until(ask, what=what, timeout_s=timeout_s, every_s=every_s)


def summary(site: ChatSite, members: Sequence[ChatMember]) -> str:
    counts = sum((member.counts for member in members), Counter[str]())
    return f"{dict(counts)}, lost {site.bus.lost} of {site.bus.published}"
