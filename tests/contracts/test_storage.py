"""The contract of file storages: in memory, on disk, and on S3 servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from adapters.disk.storage import DiskStorage
from adapters.memory.clock import FixedClock
from adapters.memory.storage import MemoryStorage
from adapters.s3.storage import S3Storage
from adapters.system.clock import SystemClock
from onehour.testing.storage import ServedStorageSetup, StorageContract, StorageSetup
from onehour.testing.storage_setup import ConnectionCut, Fetched, chunks
from ports.storage import Link, Storage
from ports.storage_links import LinkSigner
from tests.patience import PATIENCE_S
from tests.s3_servers import BUCKET, S3Server, start_minio, start_seaweedfs, until_it_stores
from tests.servers import free_port

SITE = "https://hours.example"
SECRET = b"the secret of the links in tests"


def _clock() -> FixedClock:
    """Begins with the time of the file system."""
    return FixedClock(datetime.now(UTC))


class MemorySetup(ServedStorageSetup):
    async def disconnect(self) -> Storage:
        clock = _clock()
        storage = MemoryStorage(LinkSigner(SITE, SECRET, clock), clock)
        storage.down = True
        return storage


class TestMemoryStorage(StorageContract):
    @pytest.fixture
    def storage_setup(self) -> StorageSetup:
        clock = _clock()
        return MemorySetup(MemoryStorage(LinkSigner(SITE, SECRET, clock), clock), clock)


@dataclass
class DiskSetup(ServedStorageSetup):
    root: Path = Path()

    async def disconnect(self) -> Storage:
        """Something else is where the folder should be."""
        (self.root / "away").write_bytes(b"")
        return DiskStorage(self.root / "away", LinkSigner(SITE, SECRET, self.clock))


class TestDiskStorage(StorageContract):
    @pytest.fixture
    async def storage_setup(self, tmp_path: Path) -> AsyncIterator[StorageSetup]:
        clock = _clock()
        storage = DiskStorage(tmp_path / "files", LinkSigner(SITE, SECRET, clock))
        yield DiskSetup(storage, clock, root=tmp_path)
        await storage.close()


@dataclass
class S3Setup:
    storage: Storage
    server: S3Server
    browser: httpx.AsyncClient
    lists_unfinished: bool

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def send(self, link: Link, body: bytes, **headers: str) -> int:
        given = {name.replace("_", "-"): value for name, value in headers.items()} or link.headers
        answer = await self.browser.request(link.method, link.url, content=body, headers=given)
        return answer.status_code

    async def send_half(self, link: Link, body: bytes) -> None:
        async def cut() -> AsyncIterator[bytes]:
            async for chunk in chunks(body[: len(body) // 2]):
                yield chunk
            raise ConnectionCut

        headers = {**link.headers, "Content-Length": str(len(body))}
        with pytest.raises(ConnectionCut):
            await self.browser.request(link.method, link.url, content=cut(), headers=headers)

    async def fetch(self, url: str) -> Fetched:
        answer = await self.browser.get(url)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Fetched(answer.status_code, headers, answer.content)

    async def pass_time(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def disconnect(self) -> Storage:
        options = self.server.options(url=f"http://127.0.0.1:{free_port()}")
        return S3Storage(options, BUCKET, SystemClock())


async def s3_setup(server: S3Server, *, lists_unfinished: bool) -> AsyncIterator[StorageSetup]:
    storage = S3Storage(server.options(), BUCKET, SystemClock())
    await storage.prepare(SITE)
    await until_it_stores(storage)
    async with httpx.AsyncClient(timeout=PATIENCE_S) as browser:
        yield S3Setup(storage, server, browser, lists_unfinished)
    await storage.close()


@pytest.fixture(scope="session")
async def seaweedfs(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[StorageSetup]:
    server = start_seaweedfs(tmp_path_factory.mktemp("seaweedfs"))
    async for setup in s3_setup(server, lists_unfinished=True):
        yield setup
    server.stop()


@pytest.fixture(scope="session")
async def minio(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[StorageSetup]:
    """It lists unfinished uploads by their complete keys only, and removes old ones itself."""
    server = start_minio(tmp_path_factory.mktemp("minio"))
    async for setup in s3_setup(server, lists_unfinished=False):
        yield setup
    server.stop()


class TestS3StorageOnSeaweedFs(StorageContract):
    @pytest.fixture
    def storage_setup(self, seaweedfs: StorageSetup) -> StorageSetup:
        return seaweedfs


class TestS3StorageOnMinio(StorageContract):
    @pytest.fixture
    def storage_setup(self, minio: StorageSetup) -> StorageSetup:
        return minio
