"""The file storage is away for a minute in the middle of an upload, and again before the check."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from adapters.s3.storage import S3Storage
from adapters.system.clock import SystemClock
from tests.api_client import ApiClient, until
from tests.patience import PATIENCE_S
from tests.process.running import RunningApp
from tests.s3_servers import ACCESS_KEY, BUCKET, SECRET_KEY, start_seaweedfs, until_it_stores
from tests.tcp_proxy import TcpProxy, tcp_proxy

pytestmark = [pytest.mark.process, pytest.mark.long]

AWAY_S = 60
CONTENT = random.Random(60).randbytes(12_000_000)
WORDS = "The file storage does not respond. Nothing was lost. Try again in a moment."


@pytest.fixture
async def proxy(tmp_path: Path) -> AsyncIterator[TcpProxy]:
    """In front of SeaweedFS, which has the bucket."""
    folder = tmp_path / "s3"
    folder.mkdir()
    server = start_seaweedfs(folder)
    storage = S3Storage(server.options(), BUCKET, SystemClock())
    await storage.prepare("http://127.0.0.1")
    await until_it_stores(storage)
    await storage.close()
    async with tcp_proxy(urlsplit(server.url).port or 0) as served:
        yield served
    server.stop()


async def test_nothing_is_lost_while_the_storage_is_away(proxy: TcpProxy, tmp_path: Path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    environ = {
        "ONEHOUR_STORAGE": "s3", "ONEHOUR_S3_URL": f"http://127.0.0.1:{proxy.port}",
        "ONEHOUR_S3_BUCKET": BUCKET, "ONEHOUR_S3_ACCESS_KEY": ACCESS_KEY,
        "ONEHOUR_S3_SECRET_KEY": SECRET_KEY,
    }  # fmt: skip
    async with RunningApp(folder, **environ) as running:
        client = await running.client()
        upload = await client.post("/uploads", announced(), expect=201)
        size, urls = upload["parts"]["size"], upload["parts"]["urls"]
        assert await sent(urls["1"], CONTENT[:size])

        away(proxy)
        began = asyncio.get_running_loop().time()
        assert not await sent(urls["2"], CONTENT[size:])
        await assert_says_so(client, upload["id"])
        await asyncio.sleep(max(0, began + AWAY_S - asyncio.get_running_loop().time()))
        proxy.refuses = False

        again = await client.get(f"/uploads/{upload['id']}")
        assert (again["stored"], list(again["parts"]["urls"])) == ([1], ["2"])
        assert await sent(again["parts"]["urls"]["2"], CONTENT[size:])
        await client.post(f"/uploads/{upload['id']}/complete")
        away(proxy)
        await asyncio.sleep(10)
        proxy.refuses = False

        await until(lambda: is_final(client, upload["id"]), what="a final file")
        rows = {row["_id"]: row["state"] for row in await running.rows("files")}
        assert rows == {upload["id"]: "final"}


def announced() -> dict[str, Any]:
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    return {"purpose": "brief", "name": "x.bin", "size": len(CONTENT), "sha256": sha256}


def away(proxy: TcpProxy) -> None:
    proxy.refuses = True
    proxy.cut()


async def sent(url: str, content: bytes) -> bool:
    async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
        try:
            return (await http.put(url, content=content)).is_success
        except httpx.TransportError:
            return False


async def assert_says_so(client: ApiClient, upload: str) -> None:
    for method, path, body in [
        ("POST", f"/uploads/{upload}/complete", None),
        ("POST", "/uploads", announced()),
        ("GET", f"/uploads/{upload}", None),
    ]:
        answer = await client.raw(method, path, body)
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (503, "storage_unavailable"), path
        assert problem["detail"] == WORDS
        assert answer.headers["Retry-After"]
    ready = await client.http.get("/readyz")
    assert ready.status_code == 200
    assert ready.json()["file_storage"].startswith("away")


async def is_final(client: ApiClient, upload: str) -> bool:
    return bool((await client.get(f"/uploads/{upload}"))["state"] == "final")
