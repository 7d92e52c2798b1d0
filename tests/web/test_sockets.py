"""The socket server: the cookie it reads, and limits of what waits to be sent and what runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from engineio.packet import MESSAGE, Packet

from tests.web.every_role import SiteWithEveryRole, build_site_with_every_role
from tests.web.sockets import SocketClosed, open_socket, sockets_of
from web.shared.socket_server import (
    SERVICE_RESTART,
    UNSENT_CHARACTERS,
    UNSENT_PACKETS,
    UnsentPackets,
)


@pytest.fixture(scope="module")
async def site() -> AsyncIterator[SiteWithEveryRole]:
    yield await build_site_with_every_role()


@pytest.mark.parametrize(
    "cookies",
    [
        ['x={"a":1}; {ours}'],
        ['{ours}; x={"a":1}'],
        ['x={"a":[1,2],"b":"c;d"}; y="unclosed; {ours}'],
        ["a@b=1; @=2; ;;=; {ours}"],
        ["x=\xff\xfe; {ours}"],
        ['x="a', "{ours}"],
        ["x=1", "{ours}", 'y={"b":2}'],
        ['  x = {"a": "é"} ;   {ours}  '],
    ],
)
async def test_other_cookies_do_not_hide_the_session(
    site: SiteWithEveryRole, cookies: list[str]
) -> None:
    person = site.people["client"]
    assert person.account is not None
    ours = "; ".join(f"{name}={value}" for name, value in person.browser.jar.items())
    lines = [line.replace("{ours}", ours) for line in cookies]

    async with sockets_of(site) as sockets, open_socket(sockets, person, cookies=lines) as opened:
        assert f"account:{person.account.id}" in opened.rooms


async def test_another_cookie_with_our_token_is_nobody(site: SiteWithEveryRole) -> None:
    (ours,) = [v for v in site.people["client"].browser.jar.values() if v.startswith("s.")]

    lines = [f'x="{ours}"; onehour2={ours}']
    async with (
        sockets_of(site) as sockets,
        open_socket(sockets, site.people["client"], cookies=lines) as opened,
    ):
        assert not [room for room in opened.rooms if room.startswith("account:")]


@pytest.mark.parametrize(
    ("count", "length"), [(UNSENT_PACKETS, 10), (10, UNSENT_CHARACTERS // 10), (1, 0)]
)
async def test_packets_within_the_limits_wait(count: int, length: int) -> None:
    queue, cut = UnsentPackets(), []
    queue.on_full = lambda: cut.append(1)

    for _ in range(count):
        await queue.put(Packet(MESSAGE, "x" * length))

    assert (queue.qsize(), queue.characters, cut) == (count, count * length, [])
    for _ in range(count):
        await queue.get()
    assert queue.characters == 0


@pytest.mark.parametrize(
    ("count", "length"), [(UNSENT_PACKETS + 1, 10), (10, UNSENT_CHARACTERS // 10 + 1)]
)
async def test_beyond_the_limits_all_packets_are_dropped_and_the_socket_is_cut_once(
    count: int, length: int
) -> None:
    queue, cut = UnsentPackets(), []
    queue.on_full = lambda: cut.append(1)

    for _ in range(3 * count):
        await queue.put(Packet(MESSAGE, "x" * length))
    await queue.put(None)

    assert (queue.qsize(), queue.characters, cut) == (1, 0, [1])
    assert await queue.get() is None
    queue.task_done()
    await queue.join()


async def test_a_socket_that_does_not_read_is_cut(site: SiteWithEveryRole) -> None:
    async with sockets_of(site) as sockets, open_socket(sockets, site.people["client"]) as opened:
        aborted = asyncio.Event()
        opened.state["abort"] = aborted.set
        opened.reads.clear()

        for number in range(UNSENT_PACKETS + 10):
            await sockets.server.emit("news", {"number": number}, room=opened.sid)

        assert aborted.is_set()


async def test_at_a_stop_the_connection_is_closed_after_what_waits_and_without_a_farewell(
    site: SiteWithEveryRole,
) -> None:
    async with sockets_of(site) as sockets, open_socket(sockets, site.people["client"]) as opened:
        await sockets.server.emit("news", 1, room=opened.sid)

        closing = asyncio.create_task(sockets.server.close_all())
        sent = [await opened.received.get(), await opened.received.get()]
        opened.sent.put_nowait({"type": "websocket.disconnect"})
        await closing

        assert [each.get("text") for each in sent] == ['42["news",1]', None]
        assert sent[1] == {"type": "websocket.close", "code": SERVICE_RESTART}
        assert not sockets.server.environ


async def test_at_a_stop_a_socket_that_does_not_confirm_is_cut(site: SiteWithEveryRole) -> None:
    async with sockets_of(site) as sockets, open_socket(sockets, site.people["client"]) as opened:
        aborted = asyncio.Event()
        opened.state["abort"] = aborted.set

        await sockets.server.close_all()

        assert aborted.is_set()


async def test_a_process_that_stops_accepts_no_socket(site: SiteWithEveryRole) -> None:
    async with sockets_of(site) as sockets:
        await sockets.server.close_all()

        with pytest.raises(SocketClosed):
            async with open_socket(sockets, site.people["client"]):
                pass

        assert not sockets.server.environ
