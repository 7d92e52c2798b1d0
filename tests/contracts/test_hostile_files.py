"""T19: hostile files are inspected within limits, and nothing active or private is in a preview."""

from __future__ import annotations

import asyncio
import threading
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import psutil
from PIL import Image

from adapters.pillow.inspection.inspector import ChildInspector
from core.files import ArchiveEntry, PreviewName
from ports.inspection import (
    ENTRIES_MAXIMUM,
    SIDES,
    TEXT_BYTES_MAXIMUM,
    TEXT_TYPE,
    Inspection,
    InspectionRefused,
    MadePreview,
)
from tests.hostile_files import CORPUS, HostileFile
from tests.hostile_files.pictures import HTML, PLACE

MEMORY_MAXIMUM = 200_000_000
"""Bytes above what the processes have before the first file."""
Found = Inspection | InspectionRefused


class Peak:
    """Measures the memory of this process and of all below it, each shared page once."""

    def __init__(self) -> None:
        self.most = self.idle = self._now()

    @contextmanager
    def watched(self) -> Iterator[None]:
        done = threading.Event()
        thread = threading.Thread(target=self._watch, args=(done,))
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _watch(self, done: threading.Event) -> None:
        while not done.wait(0.02):
            self.most = max(self.most, self._now())

    def _now(self) -> int:
        this = psutil.Process()
        total = 0
        for process in (this, *this.children(recursive=True)):
            try:
                total += process.memory_full_info().pss
            except psutil.Error:  # it has ended
                continue
        return total


async def test_hostile_files_are_inspected_within_limits(tmp_path: Path) -> None:
    paths = {title: tmp_path / str(number) for number, title in enumerate(CORPUS)}
    for title, path in paths.items():
        path.write_bytes(CORPUS[title].make())
    inspector = ChildInspector()
    peak = Peak()

    with peak.watched():
        works = (_inspected(inspector, paths[title], file) for title, file in CORPUS.items())
        found = dict(zip(paths, await asyncio.gather(*works), strict=True))
    await inspector.close()

    assert len(CORPUS) >= 80
    assert _wrong(found) == {}
    assert peak.most - peak.idle <= MEMORY_MAXIMUM


async def _inspected(inspector: ChildInspector, path: Path, file: HostileFile) -> Found:
    try:
        return await inspector.inspect(path, name=file.name)
    except InspectionRefused as refused:
        return refused


def _wrong(found: Mapping[str, Found]) -> dict[str, str]:
    """What is wrong, by the title of the file."""
    reasons = {title: _reason(CORPUS[title], found[title]) for title in found}
    return {title: reason for title, reason in reasons.items() if reason}


def _reason(file: HostileFile, found: Found) -> str:
    if isinstance(found, InspectionRefused):
        return "" if file.kind is None else f"refused: {found.message}"
    if found.kind is not file.kind:
        return f"is {found.kind}, {found.media_type}"
    pictures = {made.name for made in found.previews if made.name in SIDES}
    if pictures != (set(SIDES) if file.pictures else set()):
        return f"has the pictures {pictures}"
    problems = (*map(_problem, found.previews), *map(_problem_of_entry, found.entries))
    if len(found.entries) > ENTRIES_MAXIMUM:
        return "lists too many entries"
    return next(filter(None, problems), "")


def _problem(made: MadePreview) -> str:
    if made.name is PreviewName.TEXT:
        is_bounded = len(made.content) <= TEXT_BYTES_MAXIMUM and b"\0" not in made.content
        return "" if made.media_type == TEXT_TYPE and is_bounded else "has a wrong text"
    if PLACE in made.content or HTML in made.content:
        return "has bytes of the upload"
    image = Image.open(BytesIO(made.content), formats=["WEBP"])
    image.load()
    if made.media_type != "image/webp" or image.size != (made.width, made.height):
        return "is another picture than it says"
    if max(image.size) > SIDES[made.name] or getattr(image, "n_frames", 1) != 1:
        return "is too large"
    metadata = {"exif", "xmp", "icc_profile", "comment"} & image.info.keys()
    return f"has metadata: {metadata}" if metadata or image.getexif() else ""


def _problem_of_entry(entry: ArchiveEntry) -> str:
    kinds = {unicodedata.category(character) for character in entry.name}
    is_inside = not entry.name.startswith("/") and ".." not in entry.name.split("/")
    is_plain = not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"} and "\\" not in entry.name
    return "" if is_inside and is_plain and 0 < len(entry.name) <= 255 else f"lists {entry.name!r}"
