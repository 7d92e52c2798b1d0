"""Uploads in parts: a folder for each, named after key and upload, with a file for each part."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from adapters.disk.files import COPY_SIZE, INCOMING, NewFile, place_of
from adapters.disk.folders import PRIVATE, folder, remove_folder
from ports.storage import Key, PartsMissing, Upload, UploadId, UploadUnknown

UPLOADS = "uploads"
_ID = re.compile(r"[0-9a-f]{32}")
_PART = re.compile(r"[1-9][0-9]{0,3}")


@dataclass(frozen=True, slots=True)
class Uploads:
    """The unfinished uploads of a storage. The methods block."""

    root: Path

    def begin(self, key: Key) -> UploadId:
        upload_id = UploadId(secrets.token_hex(16))
        with folder(self.root, UPLOADS, create=True) as uploads:
            os.mkdir(_folder_name(key, upload_id), PRIVATE, dir_fd=uploads)
            os.fsync(uploads)
        return upload_id

    def sizes(self, key: Key, upload_id: UploadId) -> dict[int, int]:
        """The size of each stored part by its number. Raises `UploadUnknown`."""
        try:
            with folder(self.root, *self.place(key, upload_id)) as parts:
                numbers = sorted(int(name) for name in os.listdir(parts) if _PART.fullmatch(name))
                return {number: _size(number, parts) for number in numbers}
        except FileNotFoundError:
            raise UploadUnknown from None

    def place(self, key: Key, upload_id: UploadId) -> tuple[str, str]:
        """The folder of the parts."""
        return UPLOADS, _folder_name(key, upload_id)

    def join(self, upload: Upload, upload_id: UploadId) -> None:
        """Make an object of the parts and remove them. Raises `PartsMissing`, `UploadUnknown`."""
        stored = self.sizes(upload.key, upload_id)
        wrong = [n for n, size in upload.part_sizes.items() if stored.get(n) != size]
        if wrong:
            raise PartsMissing(wrong)
        new = NewFile(self.root, upload.content_type)
        try:
            for chunk in self._chunks(upload, upload_id):
                new.write(chunk)
            new.publish(place_of(upload.key), upload.key.name, replace=True, create=True)
        except FileNotFoundError:  # completed or aborted meanwhile
            raise UploadUnknown from None
        finally:
            new.discard()
        self._remove(_folder_name(upload.key, upload_id))

    def abort(self, key: Key) -> None:
        for name, _ in self._all():
            if name.startswith(f"{key.name}."):
                self._remove(name)

    def sweep(self, before: float) -> int:
        """Remove unfinished uploads and files whose last change is older; tells how many."""
        old = [name for name, changed in self._all() if changed < before]
        for name in old:
            self._remove(name)
        return len(old) + self._sweep_incoming(before)

    def _chunks(self, upload: Upload, upload_id: UploadId) -> Iterator[bytes]:
        with folder(self.root, *self.place(upload.key, upload_id)) as parts:
            for number in upload.part_sizes:
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
                with os.fdopen(os.open(str(number), flags, dir_fd=parts), "rb", 0) as part:
                    while chunk := part.read(COPY_SIZE):
                        yield chunk

    def _all(self) -> list[tuple[str, float]]:
        try:
            with folder(self.root, UPLOADS) as uploads:
                return _changes(uploads)
        except FileNotFoundError:
            return []

    def _remove(self, name: str) -> None:
        """By a new name first: an upload is there with all its parts, or not at all."""
        away = secrets.token_hex(16)
        with (
            folder(self.root, UPLOADS) as uploads,
            folder(self.root, INCOMING, create=True) as incoming,
        ):
            with suppress(FileNotFoundError):
                os.rename(name, away, src_dir_fd=uploads, dst_dir_fd=incoming)
            os.fsync(uploads)
            remove_folder(away, incoming)

    def _sweep_incoming(self, before: float) -> int:
        removed = 0
        with suppress(FileNotFoundError), folder(self.root, INCOMING) as incoming:
            for name, changed in _changes(incoming):
                if changed < before:
                    removed += _removed(name, incoming)
        return removed


def _folder_name(key: Key, upload_id: UploadId) -> str:
    """Raises `UploadUnknown` for an id that is none of ours."""
    if not _ID.fullmatch(upload_id):
        raise UploadUnknown
    return f"{key.name}.{upload_id}"


def _size(number: int, parent: int) -> int:
    return os.stat(str(number), dir_fd=parent, follow_symlinks=False).st_size


def _changes(parent: int) -> list[tuple[str, float]]:
    """The names in a folder, with the times of their last change."""
    found: list[tuple[str, float]] = []
    for name in os.listdir(parent):
        with suppress(FileNotFoundError):
            found.append((name, os.stat(name, dir_fd=parent, follow_symlinks=False).st_mtime))
    return found


def _removed(name: str, parent: int) -> int:
    try:
        os.unlink(name, dir_fd=parent)
    except FileNotFoundError:
        return 0
    except (IsADirectoryError, PermissionError):  # which of both depends on the system
        remove_folder(name, parent)
    return 1
