"""The use cases of stored files: show one, and give links to it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from core.accounts import Account, AccountActivity, Role
from core.audit import audit_message
from core.errors import NotFound
from core.files import FileId, Purpose, State, StoredFile
from core.sessions import Caller
from ports.clock import Clock
from ports.storage import Area, Key, Link, Storage
from ports.store import Repositories, Store
from services.files.access import check_access
from services.files.documents import FILES
from services.files.media_types import download_type

READABLE = frozenset({State.CHECKED, State.FINAL})
EXTENSIONS = {"image/webp": ".webp", "image/jpeg": ".jpg"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileService:
    """`by` is the acting account. Methods raise `NotFound` for an account that may not see the
    file, and for a file that is not final."""

    store: Store
    storage: Storage
    clock: Clock

    async def get(self, file_id: FileId, *, by: str) -> StoredFile:
        """The record, also of an own file that is not final."""
        file = await self.store.repositories.documents(FILES).find(file_id)
        if file is None:
            raise NotFound
        await check_access(self.store.repositories, file, by)
        return file

    async def link(self, file_id: FileId, *, by: Account, caller: Caller) -> Link:
        """A link to download the file. An administrator gets one to what belongs to a booking; this
        is recorded in the activity of the owner."""
        return await self._link(await self._readable(file_id, by, caller))

    async def link_in(
        self, file_id: FileId, *, attached_to: str, by: Account, caller: Caller
    ) -> Link:
        """A link for an administrator who may read what the file is attached to, such as a reported
        chat. This is recorded in the activity of the owner. Raises `NotFound` for another file."""
        file = await self.store.repositories.documents(FILES).find(file_id)
        if file is None or file.state is not State.FINAL or file.attached_to != attached_to:
            raise NotFound
        await self._record_reading(file, by, caller)
        return await self._link(file)

    async def _link(self, file: StoredFile) -> Link:
        return await self.storage.download_link(
            Key(Area.FINAL, file.object_name),
            filename=file.name,
            content_type=download_type(file.contents),
        )

    async def preview(self, file_id: FileId, name: str, *, by: Account, caller: Caller) -> Link:
        """A link to a preview, without a `name` to the first. Raises `NotFound` for a preview that
        the file does not have."""
        file = await self._readable(file_id, by, caller)
        preview = file.contents.preview(name)
        extension = EXTENSIONS.get(preview.media_type, ".txt")
        return await self.storage.download_link(
            Key(Area.FINAL, file.preview_name(preview.name)),
            filename=f"{PurePath(file.name).stem}-{preview.name}{extension}",
            content_type=preview.media_type,
        )

    async def text(self, file_id: FileId, *, by: Account, caller: Caller) -> str:
        """The text preview itself. Raises `NotFound` for a file without one."""
        file = await self._readable(file_id, by, caller)
        file.contents.preview("text")
        async with self.storage.open(Key(Area.FINAL, file.preview_name("text"))) as chunks:
            content = b"".join([chunk async for chunk in chunks])
        return content.decode("utf-8", "replace")

    async def _readable(self, file_id: FileId, by: Account, caller: Caller) -> StoredFile:
        file = await self.store.repositories.documents(FILES).find(file_id)
        if file is None or file.state not in READABLE:
            raise NotFound
        try:
            await check_access(self.store.repositories, file, by.id)
        except NotFound:
            if not self._open_to_administrators(file, by):
                raise
            await self._record_reading(file, by, caller)
        return file

    @staticmethod
    def _open_to_administrators(file: StoredFile, by: Account) -> bool:
        """Chats are read by way of a report only."""
        private = file.purpose is Purpose.CHAT
        final = file.state is State.FINAL
        return Role.ADMIN in by.roles and file.attached and final and not private

    async def _record_reading(self, file: StoredFile, by: Account, caller: Caller) -> None:
        """Once an hour for each file: a page with previews asks for several at once."""
        now = self.clock.now()
        entry = audit_message(
            AccountActivity.ADMIN_READ,
            f"{file.id}:{by.id}:{now:%Y%m%d%H}",
            account=file.owner,
            actor=by.id,
            at=now,
            address=caller.place,
            device=caller.device,
            file=file.id,
            name=file.name,
        )

        async def step(repositories: Repositories) -> None:
            await repositories.outbox.add(entry)

        await self.store.transact(step)
