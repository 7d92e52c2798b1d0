"""A socket that sends more than it may is cut, and others are answered meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from tests.web.every_role import SiteWithEveryRole, build_site_with_every_role
from tests.web.sockets import ANSWER, EVENT, OpenSocket, open_socket, sockets_of
from web.shared.access import Who, allow
from web.shared.socket_incoming import (
    LAST_PACKETS,
    REFUSED_EVENTS,
    REFUSED_WITHIN_S,
    WAITING_CHARACTERS,
    WAITING_PACKETS,
    IncomingPackets,
)
from web.shared.sockets import Socket, SocketHandler


@pytest.fixture(scope="module")
async def site() -> AsyncIterator[SiteWithEveryRole]:
    yield await build_site_with_every_role()


@dataclass
class Held:
    """Handlers that are held until `go` is set: `began` are the data of those that began."""

    began: list[object] = field(default_factory=list)
    go: asyncio.Event = field(default_factory=asyncio.Event)
    has_begun: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def handler(self) -> SocketHandler:
        @allow(Who.ANYONE)
        async def handle(socket: Socket, data: object) -> None:
            self.began.append(data)
            self.has_begun.set()
            await self.go.wait()

        return handle


@contextmanager
def noted_cuts(opened: OpenSocket) -> Iterator[list[str]]:
    cuts: list[str] = []
    opened.state["abort"] = lambda: cuts.append(opened.sid)
    yield cuts


async def turns(count: int) -> None:
    """Let the other tasks go on for some turns of the event loop."""
    for _ in range(count):
        await asyncio.sleep(0)


async def all_read(opened: OpenSocket) -> None:
    """The server has read what was said."""
    await turns(2 * opened.sent.qsize() + 10)
    assert opened.sent.empty()


async def test_events_of_a_socket_are_handled_one_after_the_other_in_their_order(
    site: SiteWithEveryRole,
) -> None:
    held = Held()
    async with (
        sockets_of(site, {"slow": held.handler}) as sockets,
        open_socket(sockets, site.people["anon"]) as opened,
    ):
        for number in range(5):
            opened.say(f'{EVENT}["slow",{number}]')
        await held.has_begun.wait()
        await all_read(opened)
        first = list(held.began)
        held.go.set()
        for _ in range(5):
            await opened.next(ANSWER)

    assert (first, held.began) == ([0], [0, 1, 2, 3, 4])


async def test_a_flood_is_cut_while_another_socket_is_answered(site: SiteWithEveryRole) -> None:
    held = Held()
    async with (
        sockets_of(site, {"slow": held.handler}) as sockets,
        open_socket(sockets, site.people["anon"]) as flooding,
        open_socket(sockets, site.people["client"]) as other,
    ):
        with noted_cuts(flooding) as cuts:
            flooding.say(EVENT + '["slow",0]')
            await held.has_begun.wait()
            for number in range(WAITING_PACKETS):
                flooding.say(f'{EVENT}["slow",{number + 1}]')
            await all_read(flooding)
            cut_before = list(cuts)
            answer = await other.send("slots:watch", {"developer": "dev_1"})

            for _ in range(100):
                flooding.say(EVENT + '["slow",-1]')
            await all_read(flooding)

            held.go.set()
            await flooding.next(ANSWER)  # that of the one which had begun
            assert (await other.send("slots:watch", {"developer": "dev_1"}))["ok"]

    assert (cut_before, answer["ok"]) == ([], True)
    assert (cuts, held.began) == ([flooding.sid], [0])


async def test_while_one_socket_floods_another_needs_as_many_turns_as_alone() -> None:
    """Each socket handles one packet in a turn."""
    order: list[str] = []

    async def handle(packet: str) -> None:
        order.append(packet)

    flooding, other = (IncomingPackets(handle, lambda: None) for _ in range(2))
    for number in range(50):
        flooding.put(f"flood {number}")
    other.put("other")
    await turns(1)

    assert order == ["flood 0", "other"]


@pytest.mark.parametrize(
    ("event", "code"),
    [('["nothing:here"]', "unknown_event"), ('["slots:watch",1,2]', "malformed_event")],
)
async def test_a_socket_that_sends_many_events_which_are_refused_is_cut(
    site: SiteWithEveryRole, event: str, code: str
) -> None:
    async with sockets_of(site) as sockets, open_socket(sockets, site.people["client"]) as opened:
        with noted_cuts(opened) as cuts:
            for number in range(REFUSED_EVENTS):
                opened.say(EVENT + event)
                assert code in await opened.next(ANSWER), number
            before = list(cuts)
            opened.say(EVENT + event)
            await opened.next(ANSWER)
            for _ in range(50):
                opened.say(EVENT + event)
            await all_read(opened)

            assert opened.received.empty()

    assert (before, cuts) == ([], [opened.sid])


async def test_refused_events_of_another_minute_do_not_count() -> None:
    incoming = IncomingPackets(_nothing, lambda: None)

    times = [0.0] * REFUSED_EVENTS + [REFUSED_WITHIN_S] * (REFUSED_EVENTS + 1)
    stays = [incoming.may_be_refused(each) for each in times]

    assert stays == [True] * (2 * REFUSED_EVENTS) + [False]


@pytest.mark.parametrize(
    ("count", "length"), [(WAITING_PACKETS, 10), (10, WAITING_CHARACTERS // 10), (0, 0)]
)
async def test_packets_within_the_limits_are_handled(count: int, length: int) -> None:
    handled, cut = list[str](), list[int]()

    async def handle(packet: str) -> None:
        handled.append(packet)

    incoming = IncomingPackets(handle, lambda: cut.append(1))
    for _ in range(2):  # what is handled counts no longer
        for _ in range(count):
            incoming.put("x" * length)
        await turns(count + 1)

    assert (len(handled), cut) == (2 * count, [])


@pytest.mark.parametrize(
    ("count", "length"), [(WAITING_PACKETS + 1, 10), (11, WAITING_CHARACTERS // 10)]
)
async def test_beyond_the_limits_nothing_is_handled(count: int, length: int) -> None:
    handled, cut = list[str](), list[int]()

    async def handle(packet: str) -> None:
        handled.append(packet)

    incoming = IncomingPackets(handle, lambda: cut.append(1))
    for _ in range(3 * count):
        incoming.put("x" * length)
    await turns(2)

    assert (handled, cut) == ([], [1])


@pytest.mark.parametrize(
    ("waiting", "finished"), [(LAST_PACKETS, LAST_PACKETS), (LAST_PACKETS + 1, 0)]
)
async def test_the_last_events_of_a_client_that_has_gone_are_handled_if_they_are_few(
    site: SiteWithEveryRole, waiting: int, finished: int
) -> None:
    held = Held()
    async with (
        sockets_of(site, {"slow": held.handler}) as sockets,
        open_socket(sockets, site.people["client"]) as opened,
    ):
        opened.say(EVENT + '["slow",0]')
        await held.has_begun.wait()
        for number in range(waiting):
            opened.say(f'{EVENT}["slow",{number + 1}]')
        opened.sent.put_nowait({"type": "websocket.disconnect"})
        await all_read(opened)
        held.go.set()

    assert held.began == list(range(1 + finished))


async def _nothing(packet: str) -> None:
    """Handles no packet."""
