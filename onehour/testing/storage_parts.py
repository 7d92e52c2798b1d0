"""The part of the contract of file storages about uploads in parts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.errors import Invalid
from onehour.testing.storage_setup import StorageSetup, an_upload, content_of
from onehour.testing.suite import Contract
from ports.storage import (
    MIB,
    PART_SIZE,
    Head,
    PartsMissing,
    Upload,
    UploadId,
    UploadUnknown,
)

ZIP = "application/zip"
TAIL = 12_345


def _upload(size: int) -> Upload:
    return an_upload(size, ZIP)


def _part(upload: Upload, number: int) -> bytes:
    """Content that differs from part to part."""
    return bytes([number, 255 - number]) * (upload.part_size(number) // 2) + (
        b"\n" * (upload.part_size(number) % 2)
    )


async def _sent(setup: StorageSetup, upload: Upload, upload_id: UploadId, number: int) -> int:
    link = await setup.storage.part_link(upload, upload_id, number)
    return await setup.send(link, _part(upload, number))


class StoragePartsContract(Contract):
    """A base of `StorageContract`."""

    async def test_thirty_megabytes_in_parts(self, storage_setup: StorageSetup) -> None:
        storage = storage_setup.storage
        upload = _upload(30 * MIB + 1)
        upload_id = await storage.begin(upload)

        for number in (4, 1, 3, 2):
            assert await _sent(storage_setup, upload, upload_id, number) < 300
        assert await storage.head(upload.key) is None
        await storage.complete(upload, upload_id)

        assert await storage.head(upload.key) == Head(30 * MIB + 1, ZIP)
        for number in range(1, 5):
            start = (number - 1) * PART_SIZE
            found = await content_of(storage, upload.key, start=start, length=PART_SIZE)
            assert found == _part(upload, number)

    async def test_an_upload_goes_on_after_a_reload(self, storage_setup: StorageSetup) -> None:
        storage = storage_setup.storage
        upload = _upload(2 * PART_SIZE + TAIL)
        upload_id = await storage.begin(upload)
        await _sent(storage_setup, upload, upload_id, 1)
        await _sent(storage_setup, upload, upload_id, 3)

        assert await storage.parts(upload, upload_id) == {1: PART_SIZE, 3: TAIL}

        await _sent(storage_setup, upload, upload_id, 2)
        await storage.complete(upload, upload_id)
        assert await content_of(storage, upload.key) == b"".join(
            _part(upload, number) for number in (1, 2, 3)
        )

    async def test_parts_that_are_not_stored_are_named_and_can_be_sent_later(
        self, storage_setup: StorageSetup
    ) -> None:
        storage = storage_setup.storage
        upload = _upload(2 * PART_SIZE + TAIL)
        upload_id = await storage.begin(upload)
        await _sent(storage_setup, upload, upload_id, 2)

        with pytest.raises(PartsMissing) as missing:
            await storage.complete(upload, upload_id)
        assert missing.value.numbers == (1, 3)
        assert await storage.head(upload.key) is None

        await _sent(storage_setup, upload, upload_id, 1)
        await _sent(storage_setup, upload, upload_id, 3)
        await storage.complete(upload, upload_id)
        assert await storage.head(upload.key) == Head(upload.size, ZIP)

    async def test_the_link_of_a_part_takes_its_size_only(
        self, storage_setup: StorageSetup
    ) -> None:
        storage = storage_setup.storage
        upload = _upload(PART_SIZE + TAIL)
        upload_id = await storage.begin(upload)
        link = await storage.part_link(upload, upload_id, 2)

        assert 400 <= await storage_setup.send(link, bytes(TAIL - 1)) < 500
        assert 400 <= await storage_setup.send(link, bytes(TAIL + 1)) < 500
        await storage_setup.send_half(link, bytes(TAIL))

        assert await storage.parts(upload, upload_id) == {}

    async def test_a_part_can_be_sent_again(self, storage_setup: StorageSetup) -> None:
        storage = storage_setup.storage
        upload = _upload(TAIL)
        upload_id = await storage.begin(upload)
        link = await storage.part_link(upload, upload_id, 1)

        await storage_setup.send(link, b"x" * TAIL)
        await storage_setup.pass_time(1.1)  # servers compare parts by whole seconds
        await storage_setup.send(link, b"y" * TAIL)
        await storage.complete(upload, upload_id)

        assert await content_of(storage, upload.key) == b"y" * TAIL

    async def test_an_upload_has_no_further_parts(self, storage_setup: StorageSetup) -> None:
        upload = _upload(TAIL)
        upload_id = await storage_setup.storage.begin(upload)

        for number in (0, 2, -1):
            with pytest.raises(Invalid):
                await storage_setup.storage.part_link(upload, upload_id, number)

    async def test_a_completed_upload_has_ended(self, storage_setup: StorageSetup) -> None:
        storage = storage_setup.storage
        upload = _upload(TAIL)
        upload_id = await storage.begin(upload)
        link = await storage.part_link(upload, upload_id, 1)
        assert await storage_setup.send(link, b"x" * TAIL) < 300
        await storage.complete(upload, upload_id)

        await storage.complete(upload, upload_id)  # its answer was lost
        late = await storage_setup.send(link, b"y" * TAIL)

        assert 400 <= late < 500
        with pytest.raises(UploadUnknown):
            await storage.parts(upload, upload_id)
        assert await content_of(storage, upload.key) == b"x" * TAIL

    async def test_an_aborted_upload_has_ended(self, storage_setup: StorageSetup) -> None:
        storage = storage_setup.storage
        upload, other = _upload(TAIL), _upload(TAIL)
        upload_id, other_id = await storage.begin(upload), await storage.begin(other)
        link = await storage.part_link(upload, upload_id, 1)
        await storage_setup.send(link, b"x" * TAIL)

        await storage.abort(upload.key)
        await storage.abort(upload.key)

        assert 400 <= await storage_setup.send(link, b"x" * TAIL) < 500
        with pytest.raises(UploadUnknown):
            await storage.parts(upload, upload_id)
        with pytest.raises(UploadUnknown):
            await storage.complete(upload, upload_id)
        assert await storage.parts(other, other_id) == {}

    async def test_the_id_of_another_upload_is_unknown(self, storage_setup: StorageSetup) -> None:
        storage = storage_setup.storage
        upload, other = _upload(TAIL), _upload(TAIL)
        other_id = await storage.begin(other)

        for wrong in (other_id, UploadId("../../etc"), UploadId("0" * 32)):
            with pytest.raises(UploadUnknown):
                await storage.parts(upload, wrong)

    async def test_unfinished_uploads_are_swept_when_they_are_old(
        self, storage_setup: StorageSetup
    ) -> None:
        storage = storage_setup.storage
        upload = _upload(TAIL)
        upload_id = await storage.begin(upload)
        await _sent(storage_setup, upload, upload_id, 1)
        hour = timedelta(hours=1)

        self.able("a search for unfinished uploads", storage_setup.lists_unfinished)

        await storage.sweep(storage_setup.now() - hour)
        assert await storage.parts(upload, upload_id) == {1: TAIL}

        swept = await storage.sweep(storage_setup.now() + hour)
        assert (swept >= 1) is storage_setup.lists_unfinished
        if storage_setup.lists_unfinished:
            with pytest.raises(UploadUnknown):
                await storage.parts(upload, upload_id)
        await storage.abort(upload.key)
