"""Storage of files: browsers upload straight to it, the application copies, reads and removes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType, Protocol, Self

from core.errors import Conflict, Forbidden, Invalid, Unavailable

MIB = 1024 * 1024
SIZE_MAXIMUM = 100 * MIB
"""The largest file, in bytes."""
PART_SIZE = 8 * MIB
"""The size of every part of an upload but the last; S3 wants at least 5 MiB."""
PUT_MAXIMUM = 16 * MIB
"""The most bytes the application itself puts at once."""
UPLOAD_LIFE = timedelta(minutes=15)
DOWNLOAD_LIFE = timedelta(minutes=5)
CHUNK_SIZE = 256 * 1024
"""The most bytes of one chunk that is read."""

UploadId = NewType("UploadId", str)
"""Names an upload in parts to the storage that began it."""

_NAME = re.compile(r"[a-z]{2,8}_[0-9a-z]{26}(-[0-9a-z]{1,16})?")
_CONTENT_TYPE = re.compile(r"[a-z0-9][\w.+-]{0,62}/[a-z0-9][\w.+-]{0,62}", re.ASCII)


class Area(StrEnum):
    """`QUARANTINE` has what people upload, by links of browsers or by `send`. `FINAL` is written by
    the application and by no link, and what is there is never replaced."""

    QUARANTINE = "quarantine"
    FINAL = "final"


class WrongKey(Invalid):
    """This is not the name of a stored file."""

    code = "wrong_key"


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Where an object is stored. `name` is an id of ours, `fil_` and 26 letters and digits, and may
    have a suffix, `-preview`: it has no part of a name that a person chose. Raises `WrongKey`."""

    area: Area
    name: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise WrongKey

    def __str__(self) -> str:
        return f"{self.area}/{self.name}"

    def check_final(self) -> None:
        """Raises `WrongKey` for a key in the quarantine."""
        if self.area is not Area.FINAL:
            raise WrongKey

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key that `str` gives. Raises `WrongKey`."""
        area, _, name = text.partition("/")
        if area not in tuple(Area):
            raise WrongKey
        return cls(Area(area), name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What a browser may upload: exactly `size` bytes, 1 to `SIZE_MAXIMUM`, to a key in the
    quarantine. `content_type` is lower case without parameters. Raises `Invalid`."""

    key: Key
    size: int
    content_type: str

    def __post_init__(self) -> None:
        if self.key.area is not Area.QUARANTINE:
            raise WrongKey
        if not 1 <= self.size <= SIZE_MAXIMUM:
            raise Invalid(size=f"A file has 1 to {SIZE_MAXIMUM} bytes.")
        if not _CONTENT_TYPE.fullmatch(self.content_type):
            raise Invalid(content_type="This is not a media type.")

    @property
    def part_sizes(self) -> Mapping[int, int]:
        """The bytes of each part, by its number, which begins with 1."""
        count = -(-self.size // PART_SIZE)
        sizes = dict.fromkeys(range(1, count + 1), PART_SIZE)
        return sizes | {count: self.size - (count - 1) * PART_SIZE}

    def part_size(self, number: int) -> int:
        """Raises `Invalid` for a part that this upload does not have."""
        size = self.part_sizes.get(number)
        if size is None:
            raise Invalid(part="This file has no such part.")
        return size


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A request that a browser can send until `expires`, with exactly these headers."""

    method: str
    url: str
    headers: Mapping[str, str]
    expires: datetime


@dataclass(frozen=True, slots=True)
class Head:
    """Size in bytes and media type of an object."""

    size: int
    content_type: str


@dataclass(frozen=True, slots=True)
class Listed:
    """An object in a list. `modified` is the storage's time."""

    key: Key
    size: int
    modified: datetime


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list, and the cursor of the next one."""

    objects: Sequence[Listed]
    next: str | None


class StorageUnavailable(Unavailable):
    """The file storage does not respond. Nothing was lost. Try again in a moment."""

    code = "storage_unavailable"
    service = "the file storage"


class StorageRefused(Conflict):
    """The file storage refused this permanently."""

    code = "storage_refused"


class ObjectUnknown(StorageRefused):
    """This file is not in the storage."""

    code = "object_unknown"


class UploadUnknown(StorageRefused):
    """This upload has ended. Begin a new one."""

    code = "upload_unknown"


class WrongSize(StorageRefused):
    """The uploaded file does not have the announced size."""

    code = "wrong_size"


class PartsMissing(StorageRefused):
    """Parts of the file have not arrived. Upload them again."""

    code = "parts_missing"

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__()
        self.numbers = tuple(numbers)


class LinkRefused(Forbidden):
    """This link has expired, or is not valid for this file."""

    code = "link_refused"


class Storage(Protocol):
    """Keeps objects: bytes with a media type, read back unchanged. Rules for every adapter
    (onehour/testing/storage.py):

    - an object is visible as a whole or not at all, also when a process is killed;
    - calls can be repeated; no call holds a file in memory, except `put`; each ends in time, but
      `send` waits for its chunks;
    - links work for their method, key, size and type only, until they expire, without cookies;
    - errors are `StorageUnavailable` (no answer, or no access: retry) and `StorageRefused`.
    """

    @property
    def origins(self) -> Sequence[str]:
        """Of the addresses of links, as the Content-Security-Policy of pages needs them. None for
        links to the site itself."""
        ...

    async def put_link(self, upload: Upload, *, life: timedelta = UPLOAD_LIFE) -> Link:
        """To upload a whole file by one request."""
        ...

    async def begin(self, upload: Upload) -> UploadId:
        """Begin an upload in parts. `abort` finds it without the id."""
        ...

    async def part_link(
        self, upload: Upload, upload_id: UploadId, number: int, *, life: timedelta = UPLOAD_LIFE
    ) -> Link:
        """To upload part `number` with its size in `upload.part_sizes`; a repeat replaces it."""
        ...

    async def parts(self, upload: Upload, upload_id: UploadId) -> Mapping[int, int]:
        """The parts that are stored, with their sizes, also after a reload of the page. Raises
        `UploadUnknown` for an upload that was completed or aborted."""
        ...

    async def complete(self, upload: Upload, upload_id: UploadId | None = None) -> None:
        """Make an object of the parts; without an id, check that the whole file is there. What is
        stored counts, not what a browser says.

        Raises `PartsMissing` with the numbers of parts that are not stored or have a wrong size (of
        a whole file: 1), `WrongSize` if a whole file has one, and `UploadUnknown`. Parts stay
        stored then. Does nothing if it is complete already.
        """
        ...

    async def abort(self, key: Key) -> None:
        """Remove all unfinished uploads of this key. Their links work no longer."""
        ...

    async def send(self, upload: Upload, chunks: AsyncIterator[bytes]) -> None:
        """Store a whole file that the application itself has received, from a form: it is then
        complete. A repeat replaces it. Memory holds one part at most.

        Raises `WrongSize` for more or fewer bytes; an error of `chunks` leaves nothing either.
        """
        ...

    async def put(self, key: Key, content: bytes, content_type: str) -> None:
        """Store up to `PUT_MAXIMUM` bytes in `FINAL`. Does nothing if the object exists: that one
        is never replaced."""
        ...

    async def copy(self, source: Key, target: Key) -> None:
        """Copy an object of either area, with its type, into `FINAL`. Does nothing if the target
        exists.

        A link can still replace an object in the quarantine. So copy first, check the copy, and
        then use it; each attempt has a target of its own. Raises `ObjectUnknown`.
        """
        ...

    async def head(self, key: Key) -> Head | None:
        """None if there is no such object."""
        ...

    def open(
        self, key: Key, *, start: int = 0, length: int | None = None
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Read an object, or `length` bytes from `start` on; fewer where it ends. The chunks have
        `CHUNK_SIZE` bytes at most. Entering raises `ObjectUnknown`."""
        ...

    async def download_link(
        self, key: Key, *, filename: str, content_type: str, life: timedelta = DOWNLOAD_LIFE
    ) -> Link:
        """To download an object of `FINAL` as an attachment with this name, which may be any text
        of a person (`ports/storage_names.py`), and this type."""
        ...

    async def delete(self, key: Key) -> None:
        """Does nothing if there is no such object."""
        ...

    async def list(self, area: Area, *, cursor: str | None = None, limit: int = 500) -> Listing:
        """Up to `limit` objects (1 to 1000), in an order of the adapter. Following the cursors
        gives every object that is there all the time exactly once."""
        ...

    async def sweep(self, before: datetime) -> int:
        """Remove what unfinished uploads left that began before this time, and tell how many. A
        storage that does not list them removes them itself."""
        ...

    async def prepare(self, origin: str) -> Sequence[str]:
        """Prepare for browsers with pages of `origin`, such as `https://hours.example`. Gives one
        sentence for the operator for each thing that the operator has to do."""
        ...

    async def close(self) -> None:
        """Give back connections and threads."""
        ...
