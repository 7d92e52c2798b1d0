"""File storages that each break one promise about links, parts and keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

from adapters.memory.storage import MemoryStorage, StoredObject
from core.errors import Invalid
from ports.clock import Clock
from ports.storage import (
    DOWNLOAD_LIFE,
    PART_SIZE,
    UPLOAD_LIFE,
    Key,
    Link,
    LinkRefused,
    ObjectUnknown,
    StorageUnavailable,
    Upload,
    UploadId,
    WrongKey,
    WrongSize,
)
from ports.storage_links import Download, Grant, LinkSigner
from tests.contracts.broken.suite import breaks


@breaks("a_link_takes_the_announced_type_only")
class AnyTypeForALink(MemoryStorage):
    def __init__(self, links: LinkSigner, clock: Clock) -> None:
        super().__init__(_AnyType(links.base_url, links.secret, clock), clock)


class _AnyType(LinkSigner):
    def read_upload(self, token: str, content_type: str | None) -> Grant:
        grant = self._read(token)
        return super().read_upload(token, grant.content_type or content_type)


@breaks("a_link_is_for_one_key")
class UnsignedLinks(MemoryStorage):
    def __init__(self, links: LinkSigner, clock: Clock) -> None:
        super().__init__(_Unsigned(links.base_url, links.secret, clock), clock)


class _Unsigned(LinkSigner):
    """A signature that ends wrongly is good as well."""

    def _read(self, token: str) -> Grant:
        content, _, _ = token.partition(".")
        try:
            return super()._read(token)
        except LinkRefused:
            if not token.endswith("0000"):
                raise
            return super()._read(f"{content}.{_signature(self, content)}")


def _signature(links: LinkSigner, content: str) -> str:
    from ports.storage_links import _bytes, _text

    return _text(links._mac(_bytes(content)))


@breaks("a_link_takes_the_announced_size_only")
class ShortFilesByLink(MemoryStorage):
    """Stores what has come when a body ends too early."""

    async def receive(
        self, token: str, body: AsyncIterator[bytes], *, content_type: str | None = None
    ) -> None:
        upload = self.links.read_upload(token, content_type).upload
        came = bytearray()

        async def kept() -> AsyncIterator[bytes]:
            async for chunk in body:
                came.extend(chunk)
                yield chunk

        try:
            await super().receive(token, kept(), content_type=content_type)
        except WrongSize:
            if 0 < len(came) < upload.size <= 100_000:
                self._store(upload.key, bytes(came), upload.content_type)
            raise


@breaks("an_upload_that_was_cut_leaves_nothing")
class KeepsWhatWasCut(MemoryStorage):
    async def receive(
        self, token: str, body: AsyncIterator[bytes], *, content_type: str | None = None
    ) -> None:
        grant = self.links.read_upload(token, content_type)
        try:
            await super().receive(token, body, content_type=content_type)
        except WrongSize:
            raise
        except Exception:
            if not grant.part:
                self._store(grant.upload.key, b"half", grant.upload.content_type)
            raise


@breaks("the_link_of_a_part_takes_its_size_only")
class PartsOfAnySize(MemoryStorage):
    async def receive(
        self, token: str, body: AsyncIterator[bytes], *, content_type: str | None = None
    ) -> None:
        grant = self.links.read_upload(token, content_type)
        if not grant.part:
            await super().receive(token, body, content_type=content_type)
            return
        content = b"".join([chunk async for chunk in body])
        self._unfinished(grant.upload, UploadId(grant.upload_id))[grant.part] = content


@breaks("a_link_to_upload_reads_nothing")
class LinksForAllPurposes(MemoryStorage):
    def download(self, token: str) -> Download:
        grant = self.links._read(token)
        if grant.purpose == "get":
            return super().download(token)
        return Download(Key.parse(grant.key), grant.content_type, "attachment")


@breaks("links_neither_write_what_is_final_nor_read_the_quarantine")
class DownloadsFromTheQuarantine(MemoryStorage):
    async def download_link(
        self, key: Key, *, filename: str, content_type: str, life: timedelta = DOWNLOAD_LIFE
    ) -> Link:
        return self.links.get(key, filename, content_type, life)


@breaks("a_download_is_an_attachment_with_the_name_and_the_type")
class ShowsDownloads(MemoryStorage):
    def download(self, token: str) -> Download:
        found = super().download(token)
        return replace(found, disposition=found.disposition.replace("attachment", "inline"))


@breaks("a_link_used_again_later_cannot_change_what_is_final")
class CopiesAreTheSameObject(MemoryStorage):
    """A copy refers to the object it was made of, as a symbolic link does."""

    def __init__(self, links: LinkSigner, clock: Clock) -> None:
        super().__init__(links, clock)
        self.copies: dict[Key, Key] = {}

    async def copy(self, source: Key, target: Key) -> None:
        await super().copy(source, target)
        self.copies.setdefault(source, target)

    def _store(self, key: Key, content: bytes, content_type: str) -> None:
        super()._store(key, content, content_type)
        if key in self.copies:
            super()._store(self.copies[key], content, content_type)


@breaks("the_application_writes_nothing_into_the_quarantine")
class PutsIntoTheQuarantine(MemoryStorage):
    async def copy(self, source: Key, target: Key) -> None:
        try:
            await super().copy(source, target)
        except WrongKey:
            self.objects[target] = self._object(source)


@breaks("what_does_not_exist")
class DeletesWhatIsThere(MemoryStorage):
    async def delete(self, key: Key) -> None:
        self._check()
        if key not in self.objects:
            raise ObjectUnknown
        await super().delete(key)


@breaks("reading_may_end_early")
class TwentyConnections(MemoryStorage):
    """One whose reader ends early is never given back."""

    free = 20

    @asynccontextmanager
    async def open(
        self, key: Key, *, start: int = 0, length: int | None = None
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        if not self.free:
            raise StorageUnavailable
        async with super().open(key, start=start, length=length) as chunks:
            yield self._counted(chunks, self.objects[key])

    async def _counted(
        self, chunks: AsyncIterator[bytes], found: StoredObject
    ) -> AsyncIterator[bytes]:
        self.free -= 1
        read = 0
        async for chunk in chunks:
            read += len(chunk)
            if read == len(found.content):
                self.free += 1
            yield chunk


@breaks("simultaneous_uploads_leave_one_whole_file")
class WritesInPlace(MemoryStorage):
    """The second half of a file is that of another one, if both come at the same time."""

    def __init__(self, links: LinkSigner, clock: Clock) -> None:
        super().__init__(links, clock)
        self.coming: list[Key] = []

    async def receive(
        self, token: str, body: AsyncIterator[bytes], *, content_type: str | None = None
    ) -> None:
        key = self.links.read_upload(token, content_type).upload.key

        async def slowly() -> AsyncIterator[bytes]:
            async for chunk in body:
                await asyncio.sleep(0)
                yield chunk

        self.coming.append(key)
        try:
            await super().receive(token, slowly(), content_type=content_type)
        finally:
            self.coming.remove(key)
        if key in self.coming:
            found = self.objects[key]
            half = len(found.content) // 2
            self.earlier = found.content[half:]
        elif hasattr(self, "earlier"):
            found = self.objects[key]
            mixed = found.content[: len(found.content) // 2] + self.earlier
            self.objects[key] = replace(found, content=mixed)


@breaks("a_part_can_be_sent_again")
class TheFirstPartCounts(MemoryStorage):
    async def receive(
        self, token: str, body: AsyncIterator[bytes], *, content_type: str | None = None
    ) -> None:
        grant = self.links.read_upload(token, content_type)
        parts: Mapping[int, bytes] = {}
        if grant.part:
            parts = dict(self._unfinished(grant.upload, UploadId(grant.upload_id)))
        await super().receive(token, body, content_type=content_type)
        if grant.part in parts:
            found = self._unfinished(grant.upload, UploadId(grant.upload_id))
            found[grant.part] = parts[grant.part]


@breaks("an_upload_has_no_further_parts")
class AnyNumberOfParts(MemoryStorage):
    async def part_link(
        self, upload: Upload, upload_id: UploadId, number: int, *, life: timedelta = UPLOAD_LIFE
    ) -> Link:
        try:
            return await super().part_link(upload, upload_id, number, life=life)
        except Invalid:
            return await super().part_link(upload, upload_id, 1, life=life)


@breaks("an_upload_goes_on_after_a_reload")
class CountsPartsUpToAGap(MemoryStorage):
    async def parts(self, upload: Upload, upload_id: UploadId) -> Mapping[int, int]:
        found = await super().parts(upload, upload_id)
        return {n: size for n, size in found.items() if all(i in found for i in range(1, n))}


@breaks("the_application_sends_what_a_form_has_brought")
class SendsWithoutTheLastPart(MemoryStorage):
    """What is longer than one part."""

    async def send(self, upload: Upload, chunks: AsyncIterator[bytes]) -> None:
        await super().send(upload, chunks)
        found = self.objects[upload.key]
        self.objects[upload.key] = replace(found, content=_cut(found.content))


def _cut(content: bytes) -> bytes:
    rest = len(content) % PART_SIZE
    is_longer = len(content) > PART_SIZE and rest
    return content[:-rest] + bytes(rest) if is_longer else content


@breaks("unfinished_uploads_are_swept_when_they_are_old")
class SweepsNothing(MemoryStorage):
    async def sweep(self, before: object) -> int:
        self._check()
        return 0
