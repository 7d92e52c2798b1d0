"""Calls of a site with several web processes, one of which is killed meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from bench.socketio_client import Answer, ConnectionLost, SocketIOClient
from tests.api_client import ApiClient, until
from tests.browser.calling import FAKE_DEVICES, KEEP_CONNECTIONS, press_join, see_pictures
from tests.browser.launch import launch
from tests.process.running import RunningApp
from tests.process.web_processes import WebProcesses, web_processes

pytestmark = pytest.mark.process

WEEK_S = 7 * 24 * 3600
SIDES = "client", "developer"
BACK = "() => document.body.dataset.connected === 'again'"


@dataclass
class Booked:
    """A confirmed booking whose room is open, at the address of several web processes."""

    web: WebProcesses
    id: str
    client: ApiClient
    developer: ApiClient

    @property
    def parties(self) -> tuple[ApiClient, ApiClient]:
        return self.client, self.developer

    async def attendance(self) -> Any:
        return await self.client.get(f"/bookings/{self.id}/attendance")

    async def both_are_there(self) -> Any:
        """Once, without a gap, and now. Returns the attendance."""

        async def look() -> Any:
            found = await self.attendance()
            sides = found["client"], found["developer"]
            return found if all(side["here"] for side in sides) else None

        found = await until(look, what="both in the room", every_s=0.5)
        assert [len(found[side]["presences"]) for side in SIDES] == [1, 1]
        return found


@pytest.fixture
async def booked(running: RunningApp, tmp_path: Path) -> AsyncIterator[Booked]:
    opens = {"ONEHOUR_POLICY_ROOM_OPENS_BEFORE": str(WEEK_S)}
    async with web_processes(running, tmp_path, opens) as web, AsyncExitStack() as stack:
        client, (developer, profile) = await running.client(), await running.developer()
        start = await client.free_start(profile)
        there = [
            await stack.enter_async_context(at(web.address, each)) for each in (client, developer)
        ]
        booking = await there[0].book(profile, start)
        await client.pay(booking["checkout"]["order_id"])
        await client.booking_in("requested", booking["id"])
        await developer.post(f"/bookings/{booking['id']}/accept")
        yield Booked(web, booking["id"], *there)


def at(address: str, client: ApiClient) -> ApiClient:
    """The same person at another address of the site."""
    found = ApiClient(address)
    found.http.cookies.update(client.http.cookies)
    return found


@dataclass
class Side:
    """One side of a call as a program: it connects again, and enters again by the same name."""

    booked: Booked
    person: ApiClient
    name: str
    heard: list[Any] = field(default_factory=list)
    client: SocketIOClient | None = None

    @property
    def process(self) -> int:
        return self.booked.web.serving(self.socket.local_port)

    @property
    def socket(self) -> SocketIOClient:
        assert self.client
        return self.client

    async def connect(self) -> None:
        cookie = "; ".join(f"{name}={value}" for name, value in self.person.http.cookies.items())
        self.client = await SocketIOClient.connect(
            self.booked.web.address, cookie=cookie, on_event=self._heard
        )

    async def ask(self, event: str, **data: Any) -> Answer:
        request = {"booking": self.booked.id, "connection": self.name, **data}
        answer = await self.socket.call(f"call:{event}", request)
        assert answer["ok"], answer
        return answer

    async def hears(self, media: dict[str, bool]) -> None:
        async def look() -> bool:
            return media in [each["data"].get("media") for each in self.heard]

        await until(look, what=f"{media} in {self.heard}", every_s=0.05)

    def _heard(self, name: str, data: Any) -> None:
        if name == "call:signal":
            self.heard.append(data)


async def test_signals_pass_between_processes_and_after_the_end_of_one(booked: Booked) -> None:
    client, developer = (
        Side(booked, person, name) for person, name in zip(booked.parties, "ab", strict=True)
    )
    await client.connect()
    await developer.connect()
    while client.process == developer.process:
        developer.socket.abort()
        await developer.connect()
    assert (await client.ask("join"))["other"] is None
    assert (await developer.ask("join"))["other"] == client.name

    async with present(developer):
        async with present(client):
            await exchange(client, developer, camera=True)
            before = await booked.both_are_there()
            await booked.web.kill(client.process)
        await client.socket.closed
        assert developer.socket.is_open
        await client.connect()

        assert (await client.ask("join"))["other"] == developer.name
        async with present(client):
            await exchange(client, developer, camera=False)

            async def both_go_on() -> bool:
                """Times are full seconds."""
                after = await booked.both_are_there()
                pairs = [(before[side]["presences"], after[side]["presences"]) for side in SIDES]
                assert all(now["since"] == then["since"] for (then,), (now,) in pairs)
                return all(now["until"] > then["until"] for (then,), (now,) in pairs)

            await until(both_go_on, what="a later end of both presences", every_s=0.3)


@asynccontextmanager
async def present(side: Side) -> AsyncIterator[None]:
    """It says meanwhile that it is there, as pages do, until its connection ends."""

    async def say_so() -> None:
        with suppress(ConnectionLost):
            while True:
                await side.ask("heartbeat")
                await asyncio.sleep(1)

    saying = asyncio.create_task(say_so())
    try:
        yield
    finally:
        saying.cancel()
        await asyncio.wait([saying])
    assert saying.cancelled() or saying.exception() is None


async def exchange(one: Side, other: Side, *, camera: bool) -> None:
    """Each sends a signal, and the other side hears it."""
    for sender, receiver in ((one, other), (other, one)):
        media = {"microphone": sender is one, "camera": camera, "screen": False}
        await sender.ask("signal", data={"media": media}, to=receiver.name)
        await receiver.hears(media)


@pytest.mark.long
@pytest.mark.browser
async def test_pages_come_back_into_the_call_after_the_end_of_their_process(
    booked: Booked,
) -> None:
    async with launch(*FAKE_DEVICES) as browser:
        pages = [await open_page(browser, booked, each) for each in booked.parties]
        for page in pages:
            await press_join(page)
        await asyncio.gather(*map(see_pictures, pages))
        before = await booked.both_are_there()

        for pid in booked.web.children():
            await booked.web.kill(pid)
            await asyncio.gather(*map(see_pictures, pages))
        for page in pages:
            await page.wait_for_function(BACK)
        await pages[0].reload()
        await asyncio.gather(*map(see_pictures, pages))

        after = await booked.both_are_there()
        for side in SIDES:
            assert after[side]["presences"][0]["since"] == before[side]["presences"][0]["since"]


async def open_page(browser: Browser, booked: Booked, person: ApiClient) -> Page:
    """The page of the call, in a browser of this person."""
    context = await browser.new_context()
    await context.add_cookies(
        [
            {"name": name, "value": value, "url": booked.web.address}
            for name, value in person.http.cookies.items()
        ]
    )
    await context.add_init_script(KEEP_CONNECTIONS)
    page = await context.new_page()
    await page.goto(f"{booked.web.address}/bookings/{booked.id}/call")
    return page
