"""Sends files to clamd by its command INSTREAM (man clamd, "COMMANDS")."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

from adapters.clamd.settings import PORT
from ports.virus_scan import FINDING_MAXIMUM, TooLargeToScan, VirusScanner, VirusScanUnavailable

log = logging.getLogger(__name__)

INSTREAM = b"zINSTREAM\0"
"""The letter z: the command and the answer end with a null character."""
CHUNK = 256 * 1024
ANSWER_MAXIMUM = 4_096
CONNECTING_S = 5.0
AT_ONCE = 4
"""Files that are scanned at the same time; clamd has 10 threads by default (MaxThreads)."""
FOUND = re.compile(r"stream: (.*) FOUND")
CLEAN = "stream: OK"
TOO_LARGE = "size limit exceeded"
FAILURES = (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


class ClamdScanner(VirusScanner):
    """`url` is tcp://host[:port] or unix:///path. One connection for each file."""

    def __init__(self, url: str, *, timeout_s: float, size_maximum: int) -> None:
        self._url = urlsplit(url)
        self._timeout_s = timeout_s
        self._size_maximum = size_maximum
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def scan(self, path: Path) -> str | None:
        if (await asyncio.to_thread(path.stat)).st_size > self._size_maximum:
            raise TooLargeToScan
        async with self._gate:
            return _finding(await self._answer(path))

    async def _answer(self, path: Path) -> str:
        try:
            async with asyncio.timeout(self._timeout_s), self._connection() as (reader, writer):
                with contextlib.suppress(ConnectionError):  # clamd may answer and stop reading
                    await _send(path, writer)
                return (await reader.readuntil(b"\0"))[:-1].decode("utf-8", "replace")
        except FAILURES as error:
            raise VirusScanUnavailable from error

    @contextlib.asynccontextmanager
    async def _connection(
        self,
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        async with asyncio.timeout(CONNECTING_S):
            if self._url.scheme == "unix":
                reader, writer = await asyncio.open_unix_connection(
                    self._url.path, limit=ANSWER_MAXIMUM
                )
            else:
                reader, writer = await asyncio.open_connection(
                    self._url.hostname, self._url.port or PORT, limit=ANSWER_MAXIMUM
                )
        try:
            yield reader, writer
        finally:
            writer.transport.abort()


async def _send(path: Path, writer: asyncio.StreamWriter) -> None:
    """Chunks, each after its length; one of no length ends the file."""
    writer.write(INSTREAM)
    file = await asyncio.to_thread(path.open, "rb")
    try:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            writer.write(struct.pack("!I", len(chunk)) + chunk)
            await writer.drain()
        writer.write(struct.pack("!I", 0))
        await writer.drain()
    finally:
        file.close()


def _finding(answer: str) -> str | None:
    """Raises `TooLargeToScan`, and `VirusScanUnavailable` for every other answer."""
    if answer == CLEAN:
        return None
    if found := FOUND.fullmatch(answer):
        return CONTROL.sub("", found[1])[:FINDING_MAXIMUM] or "unknown"
    if TOO_LARGE in answer:
        log.warning("clamd refuses a file by its StreamMaxLength: raise it to 100M in clamd.conf")
        raise TooLargeToScan
    log.warning("clamd answers with an error: %s", CONTROL.sub("", answer)[:FINDING_MAXIMUM])
    raise VirusScanUnavailable
