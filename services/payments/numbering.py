"""Issues the documents of ledger entries: gives each one the next number of its series.

Messages that run at the same time in one process are issued in one transaction; those of several
processes conflict over the number, and all but one of the transactions run again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from core.accounts import AccountId
from core.billing import BillingDetails
from core.bookings import Booking
from core.gst import Operator
from core.money import Money
from core.numbering import (
    OF_DEVELOPERS,
    DocumentNumber,
    IssuedDocument,
    NumberSeries,
    Series,
    SeriesId,
    series_id,
    series_of,
)
from core.outbox import NotDueYet, OutboxMessage, message
from core.payments_messages import IssueDocument
from core.policy import MINUTE
from core.transactions import Transaction, TransactionId
from ports.clock import Clock
from ports.store import Duplicate, Repositories, Store
from services.billing import BILLING_DETAILS
from services.payments.document_contents import Contents, complete, with_amounts
from services.payments.documents import ISSUED_DOCUMENTS, NUMBER_SERIES
from services.shared.outbox import handles
from services.shared.transactions import transact

RECEIPT_WAIT = MINUTE
"""When a document is tried again whose receipt has no number yet."""


def in_series(entry: Transaction) -> Transaction:
    """The entry with the series of its document; the same entry if it has no document."""
    series = series_of(entry)
    return replace(entry, series=series_id(series, entry.at)) if series else entry


def issue_messages(
    entry: Transaction,
    booking: Booking,
    *,
    receipt: TransactionId | None = None,
    before: Money | None = None,
) -> list[OutboxMessage]:
    """What issues the document of an entry `in_series`: one message, or none without a document.
    `receipt` is the entry of the booking's receipt, `before` what was left before a refund; for
    a reversal both are read when it is issued."""
    if not entry.series:
        return []
    issue = IssueDocument(
        entry.id, booking.id, AccountId(reader_of(entry, booking)), SeriesId(entry.series)
    )
    if series_of(entry) is not Series.REVERSAL:  # it needs the ledger, which is read later
        issue = with_amounts(issue, entry, booking, receipt=receipt, before=before)
    return [message(issue, entry.id, due_at=entry.at)]


def reader_of(entry: Transaction, booking: Booking) -> str:
    """The account that gets the document of an entry."""
    of = booking.developer if series_of(entry) in OF_DEVELOPERS else booking.client
    return of.account_id


async def numbers_of(
    repositories: Repositories, entries: Iterable[Transaction]
) -> Mapping[str, DocumentNumber]:
    """The numbers of the documents of these entries by the entry's id, without those that are not
    issued yet: one read at most."""
    entries = list(entries)
    found: dict[str, DocumentNumber] = {
        each.id: DocumentNumber(each.number) for each in entries if each.number
    }
    issued = await documents_of(repositories, entries)
    return {**found, **{each.id: each.number for each in issued.values()}}


async def documents_of(
    repositories: Repositories, entries: Iterable[Transaction]
) -> Mapping[str, IssuedDocument]:
    """The issued documents of these entries by the entry's id: one read at most."""
    numbered = [each.id for each in entries if each.series]
    return await repositories.documents(ISSUED_DOCUMENTS).many(numbered) if numbered else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbering:
    store: Store
    clock: Clock
    operator: Operator = field(default_factory=Operator)
    waiting: dict[str, IssueDocument] = field(default_factory=dict, repr=False)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    @handles(IssueDocument)
    async def issue(self, payload: IssueDocument) -> None:
        """Issue the document, together with all that wait at this moment; without effect for one
        that was issued before. Raises `NotDueYet` for one whose receipt has no number yet."""
        self.waiting[payload.entry] = payload
        try:
            async with self.turn:
                if payload.entry in self.waiting:
                    await self._issue_waiting(payload)
        finally:
            self.waiting.pop(payload.entry, None)

    async def _issue_waiting(self, own: IssueDocument) -> None:
        """Issue all that wait; only the own one if that fails, so that each fails for itself."""
        batch = tuple(self.waiting.values())
        try:
            await self._issue(batch)
        except Exception:
            if len(batch) == 1:
                raise
            batch = (own,)
            await self._issue(batch)
        for each in batch:
            self.waiting.pop(each.entry, None)

    async def _issue(self, batch: Sequence[IssueDocument]) -> None:
        """What is mostly new is not looked for first: a duplicate key says that it was issued."""
        try:
            await transact(self.store, partial(self._step, batch, look=False))
        except Duplicate:
            await transact(self.store, partial(self._step, batch, look=True))

    async def _step(
        self, batch: Sequence[IssueDocument], repositories: Repositories, *, look: bool
    ) -> None:
        batch = [await complete(repositories, each) for each in batch]
        issued = repositories.documents(ISSUED_DOCUMENTS)
        wanted = _earlier_documents(batch)
        wanted |= {each.entry for each in batch} if look else set()
        known = dict(await issued.many(sorted(wanted))) if wanted else {}
        new = [each for each in batch if each.entry not in known]
        await self._check_receipts(repositories, new, known)
        contents = Contents(
            operator=self.operator,
            parties=await _parties(repositories, new),
            documents=known,
        )
        for key in sorted({each.series for each in new}, key=_receipts_first):
            stored = repositories.documents(NUMBER_SERIES)
            before = await stored.find(key)
            series = before or NumberSeries(key)
            for each in new:
                if each.series == key:
                    series = series.take()
                    document = contents.of(each, series.number, self.clock.now())
                    known[each.entry] = await issued.add(document)
            await (stored.save(series) if before else stored.add(series))

    async def _check_receipts(
        self,
        repositories: Repositories,
        batch: Sequence[IssueDocument],
        known: Mapping[str, IssuedDocument],
    ) -> None:
        """Raises `NotDueYet` for a document whose receipt or statement is being issued. Those of
        versions without series of numbers are never issued."""
        here = {each.entry for each in batch} | set(known)
        missing = sorted(_earlier_documents(batch) - here)
        entries = await repositories.transactions.many(missing) if missing else {}
        if any(entry.series for entry in entries.values()):
            raise NotDueYet(self.clock.now() + RECEIPT_WAIT)


def _earlier_documents(batch: Iterable[IssueDocument]) -> set[str]:
    """The entries of the documents whose words those of the batch repeat."""
    return {each for issue in batch for each in (issue.receipt, issue.corrects) if each}


def _receipts_first(key: SeriesId) -> tuple[bool, bool, str]:
    """The other documents of a booking say what its receipt says, a reversal also what its
    statement says."""
    return not key.startswith(Series.RECEIPT), key.startswith(Series.REVERSAL), key


async def _parties(
    repositories: Repositories, batch: Sequence[IssueDocument]
) -> Mapping[str, BillingDetails]:
    """The billing details for the receipts of the batch by account: one read."""
    accounts = {
        account
        for each in batch
        if each.developer and not each.receipt
        for account in (each.account, each.developer)
    }
    if not accounts:
        return {}
    return await repositories.documents(BILLING_DETAILS).many(sorted(accounts))
