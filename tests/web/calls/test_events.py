"""The socket events of calls: whom signals reach, and what is refused."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from core.bookings import Booking
from core.policy import HOUR
from tests.web.every_role import SiteWithEveryRole, build_site_with_every_role
from tests.web.sockets import OpenSocket, open_socket, sockets_of

OFFER = {"description": {"type": "offer", "sdp": "v=0"}}
SIGNAL = '42["call:signal",'


@dataclass
class Room:
    """The two parties of a booking whose room is open, and somebody with another booking."""

    site: SiteWithEveryRole
    booking: Booking
    client: OpenSocket
    developer: OpenSocket
    other: OpenSocket

    async def join(self) -> None:
        for socket, name in ((self.client, "one"), (self.developer, "two")):
            data = {"booking": self.booking.id, "connection": name}
            assert (await socket.send("call:join", data))["ok"]

    async def signal(self, data: object, **more: object) -> dict[str, object]:
        sent = {"booking": self.booking.id, "connection": "one", "data": data, **more}
        return await self.client.send("call:signal", sent)


async def received(socket: OpenSocket) -> list[dict[str, object]]:
    """The signals it has got, in order."""
    found = []
    while not socket.received.empty():
        text = str(socket.received.get_nowait().get("text"))
        if text.startswith(SIGNAL):
            found.append(json.loads(text.removeprefix("42"))[1])
    return found


@pytest.fixture(scope="module")
async def site() -> AsyncIterator[SiteWithEveryRole]:
    site = await build_site_with_every_role()
    booking = site.people["client"].bookings["confirmed"]
    site.app.clock.advance(booking.start - site.app.clock.now())
    yield site


@pytest.fixture
async def room(site: SiteWithEveryRole) -> AsyncIterator[Room]:
    booking = site.people["client"].bookings["confirmed"]
    dev = next(
        person for person in site.people.values()
        if person.account and person.account.id == booking.developer.account_id
    )  # fmt: skip
    async with AsyncExitStack() as stack:
        sockets = await stack.enter_async_context(sockets_of(site))
        people = (site.people["client"], dev, site.people["client2"])
        opened = [await stack.enter_async_context(open_socket(sockets, each)) for each in people]
        site.app.clock.advance(HOUR / 3600)  # another second of signals
        yield Room(site, booking, *opened)


async def test_a_signal_reaches_the_other_party_alone(room: Room) -> None:
    await room.join()

    assert await room.signal(OFFER, to="two") == {"ok": True}

    assert await received(room.developer) == [
        {
            "booking": room.booking.id,
            "account": room.booking.client.account_id,
            "connection": "one",
            "to": "two",
            "data": OFFER,
        }
    ]
    assert await received(room.client) == await received(room.other) == []


async def test_who_has_not_joined_or_has_left_gets_no_signals(room: Room) -> None:
    await room.signal(OFFER)
    assert await received(room.developer) == []

    await room.join()
    await room.developer.send("call:leave", {"booking": room.booking.id, "connection": "two"})
    await room.signal(OFFER)

    assert await received(room.developer) == []


async def test_a_stranger_can_neither_join_nor_send(room: Room) -> None:
    await room.join()
    for event in ("call:join", "call:heartbeat", "call:leave", "call:trouble"):
        answer = await room.other.send(event, {"booking": room.booking.id})
        assert (answer["ok"], answer["code"]) == (False, "not_found"), event

    data = {"booking": room.booking.id, "data": OFFER}
    answer = await room.other.send("call:signal", data)

    assert answer["code"] == "not_found"
    assert await received(room.developer) == await received(room.other) == []


@pytest.mark.parametrize(
    "data",
    [
        {"description": {"type": "rollback", "sdp": ""}},
        {"description": {"type": "offer", "sdp": "x" * 48_001}},
        {"candidates": [{"candidate": "x" * 2_001}]},
        {"candidates": [{"candidate": ""}] * 21},
        {"media": {"microphone": True}},
        "offer",
    ],
)
async def test_what_is_too_large_or_no_signal_is_refused(room: Room, data: object) -> None:
    await room.join()

    answer = await room.signal(data)

    assert (answer["ok"], answer["code"]) == (False, "invalid")
    assert await received(room.developer) == []


async def test_only_what_is_declared_is_passed_on(room: Room) -> None:
    await room.join()

    await room.signal({**OFFER, "html": "<script>"})

    assert [each["data"] for each in await received(room.developer)] == [OFFER]


async def test_too_many_signals_are_refused(room: Room) -> None:
    await room.join()
    for _ in range(50):
        assert (await room.signal({"candidates": []}))["ok"]

    answer = await room.signal({"candidates": []})

    assert (answer["ok"], answer["code"]) == (False, "too_many_signals")
    assert len(await received(room.developer)) == 50


async def test_the_names_of_connections_are_checked(room: Room) -> None:
    for name in ("", "x" * 65, "a b", "<b>"):
        answer = await room.client.send(
            "call:join", {"booking": room.booking.id, "connection": name}
        )
        assert answer["code"] == "invalid", name


async def test_without_a_name_the_socket_has_one(room: Room) -> None:
    answer = await room.client.send("call:join", {"booking": room.booking.id})

    assert answer["ok"] and answer["connection"] == room.client.sid
    assert answer["polite"] is True
