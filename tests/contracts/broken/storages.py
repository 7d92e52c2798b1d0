"""File storages that each break one promise."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from adapters.memory.storage import MemoryStorage
from ports.storage import (
    UPLOAD_LIFE,
    Area,
    Head,
    Key,
    Link,
    Listing,
    PartsMissing,
    Upload,
    UploadId,
    UploadUnknown,
)
from tests.contracts.broken.suite import breaks


@breaks("what_is_final_is_never_replaced")
class TheLastCopyWins(MemoryStorage):
    async def copy(self, source: Key, target: Key) -> None:
        if target in self.objects and source in self.objects:
            del self.objects[target]
        await super().copy(source, target)


@breaks("a_copy_has_the_bytes_and_the_type")
class CopiesWithoutTheType(MemoryStorage):
    """Those of what is final."""

    async def copy(self, source: Key, target: Key) -> None:
        await super().copy(source, target)
        found = self.objects[target]
        if source.area is not Area.FINAL:
            return
        self.objects[target] = replace(found, content_type="application/octet-stream")


@breaks("small_bytes_have_a_limit")
class PutsAnySize(MemoryStorage):
    async def put(self, key: Key, content: bytes, content_type: str) -> None:
        self._check()
        key.check_final()
        if key not in self.objects:
            self._store(key, content, content_type)


@breaks("a_range_is_read", "thirty_megabytes_in_parts")
class RangesWithTheirEnd(MemoryStorage):
    """The end of a range is one byte too far, as in HTTP."""

    @asynccontextmanager
    async def open(
        self, key: Key, *, start: int = 0, length: int | None = None
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        longer = None if length is None else length + 1
        async with super().open(key, start=start, length=longer) as chunks:
            yield chunks


@breaks("every_object_is_listed_once")
class ListsTheLastOfAPageAgain(MemoryStorage):
    async def list(self, area: Area, *, cursor: str | None = None, limit: int = 500) -> Listing:
        found = await super().list(area, cursor=cursor, limit=limit)
        if found.next is None or len(found.objects) < 2:
            return found
        return replace(found, next=found.objects[-2].key.name)


@breaks("a_list_has_sizes_and_times")
class ListsWithoutSizes(MemoryStorage):
    async def list(self, area: Area, *, cursor: str | None = None, limit: int = 500) -> Listing:
        found = await super().list(area, cursor=cursor, limit=limit)
        return replace(found, objects=[replace(each, size=0) for each in found.objects])


@breaks(
    "completing_what_was_never_sent_names_the_missing_part", "an_upload_that_was_cut_leaves_nothing"
)
class MissingIsUnknown(MemoryStorage):
    async def complete(self, upload: Upload, upload_id: UploadId | None = None) -> None:
        if upload_id is None and upload.key not in self.objects and not self.down:
            raise UploadUnknown
        await super().complete(upload, upload_id)


@breaks("parts_that_are_not_stored_are_named_and_can_be_sent_later")
class NamesOneMissingPart(MemoryStorage):
    async def complete(self, upload: Upload, upload_id: UploadId | None = None) -> None:
        try:
            await super().complete(upload, upload_id)
        except PartsMissing as missing:
            raise PartsMissing(missing.numbers[:1]) from None


@breaks("unfinished_uploads_are_swept_when_they_are_old")
class SweepsEverything(MemoryStorage):
    async def sweep(self, before: datetime) -> int:
        return await super().sweep(before + timedelta(days=1))


@breaks("an_aborted_upload_has_ended")
class AbortsAllUploads(MemoryStorage):
    async def abort(self, key: Key) -> None:
        self._check()
        self.uploads = {}


@breaks("the_id_of_another_upload_is_unknown")
class AnyUploadOfAnId(MemoryStorage):
    async def parts(self, upload: Upload, upload_id: UploadId) -> Mapping[int, int]:
        found = self.uploads.get(upload_id)
        return await super().parts(found.upload if found else upload, upload_id)


@breaks("a_completed_upload_has_ended")
class KeepsCompletedUploads(MemoryStorage):
    def _join(self, upload: Upload, upload_id: UploadId) -> None:
        kept = self.uploads[upload_id]
        super()._join(upload, upload_id)
        self.uploads[upload_id] = kept


@breaks("what_a_form_has_brought_has_the_announced_size")
class CutsWhatAFormBrings(MemoryStorage):
    async def send(self, upload: Upload, chunks: AsyncIterator[bytes]) -> None:
        self._check()
        content = b"".join([chunk async for chunk in chunks])
        self._store(upload.key, content[: upload.size].ljust(upload.size), upload.content_type)


@breaks("a_link_expires")
class LinksLiveLonger(MemoryStorage):
    async def put_link(self, upload: Upload, *, life: timedelta = UPLOAD_LIFE) -> Link:
        return await super().put_link(upload, life=life + timedelta(days=1))


@breaks("a_storage_that_is_away_is_unavailable")
class AwayIsUnknown(MemoryStorage):
    async def head(self, key: Key) -> Head | None:
        return None if self.down else await super().head(key)
