"""The contract of every `ports.storage.Storage`; adapter authors inherit `StorageContract`."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from core.errors import Invalid
from onehour.testing.storage_links import StorageLinksContract
from onehour.testing.storage_parts import StoragePartsContract
from onehour.testing.storage_setup import (
    ServedStorageSetup,
    StorageSetup,
    a_key,
    an_upload,
    chunks,
    content_of,
    keys_in,
    uploaded,
)
from ports.storage import (
    PART_SIZE,
    PUT_MAXIMUM,
    SIZE_MAXIMUM,
    Area,
    Head,
    ObjectUnknown,
    PartsMissing,
    StorageRefused,
    StorageUnavailable,
    WrongKey,
    WrongSize,
)

__all__ = ["ServedStorageSetup", "StorageContract", "StorageSetup", "a_key", "an_upload"]

HELLO = b"Hello, files: \x00\xff\r\n\r\n--"
PDF = "application/pdf"


class StorageContract(StorageLinksContract, StoragePartsContract):
    """Inherit it and provide the fixture `storage_setup`."""

    port = "storage"

    @pytest.fixture
    def storage_setup(self) -> StorageSetup:
        raise NotImplementedError

    async def test_an_uploaded_file_is_read_back_unchanged(
        self, storage_setup: StorageSetup
    ) -> None:
        storage = storage_setup.storage
        upload = an_upload(len(HELLO))

        await uploaded(storage_setup, upload, HELLO)

        assert await storage.head(upload.key) == Head(len(HELLO), PDF)
        assert await content_of(storage, upload.key) == HELLO

    async def test_completing_what_was_never_sent_names_the_missing_part(
        self, storage_setup: StorageSetup
    ) -> None:
        upload = an_upload(5)
        await storage_setup.storage.put_link(upload)

        with pytest.raises(PartsMissing) as missing:
            await storage_setup.storage.complete(upload)

        assert missing.value.numbers == (1,)

    async def test_a_copy_has_the_bytes_and_the_type(self, storage_setup: StorageSetup) -> None:
        storage = storage_setup.storage
        upload, first, final = an_upload(len(HELLO)), a_key(Area.FINAL), a_key(Area.FINAL)
        await uploaded(storage_setup, upload, HELLO)

        await storage.copy(upload.key, first)
        await storage.copy(first, final)
        await storage.delete(upload.key)
        await storage.delete(first)

        assert await storage.head(upload.key) is None
        assert await storage.head(final) == Head(len(HELLO), PDF)
        assert await content_of(storage, final) == HELLO

    @pytest.mark.parametrize("size", [5, PART_SIZE, PART_SIZE + 5])
    async def test_the_application_sends_what_a_form_has_brought(
        self, storage_setup: StorageSetup, size: int
    ) -> None:
        storage, upload = storage_setup.storage, an_upload(size)
        content = (bytes(range(1, 252)) * (size // 251 + 1))[:size]  # no part equals another

        await storage.send(upload, chunks(content))

        await storage.complete(upload)
        assert await storage.head(upload.key) == Head(size, PDF)
        assert await content_of(storage, upload.key) == content

    @pytest.mark.parametrize("size", [5, PART_SIZE + 5])
    @pytest.mark.parametrize("more", [-1, 1])
    async def test_what_a_form_has_brought_has_the_announced_size(
        self, storage_setup: StorageSetup, size: int, more: int
    ) -> None:
        storage, upload = storage_setup.storage, an_upload(size)

        with pytest.raises(WrongSize):
            await storage.send(upload, chunks(bytes(size + more)))

        assert await storage.head(upload.key) is None

    async def test_what_is_final_is_never_replaced(self, storage_setup: StorageSetup) -> None:
        storage = storage_setup.storage
        copied, put = a_key(Area.FINAL), a_key(Area.FINAL, "-preview")
        first, second = an_upload(5), an_upload(6, "image/png")
        await uploaded(storage_setup, first, b"first")
        await uploaded(storage_setup, second, b"second")
        await storage.copy(first.key, copied)
        await storage.put(put, b"first", PDF)

        await storage.copy(second.key, copied)
        await storage.put(copied, b"second", "image/png")
        await storage.put(put, b"second", "image/png")
        await storage.copy(second.key, put)

        for key in (copied, put):
            assert await storage.head(key) == Head(5, PDF)
            assert await content_of(storage, key) == b"first"

    async def test_the_application_writes_nothing_into_the_quarantine(
        self, storage_setup: StorageSetup
    ) -> None:
        storage = storage_setup.storage
        source = a_key(Area.FINAL)
        await storage.put(source, b"x", PDF)

        with pytest.raises(WrongKey):
            await storage.put(a_key(), b"x", PDF)
        with pytest.raises(WrongKey):
            await storage.copy(source, a_key())

    async def test_small_bytes_have_a_limit(self, storage_setup: StorageSetup) -> None:
        key = a_key(Area.FINAL)

        with pytest.raises(StorageRefused):
            await storage_setup.storage.put(key, bytes(PUT_MAXIMUM + 1), PDF)

        assert await storage_setup.storage.head(key) is None

    async def test_what_does_not_exist(self, storage_setup: StorageSetup) -> None:
        storage = storage_setup.storage
        nobody = a_key()

        assert await storage.head(nobody) is None
        await storage.delete(nobody)
        await storage.abort(nobody)
        with pytest.raises(ObjectUnknown):
            await content_of(storage, nobody)
        with pytest.raises(ObjectUnknown):
            await storage.copy(nobody, a_key(Area.FINAL))

    @pytest.mark.parametrize(
        ("start", "length", "expected"),
        [
            (0, None, b"0123456789"), (3, None, b"3456789"), (0, 4, b"0123"), (3, 4, b"3456"),
            (9, 1, b"9"), (8, 100, b"89"), (9, None, b"9"), (10, None, b""), (10, 5, b""),
            (500, 5, b""), (4, 0, b""),
        ],
    )  # fmt: skip
    async def test_a_range_is_read(
        self, storage_setup: StorageSetup, start: int, length: int | None, expected: bytes
    ) -> None:
        key = a_key(Area.FINAL)
        await storage_setup.storage.put(key, b"0123456789", PDF)

        found = await content_of(storage_setup.storage, key, start=start, length=length)

        assert found == expected

    async def test_reading_may_end_early(self, storage_setup: StorageSetup) -> None:
        storage = storage_setup.storage
        key = a_key(Area.FINAL)
        content = bytes(range(256)) * 8192
        await storage.put(key, content, PDF)

        for _ in range(40):  # more often than there are connections
            async with storage.open(key) as chunks:
                async for chunk in chunks:
                    assert content.startswith(chunk)
                    break

        assert await content_of(storage, key) == content

    async def test_every_object_is_listed_once(self, storage_setup: StorageSetup) -> None:
        storage = storage_setup.storage
        ours = sorted([a_key(Area.FINAL) for _ in range(5)] + [a_key(Area.FINAL, "-preview")])
        for key in ours:
            await storage.put(key, b"123", PDF)
        upload = an_upload(1)
        await uploaded(storage_setup, upload, b"1")

        for limit in (2, 3, 1000):
            found = await keys_in(storage, Area.FINAL, limit=limit)
            assert [key for key in found if key in ours] == ours
            assert len(set(found)) == len(found)
            assert upload.key not in found
        assert upload.key in await keys_in(storage, Area.QUARANTINE)

    async def test_a_list_has_sizes_and_times(self, storage_setup: StorageSetup) -> None:
        storage = storage_setup.storage
        key = a_key(Area.FINAL)
        await storage.put(key, b"123", PDF)

        page = await storage.list(Area.FINAL, limit=1000)

        (listed,) = [each for each in page.objects if each.key == key]
        assert listed.size == 3
        assert abs(listed.modified - storage_setup.now()) < timedelta(minutes=5)

    async def test_simultaneous_uploads_leave_one_whole_file(
        self, storage_setup: StorageSetup
    ) -> None:
        upload = an_upload(200_000)
        link = await storage_setup.storage.put_link(upload)
        contents = [bytes([number]) * 200_000 for number in range(6)]

        statuses = await asyncio.gather(*(storage_setup.send(link, each) for each in contents))

        assert any(status < 300 for status in statuses)
        await storage_setup.storage.complete(upload)
        assert await content_of(storage_setup.storage, upload.key) in contents

    async def test_a_storage_that_is_away_is_unavailable(self, storage_setup: StorageSetup) -> None:
        upload = an_upload(1)
        away = await storage_setup.disconnect()

        answers = await asyncio.gather(
            away.head(upload.key),
            away.begin(upload),
            away.complete(upload),
            away.put(a_key(Area.FINAL), b"x", PDF),
            content_of(away, upload.key),
            away.list(Area.FINAL),
            away.delete(upload.key),
            return_exceptions=True,
        )

        assert [type(answer) for answer in answers] == [StorageUnavailable] * 7
        await away.close()

    @pytest.mark.parametrize("size", [-1, 0, SIZE_MAXIMUM + 1])
    def test_the_size_of_an_upload_is_limited(self, size: int) -> None:
        with pytest.raises(Invalid):
            an_upload(size)
