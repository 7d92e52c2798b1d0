"""The sweep: removes what nobody uses, and finds files whose bytes are gone."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.files import State, StoredFile
from core.files_policy import FilePolicy
from core.findings import FindingKind
from core.policy import HOUR
from ports.clock import Clock
from ports.documents import DocumentType
from ports.findings import Finding
from ports.storage import Area, Key, Listed, Storage, StorageRefused
from ports.store import Repositories, Store
from services.files.documents import FILES
from services.files.uploads import remove
from services.shared.periodic import periodic
from services.shared.transactions import transact

log = logging.getLogger(__name__)

PAGE = 200
PAGES_OF_OBJECTS = 100
"""Of each area in one run; the next run goes on there."""
PAGES_OF_RECORDS = 10
"""Of final files whose bytes are looked for in one run."""
YOUNG = HOUR
"""An object that is younger may belong to something that is just being done."""
ID_LENGTH = len("fil_") + 26
OF_FILES = "fil_"


@dataclass(frozen=True, slots=True)
class SweepPosition:
    """Where the sweep goes on: `id` names the list, `cursor` is None at its beginning."""

    id: str
    cursor: str | None = None
    version: int = 0


POSITIONS = DocumentType("file_sweeps", SweepPosition)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSweep:
    store: Store
    storage: Storage
    clock: Clock
    policy: FilePolicy

    @periodic("files.sweep", every=HOUR)
    async def sweep(self) -> None:
        """Everything can be repeated, and nothing that is in use is removed: a file that is
        attached, an upload that goes on, a copy that is being checked.

        Raises `StorageUnavailable`; then the next run does the work.
        """
        now = self.clock.now()
        await self._remove_records(State.PENDING, now - self.policy.upload_life)
        for state in (State.FINAL, State.REFUSED):
            await self._remove_records(state, now - self.policy.unused_life)
        await self.storage.sweep(now - self.policy.upload_life)
        for area in Area:
            await self._remove_objects(area, now - YOUNG)
        await self._find_lost(now)

    async def _remove_records(self, state: State, before: datetime) -> None:
        """Remove files of this state that are not attached and older, with their bytes."""
        for _ in range(PAGES_OF_OBJECTS):
            found, _cursor = await self.store.repositories.documents(FILES).page(
                "unused", equals={"attached_to": "", "state": state}, limit=PAGE
            )
            old = [file for file in found if file.created_at < before]
            for file in old:
                await self._remove_unused(file)
            if len(old) < PAGE:
                return

    async def _remove_unused(self, file: StoredFile) -> None:
        now = self.clock.now()

        async def step(repositories: Repositories) -> None:
            current = await repositories.documents(FILES).find(file.id)
            if current and current.state is file.state and not current.attached:
                await remove(repositories, current, now)

        await transact(self.store, step)

    async def _remove_objects(self, area: Area, before: datetime) -> None:
        """Remove objects without a record that uses them."""
        position = await self._position(area.value)
        cursor = position.cursor
        for _ in range(PAGES_OF_OBJECTS):
            try:
                page = await self.storage.list(area, cursor=cursor, limit=PAGE)
            except StorageRefused:  # the cursor is of another time
                cursor = None
                break
            await self._remove_unreferenced(page.objects, before)
            cursor = page.next
            if cursor is None:
                break
        await self._save(position, cursor)

    async def _remove_unreferenced(self, objects: Sequence[Listed], before: datetime) -> None:
        old = [each.key for each in objects if each.modified < before and _is_of_a_file(each.key)]
        if not old:
            return
        ids = sorted({_file_of(key) for key in old})
        # Read after the list: a record exists before its first object.
        files = await self.store.repositories.documents(FILES).many(ids)
        unused = [key for key in old if not _uses(files, key)]
        for key in unused:
            await self.storage.delete(key)
        if unused:
            log.info("removed %d objects that no file uses", len(unused))

    async def _find_lost(self, now: datetime) -> None:
        """Report final files whose bytes are gone."""
        position = await self._position("records")
        cursor = position.cursor
        for _ in range(PAGES_OF_RECORDS):
            found, cursor = await self.store.repositories.documents(FILES).page(
                "by_age", equals={"state": State.FINAL}, limit=PAGE, cursor=cursor
            )
            for file in found:
                if await self.storage.head(Key(Area.FINAL, file.object_name)) is None:
                    await self._report_lost(file, now)
            if cursor is None:
                break
        await self._save(position, cursor)

    async def _report_lost(self, file: StoredFile, now: datetime) -> None:
        current = await self.store.repositories.documents(FILES).find(file.id)
        if current is None or current.state is not State.FINAL:
            return
        detail = f"The bytes of the file {file.object_name} are not in the storage."
        log.error("%s", detail)
        await self.store.repositories.findings.report(
            Finding(f"file_lost:{file.id}", FindingKind.FILE_LOST, file.id, detail, now)
        )

    async def _position(self, name: str) -> SweepPosition:
        found = await self.store.repositories.documents(POSITIONS).find(name)
        return found or SweepPosition(name)

    async def _save(self, position: SweepPosition, cursor: str | None) -> None:
        async def step(repositories: Repositories) -> None:
            documents = repositories.documents(POSITIONS)
            current = await documents.find(position.id)
            if current is None:
                await documents.add(replace(position, cursor=cursor))
            elif current.cursor != cursor:
                await documents.save(replace(current, cursor=cursor))

        await transact(self.store, step)


def _is_of_a_file(key: Key) -> bool:
    return key.name.startswith(OF_FILES)


def _file_of(key: Key) -> str:
    return key.name[:ID_LENGTH]


def _uses(files: Mapping[str, StoredFile], key: Key) -> bool:
    file = files.get(_file_of(key))
    if file is None:
        return False
    if key.area is Area.QUARANTINE:
        return file.state in (State.PENDING, State.QUARANTINED)
    return file.state is State.QUARANTINED or key.name in file.object_names
