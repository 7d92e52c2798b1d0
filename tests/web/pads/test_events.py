"""The socket events of pads: whom they reach, and what is refused."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from core.bookings import Booking
from core.policy import MINUTE
from tests.services.yjs import Writer
from tests.web.every_role import SiteWithEveryRole, build_site_with_every_role
from tests.web.sockets import OpenSocket, open_socket, sockets_of


@dataclass
class Room:
    """The two parties of a confirmed booking, and somebody with another booking."""

    site: SiteWithEveryRole
    booking: Booking
    client: OpenSocket
    developer: OpenSocket
    other: OpenSocket

    async def send(self, event: str, **data: object) -> dict[str, object]:
        return await self.client.send(event, {"booking": self.booking.id, **data})

    async def open(self) -> None:
        for socket in (self.client, self.developer):
            assert (await socket.send("pad:open", {"booking": self.booking.id}))["ok"]


async def received(socket: OpenSocket, name: str) -> list[dict[str, object]]:
    """The events of this name that it has got, in order."""
    found, begin = [], f'42["{name}",'
    while not socket.received.empty():
        text = str(socket.received.get_nowait().get("text"))
        if text.startswith(begin):
            found.append(json.loads(text.removeprefix("42"))[1])
    return found


@pytest.fixture(scope="module")
async def site() -> SiteWithEveryRole:
    return await build_site_with_every_role()


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
        site.app.clock.advance(MINUTE)
        site.app.live.published.clear()
        yield Room(site, booking, *opened)


async def test_a_cursor_reaches_the_other_party_alone(room: Room) -> None:
    await room.open()
    refused = await room.other.send("pad:open", {"booking": room.booking.id})
    assert (refused["ok"], refused["code"]) == (False, "not_found")

    assert await room.send("pad:cursor", page="p-1", anchor="AAE=", head="AAE=") == {"ok": True}

    assert await received(room.developer, "pad:cursor") == [
        {
            "booking": room.booking.id,
            "account": room.booking.client.account_id,
            "page": "p-1",
            "anchor": "AAE=",
            "head": "AAE=",
        }
    ]
    for socket in (room.client, room.other):
        assert await received(socket, "pad:cursor") == []


async def test_a_change_is_acknowledged_with_its_number_and_told_to_the_room(room: Room) -> None:
    await room.open()
    change = b64encode(Writer(1).write("Hello")).decode()

    first, again = [await room.send("pad:change", change=change) for _ in range(2)]

    assert first["ok"] and first == again
    (told,) = room.site.app.live.published
    assert (told.room, told.event) == (f"pad:{room.booking.id}", "pad:changed")
    assert told.data == {"booking": room.booking.id, "seq": first["seq"], "change": change}


@pytest.mark.parametrize(
    ("event", "data", "code"),
    [
        ("pad:change", {"change": "AAAA"}, "malformed_change"),
        ("pad:change", {"change": "no base64"}, "invalid"),
        ("pad:change", {"change": "A" * 48_001}, "invalid"),
        ("pad:change", {}, "invalid"),
        ("pad:change", {"change": {"a": [1]}}, "invalid"),
        ("pad:cursor", {"page": "p 1"}, "invalid"),
        ("pad:cursor", {"page": "p", "anchor": "A" * 101}, "invalid"),
        ("pad:language", {"language": "cobol"}, "invalid"),
        ("pad:change", {"booking": "bkg_1", "change": ""}, "not_found"),
    ],
)
async def test_what_cannot_be_done_is_refused_with_a_code(
    room: Room, event: str, data: dict[str, object], code: str
) -> None:
    await room.open()

    answer = await room.client.send(event, {"booking": room.booking.id, **data})

    assert (answer["ok"], answer["code"]) == (False, code)
    assert room.site.app.live.published == []
    good = b64encode(Writer().write("x")).decode()
    assert (await room.send("pad:change", change=good))["ok"]
