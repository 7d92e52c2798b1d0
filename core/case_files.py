"""The list of the files of a case bundle, `files.json`: which are in it, and why others are not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from core.case_manifests import BundleBroken, CaseManifest

FILES, FOLDER = "files.json", "files/"
GONE = "The bytes of this file are not in the storage any more."
OVER = "The files of the case are larger than a bundle may be. Download this one from its page."
CHANGED = "The stored bytes are not those that were sent."


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """A file of a case, with the size in bytes and the SHA-256 (hexadecimal) of what was sent.

    `part` is what it belongs to, such as `delivery 2`. `file` is where its bytes are in the bundle,
    "" if they are not; `reason` says why not, or what is wrong with them.
    """

    part: str
    id: str
    name: str
    size: int
    sha256: str
    type: str = ""
    file: str = ""
    reason: str = ""


def parse_files(text: str) -> tuple[CaseFile, ...]:
    """Raises `BundleBroken`."""
    try:
        return tuple(_parsed(record) for record in json.loads(text))
    except (ValueError, TypeError, RecursionError) as error:
        raise BundleBroken(f"{FILES} cannot be read.") from error


def check_files(files: Sequence[CaseFile], manifest: CaseManifest) -> None:
    """Raises `BundleBroken` unless the bytes in the bundle are exactly those that are listed."""
    found = {entry.name: entry for entry in manifest.entries if entry.name.startswith(FOLDER)}
    listed = {each.file: each for each in files if each.file}
    if found.keys() != listed.keys():
        raise BundleBroken(f"{FILES} does not list the files that are in the bundle.")
    for name, file in listed.items():
        is_same = (found[name].sha256, found[name].size) == (file.sha256, file.size)
        if is_same is bool(file.reason):
            raise BundleBroken(f"{name} is not the file that {FILES} names.")


def _parsed(record: dict[str, object]) -> CaseFile:
    file = CaseFile(**record)  # type: ignore[arg-type]
    texts = (file.part, file.id, file.name, file.sha256, file.type, file.file, file.reason)
    if not all(isinstance(each, str) for each in texts) or type(file.size) is not int:
        raise TypeError
    return file
