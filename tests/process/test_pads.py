"""Pads over several web processes that are killed while people write."""

from __future__ import annotations

import asyncio
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest

from bench.socketio_client import ConnectionLost, SocketIOClient
from tests.api_client import ApiClient
from tests.process.running import RunningApp
from tests.process.test_races import confirmed
from tests.process.web_processes import WebProcesses, web_processes
from tests.services.yjs import Writer

pytestmark = pytest.mark.process

WORDS = 60
KILLED_AT = (15, 35)


class Page:
    """A page of one person: writes words, and sends everything again after a lost connection."""

    def __init__(self, name: str, web: WebProcesses, person: ApiClient, booking: str) -> None:
        self.name, self.web, self.person, self.booking = name, web, person, booking
        self.writer = Writer()
        self.socket: SocketIOClient | None = None
        self.acknowledged: list[str] = []

    async def write(self, number: int) -> None:
        word = f"{self.name}{number} "
        self.writer.write(word, len(self.writer.text))
        while True:
            try:
                await self._send()
                break
            except (ConnectionLost, OSError, TimeoutError):
                self.socket = None
                await asyncio.sleep(0.1)
        self.acknowledged.append(word)

    async def _send(self) -> None:
        if self.socket is None:
            self.socket = await SocketIOClient.connect(
                self.web.address, cookie=self.cookie(), on_event=self._hear
            )
            assert (await self._call("pad:open"))["ok"]
        answer = await self._call("pad:change", change=b64encode(self.writer.all()).decode())
        if not answer["ok"] and answer["code"] == "unavailable":  # pages send it again as well
            raise TimeoutError
        assert answer["ok"], answer

    async def _call(self, event: str, **data: str) -> Any:
        assert self.socket
        return await self.socket.call(event, {"booking": self.booking, **data})

    def _hear(self, name: str, data: Any) -> None:
        if name == "pad:changed" and data["change"]:
            self.writer.hear(b64decode(data["change"]))

    async def sync(self) -> None:
        body = {"vector": b64encode(self.writer.vector()).decode(), "change": ""}
        found = await self.person.post(f"/bookings/{self.booking}/pad/sync", body)
        self.writer.hear(b64decode(found["change"]))

    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.person.http.cookies.items())


@pytest.mark.long
async def test_what_was_acknowledged_is_there_after_kills(
    running: RunningApp, tmp_path: Path
) -> None:
    client, developer, booking = await confirmed(running)
    async with web_processes(running, tmp_path) as web:
        pages = [
            Page("c", web, client, booking["id"]),
            Page("d", web, developer, booking["id"]),
        ]

        kills = []

        async def write(page: Page) -> None:
            for number in range(WORDS):
                await page.write(number)
                if page is pages[0] and number in KILLED_AT:
                    assert page.socket
                    process = web.serving(page.socket.local_port)
                    kills.append(asyncio.create_task(web.kill(process)))

        await asyncio.gather(*map(write, pages))
        await asyncio.gather(*kills)
        for pid in web.children():
            await web.kill(pid)
        for page in pages:
            await page.sync()

        stored = (await client.get(f"/bookings/{booking['id']}/pad"))["text"]
        assert pages[0].writer.text == pages[1].writer.text == stored
        for page in pages:
            assert len(page.acknowledged) == WORDS
            assert [word for word in page.acknowledged if word not in stored] == []
        assert "Traceback" not in web.log.read_text()
