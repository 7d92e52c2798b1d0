"""A file of 30 MB through the running application: cut within each part, after a kill of each
process, and then read back. On disk and in S3."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from adapters.s3.storage import S3Storage
from adapters.system.clock import SystemClock
from tests.api_client import ApiClient, until
from tests.patience import PATIENCE_S
from tests.process.running import RunningApp
from tests.s3_servers import (
    ACCESS_KEY,
    BUCKET,
    SECRET_KEY,
    S3Server,
    start_seaweedfs,
    until_it_stores,
)

pytestmark = pytest.mark.process

CONTENT = random.Random(20_261_129).randbytes(30_000_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
ANNOUNCED = {
    "purpose": "delivery", "name": "walk through.mp4", "size": len(CONTENT), "sha256": SHA256,
    "type": "video/mp4",
}  # fmt: skip
CHUNK = 64 * 1024
LARGE_FORM = 100_000_000
MEMORY_MOST = 64 * 1024 * 1024
"""How much the web server may grow while the file passes through it."""


@pytest.fixture(scope="module")
def seaweedfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    server = start_seaweedfs(tmp_path_factory.mktemp("s3"))
    yield server
    server.stop()


@pytest.fixture(scope="module", params=["disk", pytest.param("s3", marks=pytest.mark.long)])
async def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningApp]:
    environ = {}
    if request.param == "s3":
        server: S3Server = request.getfixturevalue("seaweedfs")
        environ = {
            "ONEHOUR_STORAGE": "s3", "ONEHOUR_S3_URL": server.url, "ONEHOUR_S3_BUCKET": BUCKET,
            "ONEHOUR_S3_ACCESS_KEY": ACCESS_KEY, "ONEHOUR_S3_SECRET_KEY": SECRET_KEY,
        }  # fmt: skip
        storage = S3Storage(server.options(), BUCKET, SystemClock())
        await storage.prepare("http://127.0.0.1")
        await until_it_stores(storage)
        await storage.close()
    async with RunningApp(tmp_path_factory.mktemp("uploads"), **environ) as app:
        yield app


async def begin(client: ApiClient) -> Any:
    return await client.post("/uploads", ANNOUNCED, expect=201)


def part(number: int, size: int) -> bytes:
    return CONTENT[(number - 1) * size : number * size]


async def cut_in(url: str, content: bytes) -> None:
    """Send half of a part, then nothing more."""

    async def half() -> AsyncIterator[bytes]:
        for start in range(0, len(content) // 2, CHUNK):
            yield content[start : start + CHUNK]
        raise ConnectionError("the browser has gone")

    async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
        with pytest.raises((ConnectionError, httpx.TransportError)):
            await http.put(url, content=half(), headers={"Content-Length": str(len(content))})


async def send(url: str, content: bytes) -> int:
    async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
        return (await http.put(url, content=content)).status_code


async def checked(client: ApiClient, upload: str) -> Any:
    async def ended() -> bool:
        found = await client.get(f"/uploads/{upload}")
        return found["state"] in ("final", "refused")

    await until(ended, what="the end of the check")
    return await client.get(f"/uploads/{upload}")


async def test_a_large_file_survives_cuts_and_kills(running: RunningApp) -> None:
    client = await running.client()
    await assert_pages_may_send_to_the_storage(client)
    upload = await begin(client)
    size, urls = upload["parts"]["size"], upload["parts"]["urls"]
    assert list(urls) == ["1", "2", "3", "4"]

    # Every part is cut in its middle, and nothing of it is there.
    for number, url in urls.items():
        await cut_in(url, part(int(number), size))
        shown = await client.get(f"/uploads/{upload['id']}")
        assert shown["stored"] == list(range(1, int(number)))
        assert await send(url, part(int(number), size)) < 300
        if number == "2":
            await running.has_successor("web", running.kill("web"))
            await running.is_ready()
    file = await client.post(f"/uploads/{upload['id']}/complete")
    running.kill("worker")
    done = await checked(client, file["id"])

    assert done["state"] == "final", done
    rows = [row for row in await running.rows("files") if row["_id"] == file["id"]]
    assert [row["state"] for row in rows] == ["final"]
    await assert_downloads(running, client, file["id"])


async def assert_pages_may_send_to_the_storage(client: ApiClient) -> None:
    """By their Content-Security-Policy: the upload goes to the origin of the links."""
    url = (await begin(client))["parts"]["urls"]["1"]
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    page = await client.http.get("/uploads/delivery")
    policy = dict(part.split(" ", 1) for part in
                  page.headers["Content-Security-Policy"].split("; "))  # fmt: skip
    if origin != str(client.http.base_url).rstrip("/"):
        for directive in ("connect-src", "img-src", "media-src"):
            assert origin in policy[directive].split(), directive
    assert "'self'" in policy["media-src"].split()


async def assert_downloads(running: RunningApp, client: ApiClient, file_id: str) -> None:
    answer = await client.http.get(f"/api/v1/files/{file_id}")
    assert answer.status_code == 303
    url = answer.headers["Location"]
    async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
        whole = await http.get(url)
        piece = await http.get(url, headers={"Range": "bytes=10000000-10000999"})
    assert hashlib.sha256(whole.content).hexdigest() == SHA256
    assert (piece.status_code, piece.content) == (206, CONTENT[10_000_000:10_001_000])
    disposition = whole.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="walk through.mp4"')


class Memory:
    """The most memory of the web server while a block runs, beyond what it had before, in bytes."""

    def __init__(self, running: RunningApp) -> None:
        child = running.child("web")
        assert child
        self._process = psutil.Process(child.pid)
        self.more = 0

    async def __aenter__(self) -> Memory:
        self._before = self._process.memory_info().rss
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._watching.cancel()

    async def _watch(self) -> None:
        while True:
            self.more = max(self.more, self._process.memory_info().rss - self._before)
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("running", ["disk"], indirect=True)
async def test_the_web_server_holds_little_of_a_file(running: RunningApp) -> None:
    client = await running.client()
    upload = await begin(client)
    size, urls = upload["parts"]["size"], upload["parts"]["urls"].items()

    async with Memory(running) as memory:
        statuses = await asyncio.gather(*(send(url, part(int(n), size)) for n, url in urls))

    assert statuses == [204] * 4
    assert memory.more < MEMORY_MOST, f"{memory.more / 1e6:.0f} MB"


@pytest.mark.long
@pytest.mark.parametrize("running", ["disk"], indirect=True)
async def test_the_web_server_holds_little_of_a_form_of_100_mb(running: RunningApp) -> None:
    """As a browser without scripts sends it, and the same file as a download afterwards."""
    client = await running.client()
    await client.get("/me")
    token = (await client.get("/csrf"))["token"]

    async with Memory(running) as memory:
        answer = await client.http.post(
            "/uploads/delivery",
            content=form_of(token, LARGE_FORM),
            headers={"Content-Type": "multipart/form-data; boundary=b"},
            timeout=PATIENCE_S,
        )
        (row,) = await running.rows("files")
        done = await checked(client, row["_id"])
        link = (await client.http.get(f"/api/v1/files/{row['_id']}")).headers["Location"]
        async with (
            httpx.AsyncClient(timeout=PATIENCE_S) as http,
            http.stream("GET", link) as download,
        ):
            received = sum([len(chunk) async for chunk in download.aiter_raw()])

    assert answer.status_code == 303, answer.text
    assert (row["size"], done["state"], received) == (LARGE_FORM, "final", LARGE_FORM)
    assert memory.more < MEMORY_MOST, f"{memory.more / 1e6:.0f} MB"


async def form_of(token: str, size: int) -> AsyncIterator[bytes]:
    """A form with one file of so many zeros."""
    field = f'--b\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
    file = 'Content-Disposition: form-data; name="files"; filename="zeros.bin"'
    yield f"{field}--b\r\n{file}\r\nContent-Type: application/octet-stream\r\n\r\n".encode()
    for _ in range(size // CHUNK):
        yield bytes(CHUNK)
    yield bytes(size % CHUNK) + b"\r\n--b--\r\n"
