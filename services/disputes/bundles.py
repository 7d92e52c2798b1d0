"""The whole case as one ZIP, for both sides: made while it is sent, with a bounded memory."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

from core.accounts import Account
from core.bookings import Booking, BookingId
from core.case_manifests import CHECKSUMS, MANIFEST, BundleEntry, CaseManifest, seal_key
from core.chats import ChatId, chat_id
from core.developers import DeveloperId
from core.disputes import Dispute, DisputeId
from core.messages import Message
from core.payments import PaymentId
from core.sessions import Caller
from ports.clock import Clock
from ports.storage import Area, Key, Storage
from ports.store import Repositories, Store
from services.disputes.bundle_texts import (
    as_json,
    bundle_readme,
    file_name,
    file_record,
    message_record,
)
from services.disputes.decisions import audit_reading
from services.disputes.storage import dispute_of_party, disputes
from services.files import Attachments

PER_FILE = 500
"""Messages in one file of a bundle, which is what is in memory at a time."""
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The time of all files in a ZIP: the same case gives the same bundle."""


class _Sent(io.RawIOBase):
    """Collects what the ZIP writer writes, until it is sent."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(data)  # type: ignore[call-overload]
        self._parts.append(part)
        return len(part)

    def take(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


@dataclass(slots=True)
class _Writer:
    """Adds files to a ZIP that is sent at the same time, and notes their checksums."""

    out: _Sent = field(default_factory=_Sent)
    entries: list[BundleEntry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.zip = zipfile.ZipFile(self.out, "w", zipfile.ZIP_DEFLATED)

    zip: zipfile.ZipFile = field(init=False)

    def add(self, name: str, text: str) -> bytes:
        """Returns the bytes that can be sent now."""
        content = text.encode()
        self.entries.append(BundleEntry(name, hashlib.sha256(content).hexdigest(), len(content)))
        return self._write(name, content)

    async def add_file(
        self, name: str, size: int, chunks: AsyncIterator[bytes]
    ) -> AsyncIterator[bytes]:
        """A file in parts, of which one is in memory at a time."""
        digest, count = hashlib.sha256(), 0
        with self.zip.open(_info(name, size), "w") as file:
            async for chunk in chunks:
                digest.update(chunk)
                count += len(chunk)
                file.write(chunk)
                yield self.out.take()
        self.entries.append(BundleEntry(name, digest.hexdigest(), count))
        yield self.out.take()

    def end(self, dispute: Dispute, key: bytes) -> bytes:
        manifest = CaseManifest.of(dispute.id, dispute.booking_number, self.entries, key=key)
        sent = self._write(MANIFEST, manifest.text().encode())
        sent += self._write(CHECKSUMS, manifest.checksums().encode())
        self.zip.close()
        return sent + self.out.take()

    def _write(self, name: str, content: bytes) -> bytes:
        self.zip.writestr(_info(name, len(content)), content)
        return self.out.take()


def _info(name: str, size: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=FIRST_DAY)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    info.file_size = size
    return info


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleService:
    """`secret_key` never changes: it seals the bundles."""

    store: Store
    storage: Storage
    attachments: Attachments
    clock: Clock
    secret_key: bytes = field(repr=False)

    async def for_party(
        self, dispute_id: DisputeId, *, by: str
    ) -> tuple[str, AsyncIterator[bytes]]:
        """The name of the file and its parts, for one of the sides. Raises `NotFound`."""
        dispute, _ = await dispute_of_party(self.store.repositories, dispute_id, by)
        return _file_name(dispute), self._parts(dispute)

    async def for_administrator(
        self, dispute_id: DisputeId, *, by: Account, caller: Caller
    ) -> tuple[str, AsyncIterator[bytes]]:
        """The same, for an administrator. It is recorded in the audit trails of both sides."""
        repositories = self.store.repositories
        dispute = await disputes(repositories).get(dispute_id)
        await repositories.outbox.add(*audit_reading(dispute, by, caller, self.clock.now()))
        return _file_name(dispute), self._parts(dispute)

    async def _parts(self, dispute: Dispute) -> AsyncIterator[bytes]:
        writer, repositories = _Writer(), self.store.repositories
        booking = await repositories.bookings.get(BookingId(dispute.booking_id))
        yield writer.add("README.txt", bundle_readme(dispute))
        yield writer.add("case.json", as_json(dispute))
        yield writer.add("booking.json", as_json(booking))
        for name, records in await self._records(repositories, dispute, booking):
            yield writer.add(name, as_json(records))
        number = 0
        async for page in _messages(repositories, _chat(booking)):
            number += 1
            texts = [message_record(each, dispute) for each in page]
            yield writer.add(f"messages-{number:04d}.json", as_json(texts))
        async for part in self._files(writer, dispute):
            yield part
        yield writer.end(dispute, seal_key(self.secret_key))

    async def _files(self, writer: _Writer, dispute: Dispute) -> AsyncIterator[bytes]:
        """The files of the evidence, by number, and their original names."""
        ids = [each for evidence in dispute.evidence for each in evidence.files]
        found = await self.attachments.of(self.store.repositories, ids)
        files = [found[each] for each in ids if each in found]
        if files:
            names = [file_record(number, each) for number, each in enumerate(files, 1)]
            yield writer.add("files.json", as_json(names))
        for number, file in enumerate(files, 1):
            async with self.storage.open(Key(Area.FINAL, file.object_name)) as chunks:
                async for part in writer.add_file(file_name(number), file.size, chunks):
                    yield part

    @staticmethod
    async def _records(
        repositories: Repositories, dispute: Dispute, booking: Booking
    ) -> Iterator[tuple[str, object]]:
        payment = await repositories.payments.get(PaymentId(booking.payment_id))
        found = {
            "timeline.json": await repositories.timeline.of_booking(booking.id),
            "deliveries.json": await repositories.deliveries.of_job(dispute.job_id),
            "statements.json": dispute.statements,
            "evidence.json": dispute.evidence,
            "offers.json": dispute.offers,
            "refunds.json": payment.refunds,
            "ledger.json": await repositories.transactions.of_booking(booking.id),
        }
        return iter(found.items())


def _file_name(dispute: Dispute) -> str:
    return f"case-{dispute.booking_number}.zip"


def _chat(booking: Booking) -> ChatId:
    return chat_id(booking.client.account_id, DeveloperId(booking.developer.id))


async def _messages(repositories: Repositories, chat: ChatId) -> AsyncIterator[tuple[Message, ...]]:
    """The conversation of the two, in order, page by page."""
    after = 0
    while page := await repositories.messages.after(chat, after, limit=PER_FILE):
        yield page
        after = page[-1].seq
