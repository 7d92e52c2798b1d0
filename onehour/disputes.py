"""`onehour disputes verify FILE`: checks that a case bundle is as it was made."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from core.case_files import FILES, CaseFile, check_files, parse_files
from core.case_manifests import (
    CHECKSUMS,
    MANIFEST,
    BundleBroken,
    BundleEntry,
    CaseManifest,
    compare,
    parse_manifest,
    seal_key,
)
from onehour.settings import Settings

CHUNK = 1 << 20
MANIFEST_MAXIMUM = 16 << 20
"""Bytes of a manifest, about 100,000 entries."""


@dataclass(frozen=True, slots=True)
class Verified:
    """An intact bundle: its manifest, and the files of the case."""

    manifest: CaseManifest
    files: tuple[CaseFile, ...]


def main(settings: Settings, file: Path, *, seal: bool) -> None:
    """Prints what was checked. Raises `BundleBroken` with the first fault. With `seal`, also checks
    that this site has made it."""
    found = verify(file)
    if seal and not found.manifest.is_sealed_with(seal_key(settings.lasting_key.encode())):
        raise BundleBroken("The seal is not of this site: the bundle was made somewhere else.")
    print("\n".join(report(found)))
    print("The seal is of this site." if seal else "The seal was not checked (--seal).")


def report(found: Verified) -> list[str]:
    """What was found, and the files that are not in the bundle as they were sent."""
    manifest = found.manifest
    lines = [
        f"The bundle is whole: {len(manifest.entries)} files of case {manifest.case}.",
        f"Booking {manifest.booking}, last link {manifest.last}.",
    ]
    for file in (each for each in found.files if each.reason):
        where = file.file or "Not in it"
        lines.append(f"{where}: {file.name} of {file.part}, SHA-256 {file.sha256}. {file.reason}")
    return lines


def verify(file: Path) -> Verified:
    """Raises `BundleBroken` unless the bundle is intact. Nothing is unpacked to the disk, and one
    part of a file is in memory at a time."""
    try:
        with zipfile.ZipFile(file) as bundle:
            return _verify(bundle)
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
        raise BundleBroken(f"The file cannot be read as a ZIP: {error}.") from error
    except NotImplementedError as error:
        raise BundleBroken(f"The file uses what no bundle has: {error}.") from error
    except RuntimeError as error:  # a password
        raise BundleBroken(f"The file cannot be read: {error}.") from error


def _verify(bundle: zipfile.ZipFile) -> Verified:
    members = sorted(bundle.infolist(), key=lambda each: each.header_offset)
    names = [each.filename for each in members]
    if names[-2:] != [MANIFEST, CHECKSUMS] or len(set(names)) < len(names):
        raise BundleBroken("The manifest is not at the end, or a file is there twice.")
    if bundle.comment or names != bundle.namelist():
        raise BundleBroken("The order of the files was changed, or a comment was added.")
    manifest = parse_manifest(_text(bundle, members[-2]))
    compare(manifest, [_entry(bundle, each) for each in members[:-2]])
    if _text(bundle, members[-1]) != manifest.checksums():
        raise BundleBroken(f"{CHECKSUMS} was changed.")
    files = parse_files(_text(bundle, bundle.getinfo(FILES))) if FILES in names else ()
    check_files(files, manifest)
    return Verified(manifest, files)


def _text(bundle: zipfile.ZipFile, member: zipfile.ZipInfo) -> str:
    with bundle.open(member) as content:
        read = content.read(MANIFEST_MAXIMUM + 1)
    if len(read) > MANIFEST_MAXIMUM:
        raise BundleBroken(f"{member.filename} is too large.")
    return read.decode()


def _entry(bundle: zipfile.ZipFile, member: zipfile.ZipInfo) -> BundleEntry:
    digest, size = hashlib.sha256(), 0
    with bundle.open(member) as content:
        while part := content.read(CHUNK):
            digest.update(part)
            size += len(part)
    return BundleEntry(member.filename, digest.hexdigest(), size)
