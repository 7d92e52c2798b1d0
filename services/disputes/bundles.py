"""The whole case as one ZIP, for both sides: made while it is sent, with a bounded memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from core.accounts import Account
from core.bookings import Booking, BookingId
from core.bundle_checks import BundleCheck
from core.case_files import FILES
from core.case_manifests import seal_key
from core.chats import ChatId, chat_id
from core.deliveries import Delivery
from core.developers import DeveloperId
from core.disputes import Dispute, DisputeId
from core.disputes_policy import DisputePolicy
from core.files import Purpose
from core.messages import Message
from core.payments import PaymentId
from core.sessions import Caller
from ports.clock import Clock
from ports.storage import Storage
from ports.store import Duplicate, Repositories, Store
from services.disputes.bundle_files import BundleFiles, files_of_case, ids_of_case
from services.disputes.bundle_texts import as_json, bundle_readme, message_record, stay_record
from services.disputes.bundle_writing import BundleWriter
from services.disputes.decisions import audit_reading
from services.disputes.storage import BUNDLE_CHECKS, dispute_of_party, disputes
from services.files import Attachments
from services.pads import PADS
from services.shared.transactions import transact

PER_FILE = 500
"""Messages in one file of a bundle, which is what is in memory at a time."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The name of the ZIP, its parts, and how many bytes of files it may contain."""

    name: str
    file_bytes: int
    parts: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleService:
    """`secret_key` never changes: it seals the bundles."""

    store: Store
    storage: Storage
    attachments: Attachments
    clock: Clock
    policy: DisputePolicy
    secret_key: bytes = field(repr=False)

    async def for_party(self, dispute_id: DisputeId, *, by: str) -> Bundle:
        """For one of the sides. Raises `NotFound`."""
        dispute, _ = await dispute_of_party(self.store.repositories, dispute_id, by)
        return await self._bundle(dispute)

    async def for_administrator(
        self, dispute_id: DisputeId, *, by: Account, caller: Caller
    ) -> Bundle:
        """The same, for an administrator. It is recorded in the audit trails of both sides."""
        repositories = self.store.repositories
        dispute = await disputes(repositories).get(dispute_id)
        await repositories.outbox.add(*audit_reading(dispute, by, caller, self.clock.now()))
        return await self._bundle(dispute)

    async def _bundle(self, dispute: Dispute) -> Bundle:
        repositories = self.store.repositories
        booking = await repositories.bookings.get(BookingId(dispute.booking_id))
        deliveries = await repositories.deliveries.of_job(dispute.job_id)
        stored = await self.attachments.of(repositories, ids_of_case(dispute, deliveries))
        talk = await self.attachments.attached_to(repositories, _chat(booking))
        brief = [
            file
            for file in await self.attachments.attached_to(repositories, booking.id)
            if file.purpose is Purpose.BRIEF
        ]
        more = {"brief": brief, "conversation": talk}
        files = BundleFiles(
            storage=self.storage,
            wanted=files_of_case(dispute, deliveries, stored, more),
            stored=stored | {file.id: file for each in more.values() for file in each},
            bytes_maximum=self.policy.bundle_bytes_maximum,
        )
        most = min(self.policy.bundle_bytes_maximum, sum(each.size for each in files.wanted))
        parts = self._parts(dispute, booking, deliveries, files)
        return Bundle(f"case-{dispute.booking_number}.zip", most, parts)

    async def _parts(
        self,
        dispute: Dispute,
        booking: Booking,
        deliveries: tuple[Delivery, ...],
        files: BundleFiles,
    ) -> AsyncIterator[bytes]:
        writer, repositories = BundleWriter(), self.store.repositories
        yield writer.add("README.txt", bundle_readme(dispute))
        yield writer.add("case.json", as_json(dispute))
        yield writer.add("booking.json", as_json(booking))
        records = await self._records(repositories, dispute, booking, deliveries)
        for name, found in records.items():
            yield writer.add(name, as_json(found))
        number = 0
        async for page in _messages(repositories, _chat(booking)):
            number += 1
            texts = [message_record(each, dispute) for each in page]
            yield writer.add(f"messages-{number:04d}.json", as_json(texts))
        async for part in files.write(writer):
            yield part
        if files.listed:
            yield writer.add(FILES, as_json(files.listed))
        manifest = writer.manifest(dispute.id, dispute.booking_number, seal_key(self.secret_key))
        await self._checked(
            BundleCheck.of(manifest, writer.entries, files.listed, now=self.clock.now())
        )
        yield writer.end(manifest)

    async def _checked(self, check: BundleCheck) -> None:
        """Keep the result for administrators, whose page would have to read all files for it. Of
        two first ones at the same moment one is kept."""

        async def step(repositories: Repositories) -> None:
            checks = repositories.documents(BUNDLE_CHECKS)
            earlier = await checks.find(check.id)
            if earlier is None:
                await checks.add(check)
            else:
                await checks.save(check.after(earlier))

        with suppress(Duplicate):
            await transact(self.store, step)

    async def last_check(self, dispute: Dispute) -> BundleCheck | None:
        """That of the bundle that was made last, None if there was none. The caller has checked the
        access."""
        return await self.store.repositories.documents(BUNDLE_CHECKS).find(dispute.id)

    @staticmethod
    async def _records(
        repositories: Repositories,
        dispute: Dispute,
        booking: Booking,
        deliveries: tuple[Delivery, ...],
    ) -> Mapping[str, object]:
        payment = await repositories.payments.get(PaymentId(booking.payment_id))
        stays = await repositories.stays.of_booking(booking.id)
        return {
            "attendance.json": [stay_record(each, dispute) for each in stays],
            "pad.json": await repositories.documents(PADS).find(booking.id),
            "timeline.json": await repositories.timeline.of_booking(booking.id),
            "deliveries.json": deliveries,
            "statements.json": dispute.statements,
            "evidence.json": dispute.evidence,
            "offers.json": dispute.offers,
            "refunds.json": payment.refunds,
            "ledger.json": await repositories.transactions.of_booking(booking.id),
        }


def _chat(booking: Booking) -> ChatId:
    return chat_id(booking.client.account_id, DeveloperId(booking.developer.id))


async def _messages(repositories: Repositories, chat: ChatId) -> AsyncIterator[tuple[Message, ...]]:
    """The conversation of the two, in order, page by page."""
    after = 0
    while page := await repositories.messages.after(chat, after, limit=PER_FILE):
        yield page
        after = page[-1].seq
