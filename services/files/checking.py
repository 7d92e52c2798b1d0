"""Checks of uploaded files: after them a file is final, or refused with a reason.

Each attempt copies the file to a new key, so that attempts do not disturb each other, and checks
the copy. The first attempt that saves its result wins; the others remove their copies.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextvars import Context
from dataclasses import dataclass, field

from core.files import (
    Contents,
    FileId,
    Preview,
    PreviewName,
    State,
    StoredFile,
    object_name,
)
from core.files_messages import CheckFile, RemoveBytes, ScanFile
from core.notifications import NotifyAccount
from core.outbox import NotDueYet, message
from core.policy import SECOND
from ports.clock import Clock, Ids
from ports.inspection import Inspection, InspectionRefused, Inspector
from ports.live import Live
from ports.storage import Area, Key, ObjectUnknown, Storage
from ports.store import Repositories, Store
from ports.virus_scan import TooLargeToScan, VirusScanner
from services.files.documents import FILES, free_bytes
from services.files.downloaded import Downloaded, WrongBytes
from services.files.uploads import quarantine_key
from services.shared.outbox import handles
from services.shared.transactions import transact

Work = tuple[FileId, State]
"""What is done for a file in this state: it is inspected, or scanned."""
REFUSED = "file_refused"
"""The notice for whoever has uploaded a file: its page may be closed by then."""
LOST = "The uploaded file is not in the storage any more. Upload it again."
BUSY_WAIT = 2 * SECOND
WAIT_S = 15.0
"""How long an outbox message waits for a check, which may last longer than a message may run: on a
machine with other work, an inspection that uses all of its processor time takes minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChecks:
    """Outbox handlers. Without a `scanner` nothing is scanned for viruses."""

    store: Store
    storage: Storage
    inspector: Inspector
    scanner: VirusScanner | None
    live: Live
    clock: Clock
    ids: Ids
    downloaded: Downloaded
    _running: dict[Work, asyncio.Task[StoredFile]] = field(default_factory=dict)
    """The attempts of this process that run, and those that have failed since their message was
    postponed. What they check is stored by themselves."""

    @handles(CheckFile)
    async def check(self, payload: CheckFile) -> None:
        """Make an uploaded file final, or refuse it. Raises what makes another attempt useful."""
        file = await self.store.repositories.documents(FILES).find(payload.file)
        if file is None:
            return
        if file.state is State.QUARANTINED:
            file = await self._in_this_process(file, self._attempt)
        await self._finish(file)

    @handles(ScanFile)
    async def scan(self, payload: ScanFile) -> None:
        """Scan a checked file for viruses."""
        file = await self.store.repositories.documents(FILES).find(payload.file)
        if file is None:
            return
        if file.state is State.CHECKED:
            file = await self._in_this_process(file, self._scan)
        await self._finish(file)

    @handles(RemoveBytes)
    async def remove_bytes(self, payload: RemoveBytes) -> None:
        """Remove what the storage has of a file whose record is gone."""
        key = Key(Area.QUARANTINE, payload.file)
        await self.storage.abort(key)
        await self.storage.delete(key)
        await self._delete(payload.names.split())

    def _wait_if_busy(self) -> None:
        if self.downloaded.busy:
            raise NotDueYet(self.clock.now() + BUSY_WAIT)

    async def _in_this_process(
        self, file: StoredFile, attempt: Callable[[StoredFile], Coroutine[None, None, StoredFile]]
    ) -> StoredFile:
        """Raises `NotDueYet` while it goes on, and once what made it fail."""
        work = (file.id, file.state)
        running = self._running.get(work)
        if running is None:
            self._wait_if_busy()
            running = asyncio.create_task(attempt(file), context=Context())
            self._running[work] = running
            running.add_done_callback(lambda ended: self._forget(work, ended))
        await asyncio.wait([running], timeout=WAIT_S)
        if not running.done():
            raise NotDueYet(self.clock.now() + BUSY_WAIT)
        self._running.pop(work, None)
        return running.result()

    def _forget(self, work: Work, ended: asyncio.Task[StoredFile]) -> None:
        if ended.cancelled() or ended.exception() is None:
            self._running.pop(work, None)

    async def _scan(self, file: StoredFile) -> StoredFile:
        return await self._save(file, await self._scanned(file))

    async def _attempt(self, file: StoredFile) -> StoredFile:
        """Check the file, and give the record as it is stored afterwards."""
        attempt = self.ids.new("try")[-10:]
        try:
            checked = await self._checked(file, attempt)
        except ObjectUnknown:
            checked = file.refused(LOST)
        except (InspectionRefused, WrongBytes) as refused:
            checked = file.refused(refused.message)
        stored = await self._save(file, checked)
        if stored.attempt != attempt:
            await self._delete(self._made_by(file.id, attempt))
        return stored

    async def _checked(self, file: StoredFile, attempt: str) -> StoredFile:
        copy = Key(Area.FINAL, object_name(file.id, attempt))
        await self.storage.copy(quarantine_key(file), copy)
        async with self.downloaded.file(copy, size=file.size, sha256=file.sha256) as path:
            found = await self.inspector.inspect(path, name=file.name)
        checked = file.checked(attempt, _contents(found))
        for preview in found.previews:
            key = Key(Area.FINAL, checked.preview_name(preview.name))
            await self.storage.put(key, preview.content, preview.media_type)
        return checked if self.scanner else checked.final()

    async def _scanned(self, file: StoredFile) -> StoredFile:
        if self.scanner is None:  # turned off since then
            return file.final()
        key = Key(Area.FINAL, file.object_name)
        try:
            async with self.downloaded.file(key, size=file.size, sha256=file.sha256) as path:
                finding = await self.scanner.scan(path)
        except ObjectUnknown:
            return file.refused(LOST)
        except TooLargeToScan as error:
            return file.refused(error.message)
        if finding:
            return file.refused(f"A virus scanner has found {finding} in this file.")
        return file.final()

    async def _save(self, before: StoredFile, after: StoredFile) -> StoredFile:
        """Store the result unless another attempt was faster; what is stored then."""
        now = self.clock.now()

        async def step(repositories: Repositories) -> StoredFile:
            current = await repositories.documents(FILES).find(before.id)
            if current is None or current.state is not before.state:
                return current or before
            await free_bytes(repositories, before.owner, before.counted_bytes - after.counted_bytes)
            if after.state is State.CHECKED:
                await repositories.outbox.add(message(ScanFile(after.id), after.id, due_at=now))
            if after.state is State.REFUSED:
                removal = RemoveBytes(after.id, " ".join(before.object_names))
                notice = NotifyAccount(REFUSED, after.owner, fact=after.id, subject=after.id)
                for payload in (removal, notice):
                    await repositories.outbox.add(message(payload, after.id, due_at=now))
            return await repositories.documents(FILES).save(after)

        return await transact(self.store, step)

    async def _finish(self, file: StoredFile) -> None:
        """Idempotent: the message runs again if the process ended before."""
        await self.storage.delete(quarantine_key(file))
        await self.live.publish(
            f"account:{file.owner}",
            "file:updated",
            {"file": file.id, "state": file.state.value, "reason": file.reason},
        )

    def _made_by(self, file: FileId, attempt: str) -> Sequence[str]:
        """All names that an attempt can have given."""
        name = object_name(file, attempt)
        return (name, *(f"{name}{each}" for each in PreviewName))

    async def _delete(self, names: Sequence[str]) -> None:
        for name in names:
            await self.storage.delete(Key(Area.FINAL, name))


def _contents(found: Inspection) -> Contents:
    previews = (Preview(p.name, p.media_type, p.width, p.height) for p in found.previews)
    return Contents(
        media_type=found.media_type,
        kind=found.kind,
        width=found.width,
        height=found.height,
        pages=found.pages,
        previews=tuple(previews),
        entries=tuple(found.entries),
        entry_count=found.entry_count,
        unpacked_size=found.unpacked_size,
        truncated=found.truncated,
    )
