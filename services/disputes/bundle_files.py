"""The files of a case for its bundle: those of statements and evidence first, then those delivered,
of the brief and of the conversation, up to a limit of bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace

from core.case_files import CHANGED, FOLDER, GONE, OVER, CaseFile
from core.deliveries import Delivery
from core.disputes import Dispute
from core.files import StoredFile
from ports.storage import Area, Key, ObjectUnknown, Storage
from services.disputes.bundle_writing import BundleWriter


@dataclass(slots=True, kw_only=True)
class BundleFiles:
    """`wanted` are the files of the case, `stored` the records of those that exist, by id. `listed`
    has them as they were written, after `write`."""

    storage: Storage
    wanted: Sequence[CaseFile]
    stored: Mapping[str, StoredFile]
    bytes_maximum: int
    listed: list[CaseFile] = field(default_factory=list)

    async def write(self, writer: BundleWriter) -> AsyncIterator[bytes]:
        left = self.bytes_maximum
        for number, file in enumerate(self.wanted, 1):
            if file.size > left:
                self.listed.append(replace(file, reason=OVER))
                continue
            written = replace(file, file=f"{FOLDER}{number:04d}")
            async for part in self._write(writer, written):
                yield part
            left -= file.size if self.listed[-1].file else 0

    async def _write(self, writer: BundleWriter, file: CaseFile) -> AsyncIterator[bytes]:
        stored = self.stored.get(file.id)
        async with AsyncExitStack() as stack:
            try:
                chunks = await stack.enter_async_context(self.storage.open(_key(stored)))
            except ObjectUnknown:
                self.listed.append(replace(file, file="", reason=GONE))
                return
            async for part in writer.add_file(file.file, file.size, chunks):
                yield part
        entry = writer.entries[-1]
        is_same = (entry.sha256, entry.size) == (file.sha256, file.size)
        self.listed.append(file if is_same else replace(file, reason=CHANGED))


def _key(stored: StoredFile | None) -> Key:
    """Raises `ObjectUnknown` for a file that has no record."""
    if stored is None:
        raise ObjectUnknown
    return Key(Area.FINAL, stored.object_name)


def files_of_case(
    dispute: Dispute,
    deliveries: Sequence[Delivery],
    stored: Mapping[str, StoredFile],
    more: Mapping[str, Sequence[StoredFile]],
) -> tuple[CaseFile, ...]:
    """In the order in which they are written: the newest delivery before those it replaces. `more`
    are those of the brief and of the conversation."""
    others = (_stored_one(part, file) for part, files in more.items() for file in files)
    return (*_added(dispute, stored), *_delivered(deliveries, stored), *others)


def ids_of_case(dispute: Dispute, deliveries: Sequence[Delivery]) -> list[str]:
    return [*dispute.files, *(file.id for each in deliveries for file in each.files)]


def _added(dispute: Dispute, stored: Mapping[str, StoredFile]) -> Iterator[CaseFile]:
    parts = {f"statement of the {said.by}": said.files for said in dispute.statements}
    parts |= {f"evidence {n}": each.files for n, each in enumerate(dispute.evidence, 1)}
    for part, ids in parts.items():
        for file_id in ids:
            file = stored.get(file_id)
            gone = CaseFile(part=part, id=file_id, name="", size=0, sha256="")
            yield _stored_one(part, file) if file else gone


def _stored_one(part: str, file: StoredFile) -> CaseFile:
    return CaseFile(
        part=part, id=file.id, name=file.name, size=file.size, sha256=file.sha256,
        type=file.contents.media_type,
    )  # fmt: skip


def _delivered(
    deliveries: Sequence[Delivery], stored: Mapping[str, StoredFile]
) -> Iterator[CaseFile]:
    for delivery in reversed(deliveries):
        for file in delivery.files:
            known = stored.get(file.id)
            yield CaseFile(
                part=f"delivery {delivery.number}", id=file.id, name=file.name, size=file.size,
                sha256=file.sha256, type=known.contents.media_type if known else "",
            )  # fmt: skip
