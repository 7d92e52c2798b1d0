"""The comparisons of the ledger with what it names, and with document numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core import reconciled_earnings, reconciled_numbers
from core.bookings import Booking
from core.findings import FindingKind
from core.reconciliation import Difference
from core.transactions import Kind, Transaction, Unbalanced
from ports.clock import Clock
from ports.store import Repositories
from services.payments import (
    CLEARINGS,
    ISSUED_DOCUMENTS,
    NUMBER_SERIES,
    reader_of,
)
from services.reconciliation.bookings import entries_of
from services.reconciliation.checks import Check
from services.withdrawals import WITHDRAWALS

NUMBERS = 10_000
"""Numbers of one query, about a megabyte."""
OF_WITHDRAWALS = frozenset({Kind.WITHDRAW, Kind.PAYOUT, Kind.PAYOUT_REVERSAL, Kind.PAYOUT_FEE})


@dataclass(frozen=True, slots=True)
class EntryCheck(Check):
    """Ledger entries, with the booking or withdrawal each names, its document and its clearing."""

    clock: Clock
    name: str = "entries"
    kinds: frozenset[FindingKind] = frozenset(
        {
            FindingKind.ENTRY_UNBALANCED,
            FindingKind.ENTRY_ORPHANED,
            FindingKind.NUMBER_MISSING,
            FindingKind.CLEARING_MISSING,
        }
    )

    async def ids(self, repositories: Repositories, *, after: str, limit: int) -> Sequence[str]:
        return await repositories.transactions.ids(after=after, limit=limit)

    async def compare(
        self, repositories: Repositories, ids: Sequence[str], *, after: str
    ) -> list[Difference]:
        entries, found = await _readable(repositories, ids)
        booked = sorted({entry.booking_id for entry in entries if entry.booking_id})
        bookings = await repositories.bookings.many(booked)
        clearings = await repositories.documents(CLEARINGS).many(booked)
        withdrawn = sorted({_withdrawal(entry) for entry in entries} - {""})
        withdrawals = await repositories.documents(WITHDRAWALS).many(withdrawn)
        issued = await repositories.documents(ISSUED_DOCUMENTS).many([each.id for each in entries])
        now = self.clock.now()
        for entry in entries:
            booking = bookings.get(entry.booking_id or "")
            found += reconciled_numbers.of_entry(
                entry, issued.get(entry.id), reader=_reader(entry, booking), now=now
            )
            found += reconciled_earnings.of_release(entry, clearings.get(entry.booking_id or ""))
            names = entry.booking_id or _withdrawal(entry)
            if names and names not in bookings and names not in withdrawals:
                kind = FindingKind.ENTRY_ORPHANED
                found.append(Difference(kind, entry.id, f"It names {names}, which does not exist."))
        return found


@dataclass(frozen=True, slots=True)
class ClearingCheck(Check):
    """Money that clears, with its entry and the message that ends its clearing."""

    clock: Clock
    name: str = "clearings"
    kinds: frozenset[FindingKind] = frozenset(
        {
            FindingKind.CLEARING_OVERDUE,
            FindingKind.CLEARING_STEP_MISSING,
            FindingKind.CLEAR_ENTRY_MISSING,
        }
    )

    async def ids(self, repositories: Repositories, *, after: str, limit: int) -> Sequence[str]:
        return await repositories.documents(CLEARINGS).ids(after=after, limit=limit)

    async def compare(
        self, repositories: Repositories, ids: Sequence[str], *, after: str
    ) -> list[Difference]:
        clearings = (await repositories.documents(CLEARINGS).many(ids)).values()
        wanted = [reconciled_earnings.clear_id(each) for each in clearings if not each.cleared]
        messages = await repositories.outbox.many(wanted)
        entries = await entries_of(repositories, ids)
        now = self.clock.now()
        return [
            difference
            for each in clearings
            if each.id in entries
            for difference in reconciled_earnings.of_clearing(
                each, {entry.id: entry for entry in entries[each.id]}, messages, now=now
            )
        ]


@dataclass(frozen=True, slots=True)
class NumberCheck(Check):
    """Number series, with the numbers of all documents: reads each number once for a page, and
    nothing else of the documents. A gap is confirmed by asking for its number, and not by a long
    transaction."""

    name: str = "numbers"
    kinds: frozenset[FindingKind] = frozenset(
        {
            FindingKind.NUMBER_TWICE,
            FindingKind.NUMBER_GAP,
            FindingKind.SERIES_BEHIND,
            FindingKind.SERIES_AHEAD,
        }
    )
    at_once: bool = False

    async def ids(self, repositories: Repositories, *, after: str, limit: int) -> Sequence[str]:
        return await repositories.documents(NUMBER_SERIES).ids(after=after, limit=limit)

    async def compare(
        self, repositories: Repositories, ids: Sequence[str], *, after: str
    ) -> list[Difference]:
        documents = repositories.documents(NUMBER_SERIES)
        before = await documents.many(ids)
        given = await _given(repositories, ids)
        unchanged = {
            key: series
            for key, series in (await documents.many(ids)).items()
            if before.get(key) == series
        }
        found = [
            difference
            for key, series in unchanged.items()
            for difference in reconciled_numbers.of_series(series, given[key])
        ]
        return [each for each in found if not await _given_since(repositories, each)]


async def _given(
    repositories: Repositories, series: Sequence[str]
) -> dict[str, reconciled_numbers.GivenNumbers]:
    given = {key: reconciled_numbers.GivenNumbers() for key in series}

    def add(full: str) -> None:
        key, number = reconciled_numbers.parts(full)
        if key in given and number:
            given[key].add(number)

    async for number in repositories.documents(ISSUED_DOCUMENTS).texts("number"):
        add(number)
    after = ""
    while numbers := await repositories.transactions.numbers(after=after, limit=NUMBERS):
        for number in numbers:
            add(number)
        after = numbers[-1]
    return given


async def _given_since(repositories: Repositories, difference: Difference) -> bool:
    """Whether a document that was issued meanwhile has the number of a gap."""
    if difference.kind is not FindingKind.NUMBER_GAP:
        return False
    issued = repositories.documents(ISSUED_DOCUMENTS)
    return await issued.find_one(number=difference.key) is not None


async def _readable(
    repositories: Repositories, ids: Sequence[str]
) -> tuple[list[Transaction], list[Difference]]:
    """The entries, and a difference for each whose lines do not sum to zero. If one of a page does
    not, they are read one by one."""
    try:
        return list((await repositories.transactions.many(ids)).values()), []
    except Unbalanced as error:
        if len(ids) == 1:
            return [], [Difference(FindingKind.ENTRY_UNBALANCED, ids[0], error.message)]
    entries, found = list[Transaction](), list[Difference]()
    for each in ids:
        more, wrong = await _readable(repositories, [each])
        entries += more
        found += wrong
    return entries, found


def _reader(entry: Transaction, booking: Booking | None) -> str:
    """The account that gets the document of an entry."""
    return reader_of(entry, booking) if booking else ""


def _withdrawal(entry: Transaction) -> str:
    """The id of the withdrawal that an entry names, empty for other entries."""
    return entry.id.split(":")[1] if entry.kind in OF_WITHDRAWALS else ""
