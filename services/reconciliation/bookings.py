"""The comparisons of payments and bookings with the ledger, the calendar, jobs and the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core import reconciled_bookings, reconciled_payments
from core.findings import FindingKind
from core.jobs import Job, JobId
from core.reconciliation import Difference
from core.transactions import Transaction, Unbalanced
from ports.clock import Clock
from ports.store import Repositories
from services.reconciliation.checks import Check

INTENTS = frozenset(
    {
        FindingKind.CHECKOUT_UNSETTLED,
        FindingKind.REFUND_NOT_SENT,
        FindingKind.REFUND_WITHOUT_VERDICT,
    }
)
"""What waits for the provider, and is found every few minutes, too."""


@dataclass(frozen=True, slots=True)
class PaymentCheck(Check):
    """Payments, with the ledger entries and the booking of each."""

    clock: Clock
    name: str = "payments"
    kinds: frozenset[FindingKind] = INTENTS | {
        FindingKind.PAYMENT_ENTRY_MISSING,
        FindingKind.PAYMENT_ENTRY_WRONG,
        FindingKind.PAYMENT_ENTRY_UNFOUNDED,
        FindingKind.REFUNDED_TOO_MUCH,
        FindingKind.REFUND_ENTRY_MISSING,
        FindingKind.REFUND_ENTRY_WRONG,
        FindingKind.REFUND_ENTRY_UNFOUNDED,
        FindingKind.RELEASE_ENTRY_MISSING,
        FindingKind.RELEASE_ENTRY_UNFOUNDED,
        FindingKind.HELD_MONEY_WRONG,
        FindingKind.BOOKING_MISSING,
        FindingKind.BOOKING_NOT_PAID,
        FindingKind.MONEY_OF_DEAD_BOOKING,
    }

    async def ids(self, repositories: Repositories, *, after: str, limit: int) -> Sequence[str]:
        return await repositories.payments.ids(after=after, limit=limit)

    async def compare(
        self, repositories: Repositories, ids: Sequence[str], *, after: str
    ) -> list[Difference]:
        payments = list((await repositories.payments.many(ids)).values())
        booked = [payment.booking_id for payment in payments]
        bookings = await repositories.bookings.many(booked)
        entries = await entries_of(repositories, booked)
        now = self.clock.now()
        return [
            difference
            for payment in payments
            if payment.booking_id in entries
            for difference in reconciled_payments.differences(
                payment, bookings.get(payment.booking_id), entries[payment.booking_id], now=now
            )
        ]


@dataclass(frozen=True, slots=True)
class PaymentIntentCheck(Check):
    """Payments that wait for the provider beyond their time."""

    clock: Clock
    name: str = "payment_intents"
    kinds: frozenset[FindingKind] = INTENTS

    async def ids(self, repositories: Repositories, *, after: str, limit: int) -> Sequence[str]:
        return await repositories.payments.unsettled_ids(after=after, limit=limit)

    async def compare(
        self, repositories: Repositories, ids: Sequence[str], *, after: str
    ) -> list[Difference]:
        payments, now = await repositories.payments.many(ids), self.clock.now()
        return [
            difference
            for payment in payments.values()
            for difference in reconciled_payments.open_intents(payment, now=now)
        ]


@dataclass(frozen=True, slots=True)
class BookingCheck(Check):
    """Bookings, with the cells, the payment, the job and the deadlines of each."""

    clock: Clock
    name: str = "bookings"
    kinds: frozenset[FindingKind] = frozenset(
        {
            FindingKind.PAYMENT_MISSING,
            FindingKind.CELL_WITHOUT_BOOKING,
            FindingKind.BOOKING_WITHOUT_CELL,
            FindingKind.HOLD_OVERDUE,
            FindingKind.DEADLINE_MISSING,
            FindingKind.ANSWER_OVERDUE,
            FindingKind.JOB_MISSING,
            FindingKind.JOB_OF_DEAD_BOOKING,
            FindingKind.APPROVED_NOT_RELEASED,
            FindingKind.APPROVAL_OVERDUE,
            FindingKind.DELIVERY_OVERDUE,
        }
    )

    async def ids(self, repositories: Repositories, *, after: str, limit: int) -> Sequence[str]:
        return await repositories.bookings.ids(after=after, limit=limit)

    async def compare(
        self, repositories: Repositories, ids: Sequence[str], *, after: str
    ) -> list[Difference]:
        bookings = list((await repositories.bookings.many(ids)).values())
        cells = await repositories.bookings.held_cells(ids)
        payments = await repositories.payments.many([each.payment_id for each in bookings])
        jobs = await repositories.jobs.many([each.job_id for each in bookings if each.job_id])
        wanted = [name for each in bookings for name in reconciled_bookings.wanted_ids(each)]
        messages, now = await repositories.outbox.many(wanted), self.clock.now()
        return [
            difference
            for booking in bookings
            for difference in reconciled_bookings.differences(
                booking,
                payment=payments.get(booking.payment_id),
                job=_job(jobs, booking.job_id),
                cells=cells.get(booking.id, frozenset()),
                messages=messages,
                now=now,
            )
        ]


async def entries_of(
    repositories: Repositories, booking_ids: Sequence[str]
) -> dict[str, list[Transaction]]:
    """The ledger entries of each booking. Bookings with an entry that cannot be read, because its
    lines do not sum to zero, are left out: `EntryCheck` reports the entry."""
    try:
        entries = await repositories.transactions.of_bookings(booking_ids)
    except Unbalanced:
        if len(booking_ids) == 1:
            return {}
        parts = [await entries_of(repositories, [each]) for each in booking_ids]
        return {key: entries for part in parts for key, entries in part.items()}
    found: dict[str, list[Transaction]] = {each: [] for each in booking_ids}
    for entry in entries:
        found[entry.booking_id or ""].append(entry)
    return found


def _job(jobs: dict[str, Job], job_id: str | None) -> Job | None:
    return jobs.get(JobId(job_id)) if job_id else None
