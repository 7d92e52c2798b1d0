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
from core.bookings import Booking
from core.numbering import (
    DocumentNumber,
    IssuedDocument,
    NumberSeries,
    SeriesId,
    series_id,
    series_of,
)
from core.outbox import OutboxMessage, message
from core.payments_messages import IssueDocument
from core.transactions import Kind, Transaction
from ports.clock import Clock
from ports.store import Repositories, Store
from services.payments.documents import ISSUED_DOCUMENTS, NUMBER_SERIES
from services.shared.outbox import handles
from services.shared.transactions import transact


def in_series(entry: Transaction) -> Transaction:
    """The entry with the series of its document; the same entry if it has no document."""
    series = series_of(entry)
    return replace(entry, series=series_id(series, entry.at)) if series else entry


def issue_messages(entry: Transaction, booking: Booking) -> list[OutboxMessage]:
    """What issues the document of an entry `in_series`: one message, or none without a document."""
    if not entry.series:
        return []
    reader = booking.developer if entry.kind is Kind.RELEASE else booking.client
    issue = IssueDocument(
        entry.id, booking.id, AccountId(reader.account_id), SeriesId(entry.series)
    )
    return [message(issue, entry.id, due_at=entry.at)]


async def numbers_of(
    repositories: Repositories, entries: Iterable[Transaction]
) -> Mapping[str, DocumentNumber]:
    """The numbers of the documents of these entries by the entry's id, without those that are not
    issued yet: one read at most."""
    found: dict[str, DocumentNumber] = {
        each.id: DocumentNumber(each.number) for each in entries if each.number
    }
    numbered = [each.id for each in entries if each.series]
    if numbered:
        issued = await repositories.documents(ISSUED_DOCUMENTS).many(numbered)
        found |= {each.id: each.number for each in issued.values()}
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbering:
    store: Store
    clock: Clock
    waiting: dict[str, IssueDocument] = field(default_factory=dict, repr=False)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    @handles(IssueDocument)
    async def issue(self, payload: IssueDocument) -> None:
        """Issue the document, together with all that wait at this moment; without effect for one
        that was issued before."""
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
            await transact(self.store, partial(self._issue, batch))
        except Exception:
            if len(batch) == 1:
                raise
            batch = (own,)
            await transact(self.store, partial(self._issue, batch))
        for each in batch:
            self.waiting.pop(each.entry, None)

    async def _issue(self, batch: Sequence[IssueDocument], repositories: Repositories) -> None:
        stored, issued = (
            repositories.documents(NUMBER_SERIES),
            repositories.documents(ISSUED_DOCUMENTS),
        )
        known = await issued.many([each.entry for each in batch])
        for key in sorted({each.series for each in batch if each.entry not in known}):
            before = await stored.find(key)
            series = before or NumberSeries(key)
            for each in batch:
                if each.series == key and each.entry not in known:
                    series = series.take()
                    await issued.add(
                        IssuedDocument(
                            each.entry, series.number, each.booking, each.account, self.clock.now()
                        )
                    )
            await (stored.save(series) if before else stored.add(series))
