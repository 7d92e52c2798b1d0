"""Calls: signals passed on per second, and the time from the click to the first picture.

Pairs of people with a socket each: everybody sends the next signal when the last one is
acknowledged, as pages do. For the join times one page waits in the room of a booking, and another
one joins by a click: browser to browser (`peer`), and through a LiveKit server (`openvidu`) where
`make real-servers` has built it. Cameras and microphones are those that Chromium pretends to have.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from playwright.async_api import Browser, Page

from adapters.system.clock import SystemClock
from bench.accounts import add_accounts
from bench.load import cpu_seconds
from bench.scenarios import Dataset, session_of
from bench.socketio_client import SocketIOClient
from bench.system import SystemUnderTest
from core.bookings import Booking, BookingId, Party, Status
from core.money import Money
from core.payments import Payment, PaymentId
from core.payments_facts import OrderId
from core.policy import CELL, MINUTE, Terms
from tests.browser.calling import FAKE_DEVICES
from tests.browser.launch import launch
from tests.livekit_server import KEY, SECRET, LiveKitServer
from tests.real_servers import FOLDER

PEOPLE, SIGNALS = 100, 6000
JOINS = 9
CANDIDATE = {
    "candidate": "candidate:2811 1 udp 2122260223 192.0.2.17 51472 typ host generation 0",
    "sdpMid": "0",
    "sdpMLineIndex": 0,
}
SEEN = """() => new Promise(seen => document.querySelector("[data-remote]")
  .requestVideoFrameCallback(() => seen(performance.now())))"""
READY = "() => document.querySelector('[data-preview]')?.srcObject"
CLICK = "() => { document.querySelector('[data-join]').click(); return performance.now(); }"


@dataclass
class Caller:
    """One side of a call as a program; `mine` and `theirs` have the times of signals by number."""

    booking: str
    mine: dict[int, float]
    theirs: dict[int, float]
    received_ms: list[float] = field(default_factory=list)
    socket: SocketIOClient = field(init=False)

    async def ask(self, event: str, **data: object) -> None:
        answer = await self.socket.call(f"call:{event}", {"booking": self.booking, **data})
        assert answer["ok"], answer

    async def send(self, number: int) -> None:
        candidate = {**CANDIDATE, "sdpMLineIndex": number % 2, "usernameFragment": str(number)}
        self.mine[number] = time.perf_counter()
        await self.ask("signal", data={"candidates": [candidate]})

    def hear(self, event: str, data: Any) -> None:
        if event == "call:signal":
            (candidate,) = data["data"]["candidates"]
            sent = self.theirs.pop(int(candidate["usernameFragment"]))
            self.received_ms.append(1000 * (time.perf_counter() - sent))


async def calls(system: SystemUnderTest, dataset: Dataset, folder: Path) -> None:
    """Prints a table of the signals with one and two web processes, and one of the join times."""
    emails = await add_accounts(dataset.store, system, "caller", PEOPLE, rounds=4)
    bookings = [await _open_room(dataset, number) for number in range(PEOPLE // 2)]
    print("\nCPU ms a signal: of the web processes, of the embedded database")
    print(" people  web   signals/s  CPU ms       to the other side p50, p99 ms")
    for processes in (1, 2):
        async with system.web(processes) as servers:
            cookies = [(await session_of(system.base_url, each))["Cookie"] for each in emails]
            line = await _signals(system, servers, bookings, cookies)
        print(f"{PEOPLE:>7}{processes:>5}{line}", flush=True)
    print("\nfrom the click to the first picture of the other side, ms")
    print("adapter      joins      p50      max")
    await _print_joins(system, emails, bookings, "peer", {})
    if not (FOLDER / "livekit-server").exists():
        print("openvidu: `make real-servers` has not built LiveKit")
        return
    server = LiveKitServer(folder)
    try:
        await server.until_ready()
        settings = {
            "ONEHOUR_VIDEO": "openvidu", "ONEHOUR_OPENVIDU_URL": server.url,
            "ONEHOUR_OPENVIDU_API_URL": server.api_url, "ONEHOUR_OPENVIDU_KEY": KEY,
            "ONEHOUR_OPENVIDU_SECRET": SECRET,
        }  # fmt: skip
        await _print_joins(system, emails, bookings, "openvidu", settings)
    finally:
        server.stop()


async def _open_room(dataset: Dataset, number: int) -> Booking:
    """A confirmed booking of two of the accounts that has just begun."""
    now = SystemClock().now()
    began = int(now.timestamp() // CELL.total_seconds() * CELL.total_seconds())
    start = now.fromtimestamp(began, now.tzinfo)
    client, developer = (
        Party(f"{kind}_caller{n:05d}", f"acc_caller{n:05d}", f"Somebody {n}", "Asia/Kolkata")
        for kind, n in (("cli", 2 * number), ("dev", 2 * number + 1))
    )
    booking = Booking(
        BookingId(f"bkg_caller{number:020d}"), client, developer, start, 8, "It is slow.",
        Money(240_000), Terms(), now, now + MINUTE, now + MINUTE, f"pay_caller{number:05d}", 2,
        status=Status.CONFIRMED, paid_at=now,
    )  # fmt: skip
    payment = Payment(
        PaymentId(booking.payment_id), booking.id, client.id, developer.id, booking.price,
        "cashfree", OrderId(f"ord_caller{number:05d}"), now, now,
    )  # fmt: skip
    await dataset.store.repositories.payments.add(payment)
    return await dataset.store.repositories.bookings.add(booking)


async def _signals(
    system: SystemUnderTest,
    servers: list[psutil.Process],
    bookings: Sequence[Booking],
    cookies: Sequence[str],
) -> str:
    async with AsyncExitStack() as stack:
        callers = list[Caller]()
        for number, cookie in enumerate(cookies):
            first = number % 2 == 0
            times: tuple[dict[int, float], dict[int, float]]
            times = ({}, {}) if first else (callers[-1].theirs, callers[-1].mine)
            caller = Caller(bookings[number // 2].id, *times)
            callers.append(await stack.enter_async_context(_joined(system, cookie, caller)))
        left = iter(range(SIGNALS))
        cpu, database = cpu_seconds(servers), cpu_seconds(system.database)
        began = time.perf_counter()

        async def send(caller: Caller) -> None:
            for number in left:
                await caller.send(number)

        await asyncio.gather(*map(send, callers))
        seconds, cpu = time.perf_counter() - began, cpu_seconds(servers) - cpu
        database = cpu_seconds(system.database) - database
        await asyncio.sleep(1)
        ordered = sorted(each for caller in callers for each in caller.received_ms)
        p50, p99 = (ordered[int(len(ordered) * part)] for part in (0.5, 0.99))
        return (
            f"{SIGNALS / seconds:>12,.0f}{1000 * cpu / SIGNALS:>8.2f}"
            f"{1000 * database / SIGNALS:>5.2f}{p50:>22.0f}, {p99:.0f}"
        )


@asynccontextmanager
async def _joined(system: SystemUnderTest, cookie: str, caller: Caller) -> AsyncIterator[Caller]:
    caller.socket = await SocketIOClient.connect(
        system.base_url, cookie=cookie, on_event=caller.hear
    )
    try:
        await caller.ask("join")
        yield caller
    finally:
        caller.socket.abort()


async def _print_joins(
    system: SystemUnderTest,
    emails: Sequence[str],
    bookings: Sequence[Booking],
    adapter: str,
    settings: Mapping[str, str],
) -> None:
    async with system.web(settings=settings), launch(*FAKE_DEVICES) as browser:
        took = []
        for number in range(JOINS):
            path = f"/bookings/{bookings[number].id}/call"
            pages = [
                await _page(browser, system, each, path)
                for each in emails[2 * number : 2 * number + 2]
            ]
            took.append(await _join_ms(*pages))
            for page in pages:
                await page.context.close()
        print(
            f"{adapter:<10}{JOINS:>8}{statistics.median(took):>9.0f}{max(took):>9.0f}", flush=True
        )


async def _page(browser: Browser, system: SystemUnderTest, email: str, path: str) -> Page:
    """The page of the call, whose devices run."""
    cookie = (await session_of(system.base_url, email))["Cookie"]
    context = await browser.new_context()
    given = (each.split("=", 1) for each in cookie.split("; "))
    await context.add_cookies(
        [{"name": name, "value": value, "url": system.base_url} for name, value in given]
    )
    page = await context.new_page()
    await page.goto(system.base_url + path)
    await page.wait_for_function(READY)
    return page


async def _join_ms(waiting: Page, joining: Page) -> float:
    await waiting.evaluate(CLICK)
    await waiting.wait_for_function("() => !document.querySelector('[data-room]').hidden")
    await asyncio.sleep(2)
    seen = asyncio.create_task(joining.evaluate(SEEN))
    await asyncio.sleep(0.2)
    clicked = await joining.evaluate(CLICK)
    return float(await seen) - float(clicked)
