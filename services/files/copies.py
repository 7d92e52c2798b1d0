"""Copies of files for a further use: each file is attached to one thing only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.files import NO_SUCH_FILE, FileId, Purpose, StoredFile, UnusableFiles
from core.files_policy import FilePolicy
from ports.clock import Clock, Ids
from ports.storage import Area, Key, Storage
from ports.store import Repositories, Store
from services.files.documents import FILES, USAGE, usage_of
from services.files.uploads import UploadService
from services.shared.transactions import transact


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCopies:
    store: Store
    storage: Storage
    clock: Clock
    ids: Ids
    policy: FilePolicy
    uploads: UploadService

    async def copy(
        self, ids: Sequence[str], *, by: str, purpose: Purpose
    ) -> tuple[StoredFile, ...]:
        """Final files of the account `by` once more, in the same order and not attached. They count
        as uploads, and are removed like those if they are not used.

        Raises `UnusableFiles` with the field `files` for those of others, of another purpose, or
        not final, `QuotaUsedUp`, `TooManyUploads`, `ObjectUnknown` and `StorageUnavailable`.
        """
        if not ids:
            return ()
        found = await self.store.repositories.documents(FILES).many(ids)
        copies: list[StoredFile] = []
        for each in ids:
            original = found.get(FileId(each))
            if original is None or not original.is_final_of(by, purpose):
                raise UnusableFiles(files=NO_SUCH_FILE)
            await self.uploads.count(by)
            copies.append(await self._copied(original))
        await usage_of(self.store.repositories, by)
        await transact(self.store, lambda repositories: self._add(repositories, copies))
        return tuple(copies)

    async def discard(self, copies: Sequence[StoredFile]) -> None:
        """Remove copies that are not needed after all."""
        for each in copies:
            await self.uploads.discard(each.id, by=each.owner)

    async def _copied(self, original: StoredFile) -> StoredFile:
        """The bytes come first: the sweep removes those without a record."""
        copy = original.copied(FileId(self.ids.new("fil")), now=self.clock.now())
        for source, target in zip(original.object_names, copy.object_names, strict=True):
            await self.storage.copy(Key(Area.FINAL, source), Key(Area.FINAL, target))
        return copy

    async def _add(self, repositories: Repositories, copies: Sequence[StoredFile]) -> None:
        for copy in copies:
            usage = await usage_of(repositories, copy.owner)
            await repositories.documents(USAGE).save(usage.add(copy.size, self.policy))
            await repositories.documents(FILES).add(copy)
