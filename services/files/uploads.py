"""Uploads: browsers get links to the storage, and say when all bytes are there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.errors import Errors, Invalid, NotFound, Unavailable
from core.file_usage import TooManyUploads, size_maximum
from core.files import FileId, Purpose, State, StoredFile, checked_hash
from core.files_messages import CheckFile, RemoveBytes
from core.files_policy import FilePolicy
from core.outbox import message
from core.policy import HOUR
from ports.clock import Clock, Ids
from ports.formats import Formats
from ports.storage import PART_SIZE, Area, Key, Link, Storage, Upload, UploadId, UploadUnknown
from ports.storage_names import safe_filename
from ports.store import Repositories, Store
from services.files.documents import FILES, USAGE, free_bytes, usage_of
from services.files.media_types import declared_media_type
from services.shared.transactions import transact

NAME_MAXIMUM = 1000
"""Characters of a name as it is given; it is shortened when it is stored."""
UNUSED_AT_MOST = 100
ROUNDED_FROM = 10_000_000
"""Bytes from which a limit is shown in whole megabytes."""


@dataclass(frozen=True, slots=True)
class UploadPlan:
    """What is left to send: the whole file by `put`, or the missing parts by their numbers. Both
    are empty when nothing may be sent any more. `stored` are the numbers of the parts that are
    there; each but the last has `part_size` bytes."""

    file: StoredFile
    put: Link | None = None
    part_size: int = 0
    parts: Mapping[int, Link] = field(default_factory=dict)
    stored: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadService:
    """`by` is the acting account; methods raise `NotFound` for files of others, and
    `StorageUnavailable`."""

    store: Store
    storage: Storage
    clock: Clock
    ids: Ids
    formats: Formats
    policy: FilePolicy

    async def begin(
        self, *, by: str, purpose: Purpose, name: str, size: int, sha256: str, media_type: str
    ) -> UploadPlan:
        """Begin to upload a file of `size` bytes with this SHA-256 (hexadecimal). `media_type` is
        what the browser thinks, "" for nothing.

        Raises `Invalid` with the fields `name`, `size` and `sha256`, `QuotaUsedUp`, and
        `TooManyUploads`.
        """
        file = await self.add(
            by=by, purpose=purpose, name=name, size=size, sha256=sha256, media_type=media_type
        )
        try:
            return await self._plan(file)
        except Unavailable:  # the browser does not know it yet
            await self._remove(file.id, by)
            raise

    async def add(
        self, *, by: str, purpose: Purpose, name: str, size: int, sha256: str, media_type: str
    ) -> StoredFile:
        """The record of an upload, as `begin` has it, for bytes that are sent otherwise."""
        file = self._new(by, purpose, name, size, sha256, media_type)
        await self.count(by)
        await usage_of(self.store.repositories, by)

        async def step(repositories: Repositories) -> None:
            usage = await usage_of(repositories, by)
            await repositories.documents(USAGE).save(usage.add(file.size, self.policy))
            await repositories.documents(FILES).add(file)

        await transact(self.store, step)
        return file

    async def unused(self, *, by: str, purpose: Purpose) -> tuple[StoredFile, ...]:
        """The newest files of the account for this purpose that are sent and not attached: those
        that are checked, being checked, or were refused. At most `UNUSED_AT_MOST`."""
        found, _ = await self.store.repositories.documents(FILES).page(
            "unused_of", equals={"owner": by, "attached_to": ""}, limit=UNUSED_AT_MOST
        )
        sent = (file for file in found if file.state is not State.PENDING)
        return tuple(file for file in sent if file.purpose is purpose)

    async def plan(self, file_id: FileId, *, by: str) -> UploadPlan:
        """What is left to send, with fresh links: also after a reload of the page."""
        return await self._plan(await self._own(self.store.repositories, file_id, by))

    async def complete(self, file_id: FileId, *, by: str) -> StoredFile:
        """All bytes were sent: have the file checked. Does nothing if that was said before.

        Raises `PartsMissing` with the parts that are to be sent again, `WrongSize`, and
        `UploadUnknown` for one that has to be begun again.
        """
        file = await self._own(self.store.repositories, file_id, by)
        if file.state is not State.PENDING:
            return file
        try:
            await self.storage.complete(_upload(file), _upload_id(file))
        except UploadUnknown:
            file = await self._own(self.store.repositories, file_id, by)
            if file.state is State.PENDING:
                raise
            return file  # another request was faster
        now = self.clock.now()

        async def step(repositories: Repositories) -> StoredFile:
            current = await self._own(repositories, file_id, by)
            if current.state is not State.PENDING:
                return current
            await repositories.outbox.add(message(CheckFile(file_id), file_id, due_at=now))
            return await repositories.documents(FILES).save(current.uploaded())

        return await transact(self.store, step)

    async def discard(self, file_id: FileId, *, by: str) -> None:
        """Stop the upload, or remove the file. Raises `FileInUse` once it is attached."""
        await self._own(self.store.repositories, file_id, by)
        await self._remove(file_id, by)

    def size_maximum(self, purpose: Purpose) -> int:
        """The largest file for this purpose, in bytes."""
        return size_maximum(purpose, self.policy)

    def _new(
        self, by: str, purpose: Purpose, name: str, size: int, sha256: str, media_type: str
    ) -> StoredFile:
        errors = Errors()
        with errors:
            self._check_size(size, purpose)
        with errors:
            sha256 = checked_hash(sha256)
        with errors:
            if len(name) > NAME_MAXIMUM:
                raise Invalid(name="The name of this file is too long. Rename it.")
        errors.check()
        return StoredFile(
            id=FileId(self.ids.new("fil")),
            owner=by,
            purpose=purpose,
            name=safe_filename(name),
            size=size,
            sha256=sha256,
            declared_type=declared_media_type(media_type),
            created_at=self.clock.now(),
        )

    def _check_size(self, size: int, purpose: Purpose) -> None:
        if size < 1:
            raise Invalid(size="This file is empty.")
        most = self.size_maximum(purpose)
        if size > most:
            shown = most // 1_000_000 * 1_000_000 if most >= ROUNDED_FROM else most
            text = f"This file is too large. Here a file can have {self.formats.megabytes(shown)}."
            raise Invalid(size=text)

    async def count(self, by: str) -> None:
        """One more upload of this hour. Raises `TooManyUploads`."""
        count = await self.store.repositories.throttles.increment(
            f"uploads:{by}", window=HOUR, now=self.clock.now()
        )
        if count > self.policy.uploads_per_hour:
            raise TooManyUploads

    async def _plan(self, file: StoredFile) -> UploadPlan:
        if file.state is not State.PENDING:
            return UploadPlan(file)
        upload = _upload(file)
        if file.size <= PART_SIZE:
            return UploadPlan(file, put=await self.storage.put_link(upload))
        if not file.upload_id:
            file = await self._begin_parts(file, upload)
        upload_id = UploadId(file.upload_id)
        stored = await self._stored(file, upload, upload_id)
        right = {number for number, size in upload.part_sizes.items() if stored.get(number) == size}
        missing = [number for number in upload.part_sizes if number not in right]
        links = {n: await self.storage.part_link(upload, upload_id, n) for n in missing}
        return UploadPlan(file, part_size=PART_SIZE, parts=links, stored=tuple(sorted(right)))

    async def _stored(
        self, file: StoredFile, upload: Upload, upload_id: UploadId
    ) -> Mapping[int, int]:
        """The sizes of the stored parts. All of them, if the storage has joined them already and
        only the record was not saved."""
        try:
            return await self.storage.parts(upload, upload_id)
        except UploadUnknown:
            head = await self.storage.head(upload.key)
            if head is None or head.size != file.size:
                raise
            return upload.part_sizes

    async def _begin_parts(self, file: StoredFile, upload: Upload) -> StoredFile:
        upload_id = await self.storage.begin(upload)

        async def step(repositories: Repositories) -> StoredFile:
            current = await repositories.documents(FILES).get(file.id)
            if current.upload_id:  # another request was first; the sweep removes ours
                return current
            return await repositories.documents(FILES).save(current.begun(upload_id))

        return await transact(self.store, step)

    async def _remove(self, file_id: FileId, by: str) -> None:
        now = self.clock.now()

        async def step(repositories: Repositories) -> None:
            file = await self._own(repositories, file_id, by)
            file.check_removable()
            await remove(repositories, file, now)

        await transact(self.store, step)

    async def _own(self, repositories: Repositories, file_id: FileId, by: str) -> StoredFile:
        file = await repositories.documents(FILES).find(file_id)
        if file is None or file.owner != by:
            raise NotFound
        return file


async def remove(repositories: Repositories, file: StoredFile, now: datetime) -> None:
    """Remove a record in a transaction, and then its bytes."""
    await repositories.documents(FILES).remove(file.id)
    await free_bytes(repositories, file.owner, file.counted_bytes)
    payload = RemoveBytes(file.id, " ".join(file.object_names))
    await repositories.outbox.add(message(payload, file.id, due_at=now))


def quarantine_key(file: StoredFile) -> Key:
    return Key(Area.QUARANTINE, file.id)


def _upload(file: StoredFile) -> Upload:
    return Upload(key=quarantine_key(file), size=file.size, content_type=file.declared_type)


def _upload_id(file: StoredFile) -> UploadId | None:
    return UploadId(file.upload_id) if file.upload_id else None
