"""Pictures with Pillow: small ones in a thread, large ones in a child process, one at a time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, Process
from concurrent.futures import ThreadPoolExecutor

from adapters.pillow.child import DONE, REFUSED
from adapters.pillow.decoding import avatar_of, pixels_of
from ports.pictures import PictureRefused, Pictures, PicturesBusy

SMALL_PIXELS = 4_000_000
"""Decoded in this process: 16 MB in memory, for a WebP four times as much."""
WAITING_MAXIMUM = 8
"""Uploads in memory, of up to 5 MB each: more are refused, to be sent again."""
TIMEOUT_S = 60.0
"""A picture of 50 megapixels takes about five seconds on one processor."""


class PillowPictures(Pictures):
    """One picture at a time. Decoding one of 50 megapixels takes 160 MB of memory for a progressive
    JPEG, 210 MB for a PNG and 780 MB for a WebP, whose decoder makes several copies. So large
    pictures are decoded in a child process, which gives all of it back and cannot harm this one.
    The figures are in docs/performance.md."""

    def __init__(self, *, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pictures")
        self._gate = asyncio.Semaphore(1)
        self._waiting = 0

    async def avatar(self, upload: bytes) -> bytes:
        if self._waiting >= WAITING_MAXIMUM:
            raise PicturesBusy
        self._waiting += 1
        try:
            async with self._gate:
                return await self._decoded(upload)
        finally:
            self._waiting -= 1

    async def _decoded(self, upload: bytes) -> bytes:
        loop = asyncio.get_running_loop()
        if await loop.run_in_executor(self._thread, pixels_of, upload) > SMALL_PIXELS:
            return await _in_child(upload, self._timeout_s)
        return await loop.run_in_executor(self._thread, avatar_of, upload)


async def _in_child(upload: bytes, timeout_s: float) -> bytes:
    """Raises `PictureRefused`. The child ends with the call, also when that is cancelled, and with
    this process, because its input ends."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "adapters.pillow.child", stdin=PIPE, stdout=PIPE, env=_environment()
    )
    try:
        async with asyncio.timeout(timeout_s):
            out, _ = await child.communicate(upload)
    except TimeoutError as error:
        raise PictureRefused("This picture takes too long to read. Choose another.") from error
    finally:
        await _end(child)
    kind, answer = out[:1], out[1:]
    if kind == DONE:
        return answer
    sentence = answer.decode() if kind == REFUSED else ""
    raise PictureRefused(sentence or "This picture cannot be read. Choose another.")


async def _end(child: Process) -> None:
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()


def _environment() -> dict[str, str]:
    """Where modules are found, and no secret of this process."""
    return {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PATH": os.defpath}
