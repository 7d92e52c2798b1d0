"""What the contract of file storages needs of an adapter: a setup with a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from adapters.memory.clock import FixedClock
from adapters.system.clock import RandomIds
from core.errors import OneHourError
from ports.storage import Area, Key, Link, LinkRefused, Storage, Upload, UploadUnknown, WrongSize
from ports.storage_links import LINK_PATH, ServesLinks

CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer to a download; the names of headers are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""


def a_key(area: Area = Area.QUARANTINE, suffix: str = "") -> Key:
    """A key that nobody else has: servers can be shared."""
    return Key(area, RandomIds().new("fil") + suffix)


def an_upload(size: int, content_type: str = "application/pdf") -> Upload:
    return Upload(key=a_key(), size=size, content_type=content_type)


class StorageSetup(Protocol):
    """The storage under test, and a browser that uses its links."""

    @property
    def storage(self) -> Storage: ...

    @property
    def lists_unfinished(self) -> bool:
        """Whether `sweep` finds uploads in parts; else the server itself removes old ones."""
        ...

    def now(self) -> datetime:
        """The time of the storage."""
        ...

    async def send(self, link: Link, body: bytes, **headers: str) -> int:
        """Sends the body with the headers of the link, or with these; returns the status."""
        ...

    async def send_half(self, link: Link, body: bytes) -> None:
        """The same, but the connection ends in the middle of the body."""
        ...

    async def fetch(self, url: str) -> Fetched:
        """GET, as a browser that follows a link."""
        ...

    async def pass_time(self, seconds: float) -> None:
        """Sets the clock forward, or waits."""
        ...

    async def disconnect(self) -> Storage:
        """The same storage, without its server or disk."""
        ...


class ConnectionCut(Exception):
    """The browser has gone."""


class ServedStorage(Storage, ServesLinks, Protocol):
    """A storage whose links lead to the application."""


@dataclass
class ServedStorageSetup:
    """Answers links as the application does, for adapters that implement `ServesLinks`. Derived
    classes add `disconnect`."""

    storage: ServedStorage
    clock: FixedClock
    lists_unfinished: bool = True

    def now(self) -> datetime:
        return self.clock.now()

    async def send(self, link: Link, body: bytes, **headers: str) -> int:
        given = headers or {"content_type": link.headers.get("Content-Type", "")}
        try:
            await self.storage.receive(
                token_of(link.url), chunks(body), content_type=given.get("content_type") or None
            )
        except (LinkRefused, WrongSize, UploadUnknown) as refused:
            return status_of(refused)
        return 204

    async def send_half(self, link: Link, body: bytes) -> None:
        async def cut() -> AsyncIterator[bytes]:
            async for chunk in chunks(body[: len(body) // 2]):
                yield chunk
            raise ConnectionCut

        try:
            await self.storage.receive(
                token_of(link.url), cut(), content_type=link.headers.get("Content-Type")
            )
        except ConnectionCut:
            return
        raise AssertionError("half a body was accepted")

    async def fetch(self, url: str) -> Fetched:
        try:
            download = self.storage.download(token_of(url))
        except LinkRefused as refused:
            return Fetched(status_of(refused))
        headers = {
            "content-type": download.content_type,
            "content-disposition": download.disposition,
        }
        async with self.storage.open(download.key) as content:
            return Fetched(200, headers, b"".join([chunk async for chunk in content]))

    async def pass_time(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))


def token_of(url: str) -> str:
    return url.partition(f"{LINK_PATH}/")[2]


def status_of(refused: OneHourError) -> int:
    return {LinkRefused: 403, WrongSize: 400, UploadUnknown: 404}[type(refused)]


async def chunks(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), CHUNK):
        yield body[start : start + CHUNK]


async def content_of(
    storage: Storage, key: Key, *, start: int = 0, length: int | None = None
) -> bytes:
    async with storage.open(key, start=start, length=length) as found:
        return b"".join([chunk async for chunk in found])


async def keys_in(storage: Storage, area: Area, *, limit: int = 500) -> list[Key]:
    """All keys of an area, page by page, sorted."""
    found: list[Key] = []
    cursor: str | None = None
    while True:
        page = await storage.list(area, cursor=cursor, limit=limit)
        assert len(page.objects) <= limit
        found += [listed.key for listed in page.objects]
        cursor = page.next
        if cursor is None:
            return sorted(found)


async def uploaded(setup: StorageSetup, upload: Upload, content: bytes) -> None:
    """Uploads a whole file as a browser does, and completes it."""
    link = await setup.storage.put_link(upload)
    assert await setup.send(link, content) < 300
    await setup.storage.complete(upload)
