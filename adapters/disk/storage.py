"""A file storage in a folder. Its links lead to the application, which calls `receive` and `open`.

System calls run in threads of its own, so that a slow disk delays neither the event loop nor others
who use threads.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from adapters.disk import files
from adapters.disk.files import NewFile, OpenFile, place_of
from adapters.disk.folders import folder
from adapters.disk.listing import list_objects
from adapters.disk.uploads import UPLOADS, Uploads
from ports.storage import (
    CHUNK_SIZE,
    DOWNLOAD_LIFE,
    PUT_MAXIMUM,
    UPLOAD_LIFE,
    Area,
    Head,
    Key,
    Link,
    Listing,
    ObjectUnknown,
    PartsMissing,
    Storage,
    StorageRefused,
    StorageUnavailable,
    Upload,
    UploadId,
    UploadUnknown,
    WrongSize,
)
from ports.storage_links import Download, Grant, LinkSigner, ServesLinks

TIMEOUT_S = 60.0
"""For one step in a thread; the longest joins 100 MiB and waits until the disk has them."""
THREADS = 8
BUFFER = 1024 * 1024

T = TypeVar("T")


class DiskStorage(Storage, ServesLinks):
    """Keeps objects below `root`, which is created with the first file. Processes on several
    machines can share it by a network file system."""

    def __init__(self, root: Path, links: LinkSigner, *, of_another_host: bool = False) -> None:
        """`of_another_host`: links lead to another host than pages."""
        self._root = root
        self._origins = (links.origin,) if of_another_host else ()
        self._links = links
        self._uploads = Uploads(root)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="storage")

    @property
    def origins(self) -> Sequence[str]:
        return self._origins

    async def put_link(self, upload: Upload, *, life: timedelta = UPLOAD_LIFE) -> Link:
        return self._links.put(upload, life)

    async def begin(self, upload: Upload) -> UploadId:
        return await self._run(self._uploads.begin, upload.key)

    async def part_link(
        self, upload: Upload, upload_id: UploadId, number: int, *, life: timedelta = UPLOAD_LIFE
    ) -> Link:
        return self._links.part(upload, upload_id, number, life)

    async def parts(self, upload: Upload, upload_id: UploadId) -> Mapping[int, int]:
        return await self._run(self._uploads.sizes, upload.key, upload_id)

    async def complete(self, upload: Upload, upload_id: UploadId | None = None) -> None:
        unknown = False
        if upload_id is not None:
            try:
                await self._run(self._uploads.join, upload, upload_id)
            except UploadUnknown:  # perhaps because it is complete
                unknown = True
        head = await self.head(upload.key)
        if head is None:
            raise UploadUnknown if unknown else PartsMissing([1])
        if head.size != upload.size:
            raise WrongSize

    async def abort(self, key: Key) -> None:
        await self._run(self._uploads.abort, key)

    async def send(self, upload: Upload, chunks: AsyncIterator[bytes]) -> None:
        new = await self._run(NewFile, self._root, upload.content_type)
        try:
            await self._write(new, chunks, upload.size)
            await self._run(_publish_whole, new, upload.key)
        finally:
            await self._finish(new.discard)

    async def put(self, key: Key, content: bytes, content_type: str) -> None:
        key.check_final()
        if len(content) > PUT_MAXIMUM:
            raise StorageRefused
        await self._run(self._put, key, content, content_type)

    def _put(self, key: Key, content: bytes, content_type: str) -> None:
        new = NewFile(self._root, content_type)
        try:
            new.write(content)
            new.publish(place_of(key), key.name, replace=False, create=True)
        finally:
            new.discard()

    async def copy(self, source: Key, target: Key) -> None:
        target.check_final()
        if await self.head(target) is None:
            await self._run(files.copy, self._root, source, target)

    async def head(self, key: Key) -> Head | None:
        try:
            return await self._run(files.head_of, self._root, key)
        except ObjectUnknown:
            return None

    @asynccontextmanager
    async def open(
        self, key: Key, *, start: int = 0, length: int | None = None
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        file = await self._run(OpenFile.of, self._root, key)
        end = file.head.size if length is None else min(file.head.size, start + length)
        try:
            yield self._chunks(file, start, end)
        finally:
            await self._finish(file.close)

    async def _chunks(self, file: OpenFile, start: int, end: int) -> AsyncIterator[bytes]:
        while start < end:
            chunk = await self._run(file.read, start, min(CHUNK_SIZE, end - start))
            if not chunk:  # the file system has lost the end
                raise StorageUnavailable
            yield chunk
            start += len(chunk)

    async def download_link(
        self, key: Key, *, filename: str, content_type: str, life: timedelta = DOWNLOAD_LIFE
    ) -> Link:
        key.check_final()
        return self._links.get(key, filename, content_type, life)

    async def delete(self, key: Key) -> None:
        await self._run(files.remove, self._root, key)

    async def list(self, area: Area, *, cursor: str | None = None, limit: int = 500) -> Listing:
        return await self._run(list_objects, self._root, area, cursor, limit)

    async def sweep(self, before: datetime) -> int:
        return await self._run(self._uploads.sweep, before.timestamp())

    async def prepare(self, origin: str) -> Sequence[str]:
        await self._run(self._create_folders)
        return ()

    def _create_folders(self) -> None:
        areas = [(files.OBJECTS, area.value) for area in Area]
        for names in (*areas, (files.INCOMING,), (UPLOADS,)):
            with folder(self._root, *names, create=True):
                pass

    async def close(self) -> None:
        self._threads.shutdown(wait=False)

    async def receive(
        self, token: str, body: AsyncIterator[bytes], *, content_type: str | None = None
    ) -> None:
        grant = self._links.read_upload(token, content_type)
        upload = grant.upload
        if grant.part:
            await self._run(self._uploads.sizes, upload.key, UploadId(grant.upload_id))
        size = upload.part_size(grant.part) if grant.part else upload.size
        new = await self._run(NewFile, self._root, None if grant.part else upload.content_type)
        try:
            await self._write(new, body, size)
            await self._run(self._publish, new, grant)
        finally:
            await self._finish(new.discard)

    async def _write(self, new: NewFile, body: AsyncIterator[bytes], size: int) -> None:
        received, buffer = 0, bytearray()
        async for chunk in body:
            received += len(chunk)
            if received > size:
                raise WrongSize
            buffer += chunk
            if len(buffer) >= BUFFER:
                await self._run(new.write, buffer)
                buffer = bytearray()
        if received != size:
            raise WrongSize
        await self._run(new.write, buffer)

    def _publish(self, new: NewFile, grant: Grant) -> None:
        key = grant.upload.key
        if not grant.part:
            _publish_whole(new, key)
            return
        parts = self._uploads.place(key, UploadId(grant.upload_id))
        try:
            new.publish(parts, str(grant.part), replace=True, create=False)
        except FileNotFoundError:
            raise UploadUnknown from None

    def download(self, token: str) -> Download:
        return self._links.read_download(token)

    async def _run(self, step: Callable[..., T], *arguments: object) -> T:
        """Raises `StorageUnavailable` for what the file system reports, and after a time-out."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await loop.run_in_executor(self._threads, partial(step, *arguments))
        except (OSError, TimeoutError) as error:
            raise StorageUnavailable from error

    async def _finish(self, step: Callable[[], None]) -> None:
        """To the end, also when the task is cancelled meanwhile."""
        await asyncio.shield(self._run(step))


def _publish_whole(new: NewFile, key: Key) -> None:
    new.publish(place_of(key), key.name, replace=True, create=True)
