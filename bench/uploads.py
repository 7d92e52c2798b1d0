"""Memory and speed while many large files are uploaded at the same time, through the application.

The web server and the worker run as in production, with files on disk. Each file goes up in parts,
as a browser sends it, is checked, and then read back. Memory is the resident set of the web server,
and the proportional set of the worker with the processes that inspect files. "Bare" writes the same
bytes to plain files with fsync, one after the other, and reads them.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from bench.accounts import API
from bench.scenarios import Dataset
from bench.system import SystemUnderTest

CHUNK = 256 * 1024
LOOK_EVERY_S = 0.02
CHECKED_S = 600
HEAD = f"{'work':<22}{'seconds':>9}{'MB/s':>8}{'bare MB/s':>11}{'web MB':>9}{'worker MB':>11}"


@dataclass
class Peak:
    """The most memory while it is watched, in bytes beyond what there was before."""

    measure: Callable[[], int]
    idle: int = 0
    most: int = 0

    async def watch(self) -> None:
        self.idle = self.most = self.measure()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self.most = max(self.most, self.measure())

    @property
    def grown(self) -> float:
        """In megabytes."""
        return (self.most - self.idle) / 1e6


@dataclass
class Uploader:
    """Sends files of the same content as one account."""

    http: httpx.AsyncClient
    content: bytes
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        self.sha256 = hashlib.sha256(self.content).hexdigest()

    async def send(self, number: int) -> str:
        """Upload one file; returns its id."""
        upload = await self._ask(
            "POST",
            "/uploads",
            {
                "purpose": "delivery", "name": f"{number}.bin", "size": len(self.content),
                "sha256": self.sha256,
            },
        )  # fmt: skip
        puts = {"1": upload["put"]["url"]} if upload["put"] else upload["parts"]["urls"]
        headers = upload["put"]["headers"] if upload["put"] else {}
        size = upload["parts"]["size"] if upload["parts"] else len(self.content)
        for part, url in puts.items():
            content = self.content[(int(part) - 1) * size : int(part) * size]
            (await self.http.put(url, content=content, headers=headers)).raise_for_status()
        await self._ask("POST", f"/uploads/{upload['id']}/complete", {})
        return str(upload["id"])

    async def until_checked(self, file: str) -> None:
        end = time.monotonic() + CHECKED_S
        while (await self._ask("GET", f"/uploads/{file}"))["state"] != "final":
            assert time.monotonic() < end, "the files are not checked"
            await asyncio.sleep(0.2)

    async def read(self, file: str) -> None:
        link = (await self.http.get(f"{API}/files/{file}")).headers["Location"]
        async with self.http.stream("GET", link) as answer:
            assert sum([len(part) async for part in answer.aiter_raw()]) == len(self.content)

    async def _ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.http.request(method, f"{API}{path}", json=body)
        answer.raise_for_status()
        return answer.json()


async def upload_memory(folder: Path, *, files: int, megabytes: int) -> None:
    """Prints the table for so many files of that size at once."""
    content = os.urandom(megabytes * 1_000_000)
    async with SystemUnderTest(folder, os.environ.get("ONEHOUR_MONGO_URL")) as system:
        dataset = await Dataset.open(system, clients=1)
        worker = await system.start("worker", "worker")
        async with system.web() as (web, *_):
            await dataset.sign_in(system.base_url)
            async with _uploader(system, dataset.client(0), content) as uploader:
                await uploader.until_checked(await uploader.send(0))  # everything is loaded
                print(f"{files} files of {megabytes} MB at once, beyond the idle memory")
                print(HEAD)
                print("-" * len(HEAD))
                peaks = Peak(lambda: web.memory_info().rss), Peak(lambda: _shared(worker))
                bare = await asyncio.to_thread(_bare, folder, content, files)
                sent = await _timed(
                    "upload", files * megabytes, bare[0], peaks,
                    [uploader.send(number) for number in range(files)],
                )  # fmt: skip
                await _timed(
                    "checks after it", files * megabytes, 0.0, peaks,
                    [uploader.until_checked(file) for file in sent],
                )  # fmt: skip
                await _timed(
                    "download", files * megabytes, bare[1], peaks,
                    [uploader.read(file) for file in sent],
                )  # fmt: skip


async def _timed(
    name: str, megabytes: int, bare: float, peaks: tuple[Peak, Peak], works: list[Any]
) -> list[Any]:
    watching = [asyncio.create_task(peak.watch()) for peak in peaks]
    began = time.perf_counter()
    results = await asyncio.gather(*works)
    took = time.perf_counter() - began
    for each in watching:
        each.cancel()
    beside = f"{bare:.1f}" if bare else "-"
    web, worker = (peak.grown for peak in peaks)
    print(
        f"{name:<22}{took:>9.1f}{megabytes / took:>8.1f}{beside:>11}{web:>9.1f}{worker:>11.1f}",
        flush=True,
    )
    return results


@asynccontextmanager
async def _uploader(
    system: SystemUnderTest, session: dict[str, str], content: bytes
) -> AsyncIterator[Uploader]:
    async with httpx.AsyncClient(
        base_url=system.base_url, headers=session, timeout=CHECKED_S
    ) as http:
        yield Uploader(http, content)


def _shared(worker: psutil.Process) -> int:
    """The memory of the worker and of all processes below it, each shared page once."""
    total = 0
    for process in (worker, *worker.children(recursive=True)):
        try:
            total += process.memory_full_info().pss
        except psutil.Error:  # it has ended
            continue
    return total


def _bare(folder: Path, content: bytes, files: int) -> tuple[float, float]:
    """Megabytes per second of plain files: written and read."""
    began = time.perf_counter()
    for number in range(files):
        with (folder / f"bare-{number}").open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    written = time.perf_counter()
    for number in range(files):
        with (folder / f"bare-{number}").open("rb") as file:
            while file.read(CHUNK):
                pass
    read = time.perf_counter()
    for number in range(files):
        (folder / f"bare-{number}").unlink()
    total = files * len(content) / 1e6
    return total / (written - began), total / (read - written)
