"""Lists objects folder by folder, so that a page costs the same however many there are."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from adapters.disk.files import HEADER_SIZE, OBJECTS
from adapters.disk.folders import folder
from ports.storage import Area, Key, Listed, Listing, WrongKey

_SHARD = re.compile(r"[0-9a-f]{2}")


def list_objects(root: Path, area: Area, cursor: str | None, limit: int) -> Listing:
    """The cursor is folder and name of the last object of the page before."""
    page: list[tuple[str, Listed]] = []
    for shard, listed in _after(root, area, cursor or ""):
        if len(page) == limit:
            last_shard, last = page[-1]
            return Listing([each for _, each in page], f"{last_shard}/{last.key.name}")
        page.append((shard, listed))
    return Listing([each for _, each in page], None)


def _after(root: Path, area: Area, cursor: str) -> Iterator[tuple[str, Listed]]:
    first, _, after = cursor.partition("/")
    for shard in _names(root, OBJECTS, area.value):
        if shard < first or not _SHARD.fullmatch(shard):
            continue
        names = _names(root, OBJECTS, area.value, shard)
        with suppress(FileNotFoundError), folder(root, OBJECTS, area.value, shard) as parent:
            for name in names:
                listed = _listed(area, name, parent) if (shard, name) > (first, after) else None
                if listed:
                    yield shard, listed


def _names(root: Path, *place: str) -> list[str]:
    try:
        with folder(root, *place) as found:
            return sorted(os.listdir(found))
    except FileNotFoundError:
        return []


def _listed(area: Area, name: str, parent: int) -> Listed | None:
    try:
        key = Key(area, name)
        facts = os.stat(name, dir_fd=parent, follow_symlinks=False)
    except (FileNotFoundError, WrongKey):
        return None
    if not stat.S_ISREG(facts.st_mode):
        return None
    modified = datetime.fromtimestamp(facts.st_mtime, UTC)
    return Listed(key, facts.st_size - HEADER_SIZE, modified)
