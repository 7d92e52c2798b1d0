"""Megabytes per second through each file storage, beside the same bytes without it.

Uploads go as from a browser: on disk by `receive` with chunks of 64 KiB, as the web server gets
them; in S3 by requests of links. "Bare" is a plain file with fsync, and aioboto3 without the
adapter. The S3 server is a SeaweedFS on this machine, so the same processors do its work too.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aioboto3
import httpx

from adapters.disk.storage import DiskStorage
from adapters.s3.connection import client_config
from adapters.s3.storage import S3Storage
from adapters.system.clock import SystemClock
from onehour.testing.storage_setup import an_upload, chunks, token_of
from ports.storage import CHUNK_SIZE, MIB, Key, Storage, Upload
from ports.storage_links import LinkSigner
from tests.s3_servers import BUCKET, start_seaweedfs, until_it_stores

SIZES = {"100 kB": 100_000, "4 MiB": 4 * MIB, "32 MiB": 32 * MIB}
RUNS = 7
SITE = "http://127.0.0.1:8000"
HEAD = f"{'storage':<9}{'file':>8}{'work':>22}{'MB/s':>9}{'bare MB/s':>11}{'ratio':>7}"

Work = Callable[[bytes], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Measured:
    """Two ways to do the same work, by name: through the adapter, and bare."""

    storage: str
    works: Mapping[str, tuple[Work, Work]]


async def storage_speed(folder: Path) -> None:
    """Prints the table."""
    s3_folder = folder / "s3"
    await asyncio.to_thread(s3_folder.mkdir)
    print(HEAD)
    print("-" * len(HEAD))
    async with _disk(folder / "disk") as disk, _s3(s3_folder) as s3:
        for measured in (disk, s3):
            for name, size in SIZES.items():
                content = os.urandom(size)
                for work, (ours, bare) in measured.works.items():
                    here, there = await _speeds(content, ours, bare)
                    print(
                        f"{measured.storage:<9}{name:>8}{work:>22}{here:>9.1f}{there:>11.1f}"
                        f"{there / here:>7.1f}",
                        flush=True,
                    )


async def _speeds(content: bytes, *works: Work) -> list[float]:
    """Medians in megabytes per second, of runs in turn, after one to warm up."""
    took: list[list[float]] = [[] for _ in works]
    for _ in range(RUNS + 1):
        for times, work in zip(took, works, strict=True):
            began = time.perf_counter()
            await work(content)
            times.append(time.perf_counter() - began)
    return [len(content) / statistics.median(times[1:]) / 1e6 for times in took]


@asynccontextmanager
async def _disk(folder: Path) -> AsyncIterator[Measured]:
    storage = DiskStorage(folder / "files", LinkSigner(SITE, b"b" * 32, SystemClock()))
    last = _Last()

    async def up(content: bytes) -> None:
        upload = last.new(len(content))
        link = await storage.put_link(upload)
        await storage.receive(token_of(link.url), chunks(content), content_type=upload.content_type)

    async def bare_up(content: bytes) -> None:
        await asyncio.to_thread(_write, folder / "bare", content)

    async def down(content: bytes) -> None:
        await _read(storage, last.key)

    async def bare_down(content: bytes) -> None:
        await asyncio.to_thread(_read_file, folder / "bare")

    yield Measured("disk", {"upload": (up, bare_up), "read": (down, bare_down)})
    await storage.close()


@asynccontextmanager
async def _s3(folder: Path) -> AsyncIterator[Measured]:
    server = start_seaweedfs(folder)
    options = server.options()
    storage = S3Storage(options, BUCKET, SystemClock())
    last = _Last()
    bare_client = aioboto3.Session().client(
        "s3",
        endpoint_url=options.url,
        region_name=options.region,
        aws_access_key_id=options.access_key,
        aws_secret_access_key=options.secret_key,
        config=client_config(path_style=True),
    )
    try:
        async with httpx.AsyncClient(timeout=60) as browser, bare_client as s3:
            await storage.prepare(SITE)
            await until_it_stores(storage)

            async def up(content: bytes) -> None:
                upload = last.new(len(content))
                link = await storage.put_link(upload)
                answer = await browser.put(link.url, content=content, headers=link.headers)
                answer.raise_for_status()
                await storage.complete(upload)

            async def up_in_parts(content: bytes) -> None:
                upload = last.new(len(content))
                upload_id = await storage.begin(upload)
                start = 0
                for number, size in upload.part_sizes.items():
                    link = await storage.part_link(upload, upload_id, number)
                    answer = await browser.put(link.url, content=content[start : start + size])
                    answer.raise_for_status()
                    start += size
                await storage.complete(upload, upload_id)

            async def bare_up(content: bytes) -> None:
                await s3.put_object(Bucket=BUCKET, Key="bare", Body=content)

            async def down(content: bytes) -> None:
                await _read(storage, last.key)

            async def bare_down(content: bytes) -> None:
                found = await s3.get_object(Bucket=BUCKET, Key="bare")
                async for _ in found["Body"].iter_chunks(CHUNK_SIZE):
                    pass

            works = {
                "upload": (up, bare_up),
                "upload in parts": (up_in_parts, bare_up),
                "read": (down, bare_down),
            }
            yield Measured("s3", works)
    finally:
        await storage.close()
        server.stop()


class _Last:
    """The key of the last upload, which is read afterwards."""

    key: Key

    def new(self, size: int) -> Upload:
        upload = an_upload(size)
        self.key = upload.key
        return upload


async def _read(storage: Storage, key: Key) -> None:
    async with storage.open(key) as found:
        async for _ in found:
            pass


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _read_file(path: Path) -> None:
    with path.open("rb") as file:
        while file.read(CHUNK_SIZE):
            pass
