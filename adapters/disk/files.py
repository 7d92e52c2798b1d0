"""Objects as files: a header of fixed length with the media type, then the content.

A file is written below a random name in `incoming`, made durable, and then gets its place by one
system call. It is never changed there, so a copy is a hard link.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
import threading
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from io import FileIO
from pathlib import Path
from typing import Self

from adapters.disk.folders import folder
from ports.storage import Head, Key, ObjectUnknown

INCOMING = "incoming"
OBJECTS = "objects"
HEADER_SIZE = 256
_MAGIC = b"onehour-file 1 "
_NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV})
"""Errors of file systems without hard links, or with too many of them for this file."""
COPY_SIZE = 1024 * 1024


def place_of(key: Key) -> tuple[str, str, str]:
    """The folder of an object. 256 of them for each area keep folders small."""
    return OBJECTS, key.area.value, sha256(key.name.encode()).hexdigest()[:2]


class NewFile:
    """A file that nobody sees until it is published. Its methods can run in several threads, one
    after the other."""

    def __init__(self, root: Path, content_type: str | None = None) -> None:
        """With a `content_type` it becomes an object, without one a part."""
        self._root = root
        self._name = secrets.token_hex(16)
        self._lock = threading.Lock()
        with folder(root, INCOMING, create=True) as incoming:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            self._file = FileIO(os.open(self._name, flags, 0o600, dir_fd=incoming), "w")
        try:
            self.write(_header(content_type) if content_type is not None else b"")
        except BaseException:
            self.discard()
            raise

    def write(self, data: bytes | bytearray) -> None:
        with self._lock, memoryview(data) as left:
            written = 0
            while written < len(left):
                written += self._file.write(left[written:])

    def publish(self, names: tuple[str, ...], name: str, *, replace: bool, create: bool) -> None:
        """Give the file its name in a folder. With `replace` a former one is replaced, else it is
        kept. Raises `FileNotFoundError` if the folder is missing, unless it is to be created."""
        with self._lock:
            os.fsync(self._file.fileno())
            self._file.close()
            with (
                folder(self._root, INCOMING) as incoming,
                folder(self._root, *names, create=create) as target,
            ):
                if replace:
                    os.replace(self._name, name, src_dir_fd=incoming, dst_dir_fd=target)
                else:
                    _link(self._name, incoming, name, target)
                os.fsync(target)

    def discard(self) -> None:
        """Remove what was not published. It can be called at any time."""
        with self._lock:
            self._file.close()
            with suppress(FileNotFoundError), folder(self._root, INCOMING) as incoming:
                os.unlink(self._name, dir_fd=incoming)


def _link(source: str, incoming: int, name: str, target: int) -> None:
    with suppress(FileExistsError):
        try:
            os.link(source, name, src_dir_fd=incoming, dst_dir_fd=target, follow_symlinks=False)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if not _exists(name, target):
                os.replace(source, name, src_dir_fd=incoming, dst_dir_fd=target)


def _exists(name: str, parent: int) -> bool:
    try:
        os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


@dataclass(slots=True)
class OpenFile:
    """An object that is read. `head` stays true when its name is removed or replaced."""

    file: FileIO
    head: Head
    lock: threading.Lock

    @classmethod
    def of(cls, root: Path, key: Key) -> Self:
        """Raises `ObjectUnknown`."""
        try:
            with folder(root, *place_of(key)) as parent:
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
                file = FileIO(os.open(key.name, flags, dir_fd=parent))
        except FileNotFoundError:
            raise ObjectUnknown from None
        try:
            return cls(file, _read_head(file), threading.Lock())
        except BaseException:
            file.close()
            raise

    def read(self, start: int, length: int) -> bytes:
        with self.lock:
            return os.pread(self.file.fileno(), length, HEADER_SIZE + start)

    def close(self) -> None:
        with self.lock:
            self.file.close()


def head_of(root: Path, key: Key) -> Head:
    """Raises `ObjectUnknown`."""
    found = OpenFile.of(root, key)
    found.close()
    return found.head


def copy(root: Path, source: Key, target: Key) -> None:
    """Raises `ObjectUnknown`. An existing target is kept."""
    original = OpenFile.of(root, source)
    try:
        os.utime(original.file.fileno())  # the copy is new, whenever its content was
        with (
            folder(root, *place_of(source)) as there,
            folder(root, *place_of(target), create=True) as here,
        ):
            with suppress(FileExistsError):
                os.link(
                    source.name,
                    target.name,
                    src_dir_fd=there,
                    dst_dir_fd=here,
                    follow_symlinks=False,
                )
            os.fsync(here)
    except FileNotFoundError:
        raise ObjectUnknown from None
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _copy_bytes(root, original, target)
    finally:
        original.close()


def _copy_bytes(root: Path, original: OpenFile, target: Key) -> None:
    new = NewFile(root, original.head.content_type)
    try:
        for start in range(0, original.head.size, COPY_SIZE):
            new.write(original.read(start, COPY_SIZE))
        new.publish(place_of(target), target.name, replace=False, create=True)
    finally:
        new.discard()


def _header(content_type: str) -> bytes:
    return (_MAGIC + content_type.encode("ascii") + b"\n").ljust(HEADER_SIZE)


def _read_head(file: FileIO) -> Head:
    facts = os.fstat(file.fileno())
    header = os.pread(file.fileno(), HEADER_SIZE, 0) if stat.S_ISREG(facts.st_mode) else b""
    if len(header) < HEADER_SIZE or not header.startswith(_MAGIC):
        raise OSError(errno.EIO, "not a file of this storage")
    content_type = header[len(_MAGIC) :].partition(b"\n")[0].decode("ascii")
    return Head(facts.st_size - HEADER_SIZE, content_type)


def remove(root: Path, key: Key) -> None:
    """Does nothing if there is no such object."""
    with suppress(FileNotFoundError), folder(root, *place_of(key)) as parent:
        os.unlink(key.name, dir_fd=parent)
        os.fsync(parent)
