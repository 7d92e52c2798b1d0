"""Pictures made by Pillow keep the contract, and the memory of the process."""

from __future__ import annotations

import asyncio
import os
import resource
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from adapters.pillow.pictures import WAITING_MAXIMUM, PillowPictures
from onehour.testing import pictures_samples as samples
from onehour.testing.pictures import PicturesContract, colour, decoded, is_close
from onehour.testing.running_time import RunningTime
from ports.pictures import PictureRefused, PicturesBusy
from tests.patience import PATIENCE_S

LARGE = (8000, 6200)
"""49.6 megapixels."""


class TestPillowPictures(PicturesContract):
    @pytest.fixture
    def pictures(self) -> PillowPictures:
        return PillowPictures()

    async def test_a_bomb_takes_no_memory(self, pictures: PillowPictures) -> None:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

        for bomb in (samples.png_header(50_000, 50_000), samples.webp_header(16_383, 16_383)):
            with pytest.raises(PictureRefused):
                await pictures.avatar(bomb)

        grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert grown_kib < 50_000


def large(kind: str, **how: object) -> bytes:
    out = BytesIO()
    Image.new("RGB", LARGE, samples.RED).save(out, kind, **how)
    return out.getvalue()


def memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


OTHERS: set[str] = set()
"""Servers that other tests of this worker have started, such as MongoDB."""


def children() -> set[str]:
    """The process ids of the children that the running test has started."""
    every = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return set(every) - OTHERS


@pytest.fixture(autouse=True)
def _without_others() -> Iterator[None]:
    OTHERS.update(children())
    yield
    OTHERS.clear()


def environment_of(process: str) -> bytes:
    return Path(f"/proc/{process}/environ").read_bytes()


def command_of(process: str) -> bytes:
    return Path(f"/proc/{process}/cmdline").read_bytes()


async def a_child() -> str:
    """The process id of a child that has begun to run its own program."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            await asyncio.sleep(0.01)
            for process in children():
                if b"adapters.pillow.child" in command_of(process):
                    return process


UPLOADS: dict[str, Callable[[], bytes]] = {
    "progressive jpeg": lambda: large("JPEG", progressive=True),
    "png": lambda: large("PNG", compress_level=1),
}


@pytest.mark.parametrize("kind", UPLOADS)
async def test_large_pictures_at_once_take_no_memory_of_this_process(kind: str) -> None:
    pictures, upload = PillowPictures(), UPLOADS[kind]()
    await pictures.avatar(samples.plain("PNG", (300, 300), samples.RED))
    before, most, together = memory_mb(), 0.0, 0

    work = asyncio.gather(*(pictures.avatar(upload) for _ in range(3)))
    while not work.done():
        await asyncio.sleep(0.01)
        most, together = max(most, memory_mb()), max(together, len(children()))

    for avatar in work.result():
        assert is_close(colour(decoded(avatar), 0.5, 0.5), samples.RED, by=4)
    assert most - before < 40
    assert together == 1, "one at a time"
    assert not children()


async def test_a_large_picture_that_is_damaged_is_refused_with_its_reason() -> None:
    upload = large("PNG", compress_level=1)

    with pytest.raises(PictureRefused, match="incomplete or damaged"):
        await PillowPictures().avatar(upload[: len(upload) // 2])


async def test_more_than_a_few_waiting_pictures_are_refused_at_once() -> None:
    pictures, upload = PillowPictures(), samples.plain("PNG", (1500, 1500), samples.RED)
    waiting = [asyncio.create_task(pictures.avatar(upload)) for _ in range(WAITING_MAXIMUM)]
    await asyncio.sleep(0)

    with pytest.raises(PicturesBusy), RunningTime() as took:
        await pictures.avatar(upload)
    assert took.seconds < 0.2

    await asyncio.gather(*waiting)
    assert decoded(await pictures.avatar(upload))


async def test_a_cancelled_upload_ends_its_child_and_lets_the_next_one_go_on() -> None:
    pictures, upload = PillowPictures(), large("PNG", compress_level=1)
    work = asyncio.create_task(pictures.avatar(upload))
    await a_child()

    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work

    assert not children()
    assert decoded(await pictures.avatar(samples.plain("PNG", (300, 300), samples.RED)))


async def test_a_picture_that_takes_too_long_is_refused() -> None:
    with pytest.raises(PictureRefused, match="takes too long"):
        await PillowPictures(timeout_s=0.05).avatar(large("PNG", compress_level=1))

    assert not children()


async def test_a_child_gets_no_secret_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEHOUR_SECRET_KEY", "hush")
    work = asyncio.create_task(PillowPictures().avatar(large("PNG", compress_level=1)))
    environment = environment_of(await a_child())

    assert b"PYTHONPATH" in environment
    assert b"hush" not in environment
    await work
