"""The part of the contract of file storages about links: what they allow, and what not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from onehour.testing.storage_setup import StorageSetup, a_key, an_upload, content_of, uploaded
from ports.storage import Area, PartsMissing, Upload, WrongKey

PNG = "image/png"


def _upload(size: int) -> Upload:
    return an_upload(size, PNG)


class StorageLinksContract:
    """A base of `StorageContract`."""

    async def test_a_link_takes_the_announced_size_only(self, storage_setup: StorageSetup) -> None:
        upload = _upload(100_000)
        link = await storage_setup.storage.put_link(upload)

        for size in (99_999, 100_001, 1):
            assert 400 <= await storage_setup.send(link, bytes(size)) < 500

        assert await storage_setup.storage.head(upload.key) is None

    async def test_a_link_takes_the_announced_type_only(self, storage_setup: StorageSetup) -> None:
        upload = _upload(3)
        link = await storage_setup.storage.put_link(upload)

        status = await storage_setup.send(link, b"<p>", content_type="text/html")

        assert 400 <= status < 500
        assert await storage_setup.storage.head(upload.key) is None

    async def test_a_link_expires(self, storage_setup: StorageSetup) -> None:
        storage = storage_setup.storage
        upload, final = _upload(3), a_key(Area.FINAL)
        await storage.put(final, b"123", PNG)
        second = timedelta(seconds=1)
        put = await storage.put_link(upload, life=second)
        get = await storage.download_link(final, filename="a", content_type=PNG, life=second)
        assert put.expires - storage_setup.now() <= second

        await storage_setup.pass_time(2.5)

        assert await storage_setup.send(put, b"123") == 403
        assert (await storage_setup.fetch(get.url)).status == 403
        assert await storage.head(upload.key) is None

    async def test_a_link_is_for_one_key(self, storage_setup: StorageSetup) -> None:
        storage = storage_setup.storage
        upload, other = _upload(3), _upload(3)
        link = await storage.put_link(upload)
        altered = replace(link, url=link.url.replace(upload.key.name, other.key.name))
        end = "1111" if link.url.endswith("0000") else "0000"
        cut = replace(link, url=link.url[:-4] + end)

        assert altered == link or await storage_setup.send(altered, b"123") == 403
        assert await storage_setup.send(cut, b"123") == 403

        assert await storage.head(upload.key) is None
        assert await storage.head(other.key) is None

    async def test_a_link_to_upload_reads_nothing(self, storage_setup: StorageSetup) -> None:
        content = b"a text of nobody but its owner"
        upload = _upload(len(content))
        await uploaded(storage_setup, upload, content)
        link = await storage_setup.storage.put_link(upload)

        fetched = await storage_setup.fetch(link.url)

        assert 400 <= fetched.status < 500
        assert content not in fetched.content

    async def test_a_link_used_again_later_cannot_change_what_is_final(
        self, storage_setup: StorageSetup
    ) -> None:
        storage = storage_setup.storage
        upload, final = _upload(3), a_key(Area.FINAL)
        link = await storage.put_link(upload)
        assert await storage_setup.send(link, b"old") < 300
        await storage.complete(upload)

        await storage.copy(upload.key, final)
        await storage_setup.send(link, b"new")  # while the quarantine still has it
        await storage.delete(upload.key)
        await storage_setup.send(link, b"new")

        assert await content_of(storage, final) == b"old"

    async def test_links_neither_write_what_is_final_nor_read_the_quarantine(
        self, storage_setup: StorageSetup
    ) -> None:
        with pytest.raises(WrongKey):
            replace(_upload(1), key=a_key(Area.FINAL))
        with pytest.raises(WrongKey):
            await storage_setup.storage.download_link(a_key(), filename="a", content_type=PNG)

    async def test_an_upload_that_was_cut_leaves_nothing(self, storage_setup: StorageSetup) -> None:
        upload = _upload(1_000_000)
        link = await storage_setup.storage.put_link(upload)

        await storage_setup.send_half(link, bytes(1_000_000))

        assert await storage_setup.storage.head(upload.key) is None
        with pytest.raises(PartsMissing):
            await storage_setup.storage.complete(upload)

    @pytest.mark.parametrize(
        ("filename", "disposition"),
        [
            ("offer.pdf", 'attachment; filename="offer.pdf"'),
            ('a"b\\c;d.pdf', 'attachment; filename="a_b_c;d.pdf"'),
            ("x\r\nSet-Cookie: a=b.html", 'attachment; filename="x__Set-Cookie_ a=b.html"'),
            ("../../etc/passwd", 'attachment; filename="_.._etc_passwd"'),
            ("", 'attachment; filename="file"'),
            (
                "Angebot für Gitä €.pdf",
                'attachment; filename="Angebot fur Gita .pdf";'
                " filename*=UTF-8''Angebot%20f%C3%BCr%20Git%C3%A4%20%E2%82%AC.pdf",
            ),
            (
                "प्रस्ताव.pdf",
                'attachment; filename="file.pdf";'
                " filename*=UTF-8''%E0%A4%AA%E0%A5%8D%E0%A4%B0%E0%A4%B8%E0%A5%8D"
                "%E0%A4%A4%E0%A4%BE%E0%A4%B5.pdf",
            ),
            ("exe.\u202egnp.exe", 'attachment; filename="exe.gnp.exe"'),
        ],
    )
    async def test_a_download_is_an_attachment_with_the_name_and_the_type(
        self, storage_setup: StorageSetup, filename: str, disposition: str
    ) -> None:
        final = a_key(Area.FINAL)
        await storage_setup.storage.put(final, b"<script>", "text/html")

        link = await storage_setup.storage.download_link(
            final, filename=filename, content_type="application/octet-stream"
        )
        fetched = await storage_setup.fetch(link.url)

        assert (fetched.status, fetched.content) == (200, b"<script>")
        assert fetched.headers["content-disposition"] == disposition
        assert fetched.headers["content-type"] == "application/octet-stream"
