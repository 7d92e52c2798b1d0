"""The comparisons of the ledger with what it names, with balances, and with document numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core import reconciled_earnings, reconciled_numbers
from core.findings import FindingKind
from core.money import Money
from core.reconciliation import Difference
from core.transactions import Kind, Line, Transaction, Unbalanced
from ports.clock import Clock
from ports.store import Repositories
from services.payments import BALANCES, CLEARINGS, NUMBER_SERIES
from services.reconciliation.bookings import by_booking
from services.reconciliation.checks import PAGE, Check
from services.shared.personal_data import every
from services.withdrawals import WITHDRAWALS

OF_WITHDRAWALS = frozenset({Kind.WITHDRAW, Kind.PAYOUT, Kind.PAYOUT_REVERSAL, Kind.PAYOUT_FEE})


@dataclass(frozen=True, slots=True)
class EntryCheck(Check):
    """Ledger entries, with the booking or withdrawal each names, and its clearing."""

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
        for entry in entries:
            found += reconciled_numbers.of_entry(entry)
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
        entries = by_booking(await repositories.transactions.of_bookings(ids))
        now = self.clock.now()
        return [
            difference
            for each in clearings
            for difference in reconciled_earnings.of_clearing(
                each, {entry.id: entry for entry in entries[each.id]}, messages, now=now
            )
        ]


@dataclass(frozen=True, slots=True)
class BalanceCheck(Check):
    """Balances, with the sum of the lines of each: reads the whole ledger of each developer."""

    name: str = "balances"
    kinds: frozenset[FindingKind] = frozenset(
        {FindingKind.BALANCE_WRONG, FindingKind.BALANCE_BELOW_ZERO}
    )

    async def ids(self, repositories: Repositories, *, after: str, limit: int) -> Sequence[str]:
        return await repositories.documents(BALANCES).ids(after=after, limit=limit)

    async def compare(
        self, repositories: Repositories, ids: Sequence[str], *, after: str
    ) -> list[Difference]:
        found = list[Difference]()
        for balance in (await repositories.documents(BALANCES).many(ids)).values():
            lines = await _summed(repositories, balance.developer_id)
            found += reconciled_earnings.of_balance(balance, lines)
        return found


@dataclass(frozen=True, slots=True)
class NumberCheck(Check):
    """Document numbers in ascending order: none twice, none left out."""

    name: str = "numbers"
    kinds: frozenset[FindingKind] = frozenset({FindingKind.NUMBER_TWICE, FindingKind.NUMBER_GAP})

    async def ids(self, repositories: Repositories, *, after: str, limit: int) -> Sequence[str]:
        return await repositories.transactions.numbers(after=after, limit=limit)

    async def compare(
        self, repositories: Repositories, ids: Sequence[str], *, after: str
    ) -> list[Difference]:
        # One more, because the last number of a page may be there twice.
        numbers = await repositories.transactions.numbers(after=after, limit=len(ids) + 1)
        page = [number for number in numbers if number <= ids[-1]]
        return list(reconciled_numbers.of_numbers(after, page))


@dataclass(frozen=True, slots=True)
class SeriesCheck(Check):
    """Number series, with the highest number that a document has."""

    name: str = "number_series"
    kinds: frozenset[FindingKind] = frozenset({FindingKind.SERIES_BEHIND, FindingKind.SERIES_AHEAD})

    async def ids(self, repositories: Repositories, *, after: str, limit: int) -> Sequence[str]:
        return await repositories.documents(NUMBER_SERIES).ids(after=after, limit=limit)

    async def compare(
        self, repositories: Repositories, ids: Sequence[str], *, after: str
    ) -> list[Difference]:
        found = list[Difference]()
        for series in (await repositories.documents(NUMBER_SERIES).many(ids)).values():
            highest = await repositories.transactions.highest_number(series.id)
            found += reconciled_numbers.of_series(series, highest)
        return found


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


def _withdrawal(entry: Transaction) -> str:
    """The id of the withdrawal that an entry names, empty for other entries."""
    return entry.id.partition(":")[2] if entry.kind in OF_WITHDRAWALS else ""


async def _summed(repositories: Repositories, developer_id: str) -> list[Line]:
    """One line per account and currency: the sum of all entries of the developer."""
    entries = every(
        lambda cursor: repositories.transactions.of_account(
            (developer_id,), limit=PAGE, cursor=cursor
        )
    )
    sums = dict[tuple[str, str], int]()
    async for entry in entries:
        for line in entry.lines:
            key = line.account, line.amount.currency
            sums[key] = sums.get(key, 0) + line.amount.amount
    return [Line(account, Money(total, currency)) for (account, currency), total in sums.items()]
