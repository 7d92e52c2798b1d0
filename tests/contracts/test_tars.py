"""Tar archives, plain and packed with gzip, are listed without being unpacked to disk."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from adapters.pillow.inspection.inspector import ChildInspector
from core.files import ArchiveEntry, EntryKind, Kind
from onehour.testing.inspection_pictures import inspected
from ports.inspection import ENTRIES_MAXIMUM, InspectionRefused
from tests.hostile_files.archives import sparse_tar, tar_of

LONG = "src/" + "ö" * 120 + "/main.py"


@pytest.fixture(scope="module")
async def inspector() -> AsyncIterator[ChildInspector]:
    made = ChildInspector()
    yield made
    await made.close()


def project(form: int) -> bytes:
    """A folder, a file with a long name, and a link."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, kind in (("src", tarfile.DIRTYPE), ("src/here", tarfile.SYMTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd" if kind == tarfile.SYMTYPE else ""
            archive.addfile(info)
        info = tarfile.TarInfo(LONG)
        info.size = 700
        archive.addfile(info, io.BytesIO(b"a" * 700))
    return out.getvalue()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
async def test_a_tar_is_listed(
    inspector: ChildInspector, tmp_path: Path, form: int, packed: bool
) -> None:
    content = project(form)

    found = await inspected(inspector, tmp_path, gzip.compress(content) if packed else content)

    media_type = "application/gzip" if packed else "application/x-tar"
    assert (found.media_type, found.kind) == (media_type, Kind.ARCHIVE)
    assert found.entries == (
        ArchiveEntry("src", 0, EntryKind.FOLDER),
        ArchiveEntry("src/here", 0, EntryKind.LINK),
        ArchiveEntry(LONG, 700),
    )
    assert (found.entry_count, found.unpacked_size, found.truncated) == (3, 700, False)


def many(count: int) -> Mapping[str, bytes]:
    return {f"{number}.txt": b"" for number in range(count)}


async def test_the_list_of_a_large_or_cut_tar_is_not_complete(
    inspector: ChildInspector, tmp_path: Path
) -> None:
    two = tar_of({"a.txt": b"a" * 600, "b.txt": b"b" * 600})
    zeros = gzip.compress(tar_of({f"{n}": bytes(100_000_000) for n in range(3)}), 1)
    found = {
        name: await inspected(inspector, tmp_path, content)
        for name, content in {
            "many": tar_of(many(ENTRIES_MAXIMUM + 5)),
            "cut in the content": two[:1_800],
            "cut between entries": two[:1_536],
            "cut gzip": gzip.compress(two, 0)[:2_000],
            "long": zeros,
        }.items()
    }

    assert {name: each.entry_count for name, each in found.items()} == {
        "many": ENTRIES_MAXIMUM + 5, "cut in the content": 1, "cut between entries": 1,
        "cut gzip": 1, "long": 3,
    }  # fmt: skip
    assert all(each.truncated for each in found.values())
    assert all(len(each.entries) <= ENTRIES_MAXIMUM for each in found.values())


async def test_a_damaged_header_ends_the_list(inspector: ChildInspector, tmp_path: Path) -> None:
    content = bytearray(tar_of({"a.txt": b"a", "b.txt": b"b"}))
    content[1024 + 10] ^= 1

    found = await inspected(inspector, tmp_path, bytes(content))

    assert ([each.name for each in found.entries], found.truncated) == (["a.txt"], True)


@pytest.mark.parametrize("packed", [False, True])
async def test_a_tar_that_would_unpack_to_far_more_than_its_size_is_refused(
    inspector: ChildInspector, tmp_path: Path, packed: bool
) -> None:
    content = sparse_tar(10**13)

    with pytest.raises(InspectionRefused, match="far more than its size"):
        await inspected(inspector, tmp_path, gzip.compress(content) if packed else content)


@pytest.mark.parametrize("head", [b"Rar!\x1a\x07\x01\0", b"7z\xbc\xaf\x27\x1c", b"\xfd7zXZ\0"])
async def test_other_archives_and_packed_files_have_no_list(
    inspector: ChildInspector, tmp_path: Path, head: bytes
) -> None:
    for content in (head + bytes(100), gzip.compress(b"a dump\n" * 500)):
        found = await inspected(inspector, tmp_path, content)
        assert (found.kind, found.entries, found.entry_count) == (Kind.ARCHIVE, (), 0)
