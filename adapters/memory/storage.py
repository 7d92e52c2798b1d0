"""A file storage in memory, whose links lead to the application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ports.clock import Clock
from ports.storage import (
    CHUNK_SIZE,
    DOWNLOAD_LIFE,
    PUT_MAXIMUM,
    UPLOAD_LIFE,
    Area,
    Head,
    Key,
    Link,
    Listed,
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
from ports.storage_links import Download, LinkSigner, ServesLinks


@dataclass(frozen=True, slots=True)
class StoredObject:
    content: bytes
    content_type: str
    modified: datetime


@dataclass(slots=True)
class Unfinished:
    upload: Upload
    began: datetime
    parts: dict[int, bytes] = field(default_factory=dict)


class MemoryStorage(Storage, ServesLinks):
    """`objects` has what is stored. While `down` is True, every call raises
    `StorageUnavailable`."""

    def __init__(self, links: LinkSigner, clock: Clock) -> None:
        self.links = links
        self.clock = clock
        self.objects: dict[Key, StoredObject] = {}
        self.uploads: dict[UploadId, Unfinished] = {}
        self.down = False
        self._begun = 0

    @property
    def origins(self) -> Sequence[str]:
        return ()

    async def put_link(self, upload: Upload, *, life: timedelta = UPLOAD_LIFE) -> Link:
        return self.links.put(upload, life)

    async def begin(self, upload: Upload) -> UploadId:
        self._check()
        self._begun += 1
        upload_id = UploadId(f"{self._begun:032x}")
        self.uploads[upload_id] = Unfinished(upload, self.clock.now())
        return upload_id

    async def part_link(
        self, upload: Upload, upload_id: UploadId, number: int, *, life: timedelta = UPLOAD_LIFE
    ) -> Link:
        return self.links.part(upload, upload_id, number, life)

    async def parts(self, upload: Upload, upload_id: UploadId) -> Mapping[int, int]:
        self._check()
        return {n: len(part) for n, part in sorted(self._unfinished(upload, upload_id).items())}

    async def complete(self, upload: Upload, upload_id: UploadId | None = None) -> None:
        self._check()
        if upload_id is not None and upload_id in self.uploads:
            self._join(upload, upload_id)
        head = await self.head(upload.key)
        if head is None:
            raise PartsMissing([1]) if upload_id is None else UploadUnknown
        if head.size != upload.size:
            raise WrongSize

    def _join(self, upload: Upload, upload_id: UploadId) -> None:
        parts = self._unfinished(upload, upload_id)
        wrong = [n for n, size in upload.part_sizes.items() if len(parts.get(n, b"")) != size]
        if wrong:
            raise PartsMissing(wrong)
        self._store(upload.key, b"".join(parts[n] for n in sorted(parts)), upload.content_type)
        del self.uploads[upload_id]

    async def abort(self, key: Key) -> None:
        self._check()
        self.uploads = {i: each for i, each in self.uploads.items() if each.upload.key != key}

    async def send(self, upload: Upload, chunks: AsyncIterator[bytes]) -> None:
        self._check()
        content = await _whole(chunks, upload.size)
        self._store(upload.key, content, upload.content_type)

    async def put(self, key: Key, content: bytes, content_type: str) -> None:
        self._check()
        key.check_final()
        if len(content) > PUT_MAXIMUM:
            raise StorageRefused
        if key not in self.objects:
            self._store(key, content, content_type)

    async def copy(self, source: Key, target: Key) -> None:
        self._check()
        target.check_final()
        if target not in self.objects:
            found = self._object(source)
            self._store(target, found.content, found.content_type)

    async def head(self, key: Key) -> Head | None:
        self._check()
        found = self.objects.get(key)
        return Head(len(found.content), found.content_type) if found else None

    @asynccontextmanager
    async def open(
        self, key: Key, *, start: int = 0, length: int | None = None
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        self._check()
        content = self._object(key).content
        end = len(content) if length is None else start + length

        async def chunks() -> AsyncIterator[bytes]:
            part = content[start:end]
            for begin in range(0, len(part), CHUNK_SIZE):
                yield part[begin : begin + CHUNK_SIZE]

        yield chunks()

    async def download_link(
        self, key: Key, *, filename: str, content_type: str, life: timedelta = DOWNLOAD_LIFE
    ) -> Link:
        key.check_final()
        return self.links.get(key, filename, content_type, life)

    async def delete(self, key: Key) -> None:
        self._check()
        self.objects.pop(key, None)

    async def list(self, area: Area, *, cursor: str | None = None, limit: int = 500) -> Listing:
        self._check()
        keys = sorted(k for k in self.objects if k.area is area and k.name > (cursor or ""))
        page = [Listed(k, len(self.objects[k].content), self.objects[k].modified) for k in keys]
        more = len(page) > limit
        return Listing(page[:limit], keys[limit - 1].name if more else None)

    async def sweep(self, before: datetime) -> int:
        self._check()
        kept = {i: each for i, each in self.uploads.items() if each.began >= before}
        removed = len(self.uploads) - len(kept)
        self.uploads = kept
        return removed

    async def prepare(self, origin: str) -> Sequence[str]:
        self._check()
        return ()

    async def close(self) -> None:
        return None

    async def receive(
        self, token: str, body: AsyncIterator[bytes], *, content_type: str | None = None
    ) -> None:
        self._check()
        grant = self.links.read_upload(token, content_type)
        upload = grant.upload
        size = upload.part_size(grant.part) if grant.part else upload.size
        content = await _whole(body, size)
        if grant.part:
            self._unfinished(upload, UploadId(grant.upload_id))[grant.part] = content
        else:
            self._store(upload.key, content, upload.content_type)

    def download(self, token: str) -> Download:
        return self.links.read_download(token)

    def _check(self) -> None:
        if self.down:
            raise StorageUnavailable

    def _object(self, key: Key) -> StoredObject:
        if key not in self.objects:
            raise ObjectUnknown
        return self.objects[key]

    def _unfinished(self, upload: Upload, upload_id: UploadId) -> dict[int, bytes]:
        found = self.uploads.get(upload_id)
        if found is None or found.upload.key != upload.key:
            raise UploadUnknown
        return found.parts

    def _store(self, key: Key, content: bytes, content_type: str) -> None:
        self.objects[key] = StoredObject(content, content_type, self.clock.now())


async def _whole(chunks: AsyncIterator[bytes], size: int) -> bytes:
    content = bytearray()  # joining bytes again and again copies all that came before
    async for chunk in chunks:
        content += chunk
        if len(content) > size:
            raise WrongSize
    if len(content) != size:
        raise WrongSize
    return bytes(content)
