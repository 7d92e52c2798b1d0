"""The web server is killed between attaching a file and storing its message: the file becomes part
of one message, or is removed."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase

from tests.api_client import ApiClient, until
from tests.patience import PATIENCE_S
from tests.process.running import Document, RunningApp
from tests.servers import OPTIONS, start_mongo, stop
from tests.tcp_proxy import TcpProxy, tcp_proxy

pytestmark = pytest.mark.process

INSERT = b"\x02insert\x00\x09\x00\x00\x00messages\x00"
"""The beginning of the command that stores messages, as the protocol of MongoDB writes it."""
WEEK = timedelta(days=8)


@dataclass
class HeldMessages:
    """What is sent to the database, without the messages while `holds`; `held` counts these."""

    holds: bool = False
    held: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def change(self, data: bytes) -> bytes:
        if not self.holds or INSERT not in data:
            return data
        self.held += 1
        self.arrived.set()
        return b""


@dataclass
class Site:
    running: RunningApp
    messages: HeldMessages
    database: AsyncIOMotorDatabase[Document]

    async def file_rows(self) -> dict[str, Document]:
        return {row["_id"]: row async for row in self.database["files"].find()}

    async def a_week_passes(self) -> None:
        """For the files that are attached, and for the outbox messages that wait for it."""
        before = datetime.now(UTC) - WEEK
        await self.database["files"].update_many({}, {"$set": {"attached_at": before}})
        await self.database["effects"].update_many(
            {"kind": "chats.release_files", "state": "ready"},
            {"$set": {"due_at": before, "next_at": before}},
        )

    def bytes_of(self, file: str) -> list[Path]:
        return list((self.running.data / "files").rglob(f"{file}*"))


@asynccontextmanager
async def site(folder: Path) -> AsyncIterator[Site]:
    """Its database is reached through a proxy, which can hold messages."""
    (folder / "mongo").mkdir()
    (folder / "app").mkdir()
    process, url = start_mongo(folder / "mongo")
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(url, tz_aware=True)
    messages = HeldMessages()
    try:
        async with (
            tcp_proxy(urlsplit(url).port or 27017, to_server=lambda: messages.change) as proxy,
            RunningApp(folder / "app", ONEHOUR_MONGO_URL=_through(proxy)) as running,
        ):
            yield Site(running, messages, client["onehour"])
    finally:
        client.close()
        stop(process)


def _through(proxy: TcpProxy) -> str:
    return f"mongodb://127.0.0.1:{proxy.port}/?{OPTIONS}"


async def a_file(client: ApiClient, number: int) -> str:
    """The id of a checked file for a message."""
    content = f"The plan {number}.\n".encode()
    body = {
        "purpose": "chat", "name": f"plan {number}.txt", "type": "text/plain",
        "size": len(content), "sha256": hashlib.sha256(content).hexdigest(),
    }  # fmt: skip
    upload = await client.post("/uploads", body, expect=201)
    async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
        put = upload["put"]
        sent = await http.put(put["url"], content=content, headers=put["headers"])
        assert sent.status_code == 204
    await client.post(f"/uploads/{upload['id']}/complete")

    async def final() -> bool:
        found = await client.get(f"/uploads/{upload['id']}")
        return bool(found["state"] == "final")

    await until(final, what="a final file")
    return str(upload["id"])


@pytest.mark.long
async def test_nothing_is_lost_or_doubled_by_a_kill_between_file_and_message(
    tmp_path: Path,
) -> None:
    async with site(tmp_path) as here:
        client = await here.running.client()
        _, profile = await here.running.developer()
        chat = (await client.post("/chats", {"with": profile}, expect=201))["id"]
        path = f"/chats/{chat}/messages"
        again, other, never = files = [await a_file(client, number) for number in (1, 2, 3)]

        await kill_while_sending(here, client, path, files)

        rows = await here.file_rows()
        assert {rows[file]["attached_to"] for file in files} == {chat}
        assert await here.database["messages"].count_documents({}) == 0
        for name, file in (("m-0", again), ("m-0", again), ("another", other)):
            sent = {"client_id": name, "body": "The plan.", "files": [file]}
            answer = await client.post(path, sent, expect=201)
            assert answer["files"] == [file]
        await here.a_week_passes()
        await until(lambda: _is_gone(here, never), what="the removed file")

        found = (await client.get(path))["items"]
        assert [message["files"] for message in found] == [[again], [other]]
        assert set(await here.file_rows()) == {again, other}
        for file in (again, other):
            link = await client.http.get(f"/api/v1/files/{file}")
            assert link.status_code == 303
            async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
                assert (await http.get(link.headers["Location"])).status_code == 200
        assert here.bytes_of(never) == []
        dead = await here.database["effects"].count_documents({"state": "dead"})
        assert dead == 0


async def kill_while_sending(here: Site, client: ApiClient, path: str, files: list[str]) -> None:
    """Each file is attached for a message of its own, and the web server is killed with them."""
    here.messages.holds = True

    async def send(number: int, file: str) -> Any:
        body = {"client_id": f"m-{number}", "body": "The plan.", "files": [file]}
        with pytest.raises(httpx.TransportError):
            await client.raw("POST", path, body)

    sending = [asyncio.create_task(send(n, file)) for n, file in enumerate(files)]
    await asyncio.wait_for(here.messages.arrived.wait(), 60)

    async def all_attached() -> bool:
        return all(row["attached_to"] for row in (await here.file_rows()).values())

    await until(all_attached, what="attached files")
    web = here.running.kill("web")
    await asyncio.gather(*sending)
    here.messages.holds = False
    await here.running.has_successor("web", web)
    await here.running.is_ready()


async def _is_gone(here: Site, file: str) -> bool:
    return file not in await here.file_rows()
