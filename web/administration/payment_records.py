"""What belongs to a payment beside its booking: webhooks, documents, chargebacks, findings, audit
entries, and the withdrawals that may have taken its money."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.accounts import AccountActivity
from core.audit import Entry
from core.chargebacks import Chargeback
from core.finding_kinds import KINDS
from core.numbering import DocumentNumber
from core.payments import Payment
from core.transactions import Transaction, clearing
from core.withdrawals import Withdrawal
from ports.findings import Finding
from ports.payments import StoredWebhook
from services.chargebacks import CHARGEBACKS
from services.payments import numbers_of
from web.administration.reading import Case, repositories
from web.shared.context import services

AT_MOST = 50
"""Webhooks, chargebacks and audit entries that the page shows."""
AUDIT_READ = 200
"""Audit entries that are read, with those of readings."""
WITHDRAWALS_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class Records:
    """`documents` are the ledger entries that have one, with its number; `chargebacks` the earliest
    opened first; `findings` are those of the application itself, the oldest first."""

    webhooks: tuple[StoredWebhook, ...]
    documents: tuple[tuple[Transaction, DocumentNumber], ...]
    chargebacks: tuple[Chargeback, ...]
    findings: tuple[Finding, ...]
    audit: tuple[Entry, ...]
    """Without what administrators have read, latest first."""
    released: bool
    withdrawals: tuple[Withdrawal, ...]
    """Those of the developer since the money was released, latest first."""


async def records_of(case: Case) -> Records:
    """Five reads, whatever there is, and one more for money that was released."""
    found = repositories()
    released = min(_releases(case), default=None)
    webhooks, numbers, (chargebacks, _), findings, audit, withdrawn = await asyncio.gather(
        found.inbox.of_order(case.payment.order_id, limit=AT_MOST),
        numbers_of(found, case.transactions),
        found.documents(CHARGEBACKS).page(
            "of_payment", equals={"payment_id": case.payment.id}, limit=AT_MOST
        ),
        _findings(case.payment),
        found.audit.of_booking(case.booking.id, limit=AUDIT_READ),
        _withdrawals(case, released),
    )
    documents = _documents(case, numbers)
    changes = tuple(each for each in audit if each.what != AccountActivity.ADMIN_READ)
    return Records(
        webhooks, documents, chargebacks, findings, changes[:AT_MOST], released is not None,
        withdrawn,
    )  # fmt: skip


def _releases(case: Case) -> list[datetime]:
    mine = clearing(case.booking.developer.id)
    return [
        entry.at
        for entry in case.transactions
        if any(line.account == mine and line.amount.amount > 0 for line in entry.lines)
    ]


async def _withdrawals(case: Case, since: datetime | None) -> tuple[Withdrawal, ...]:
    if since is None:
        return ()
    lists, developer = services().withdrawal_lists, case.booking.developer.id
    return await lists.since(developer, since, limit=WITHDRAWALS_AT_MOST)


def _documents(
    case: Case, numbers: Mapping[str, DocumentNumber]
) -> tuple[tuple[Transaction, DocumentNumber], ...]:
    return tuple((entry, numbers[entry.id]) for entry in case.transactions if entry.id in numbers)


async def _findings(payment: Payment) -> tuple[Finding, ...]:
    """Those whose subject is the payment: a range of subjects, of which few are others."""
    before = payment.id[:-1]
    found = await repositories().findings.of_kinds(tuple(KINDS), after=before, until=payment.id)
    mine = (each for each in found if each.subject == payment.id)
    return tuple(sorted(mine, key=lambda each: (each.at, each.id)))
