"""What belongs to a payment beside its booking: webhooks, documents, chargebacks and findings."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from core.chargebacks import Chargeback
from core.findings import KINDS
from core.numbering import DocumentNumber
from core.payments import Payment
from core.transactions import Transaction
from ports.findings import Finding
from ports.payments import StoredWebhook
from services.chargebacks import CHARGEBACKS
from services.payments import numbers_of
from web.administration.reading import Case, repositories

AT_MOST = 50
"""Webhooks and chargebacks that the page shows."""


@dataclass(frozen=True, slots=True)
class Records:
    """`documents` are the ledger entries that have one, with its number; `chargebacks` the earliest
    opened first; `findings` are those of the application itself, the oldest first."""

    webhooks: tuple[StoredWebhook, ...]
    documents: tuple[tuple[Transaction, DocumentNumber], ...]
    chargebacks: tuple[Chargeback, ...]
    findings: tuple[Finding, ...]


async def records_of(case: Case) -> Records:
    """Four reads, whatever there is."""
    found = repositories()
    webhooks, numbers, (chargebacks, _), findings = await asyncio.gather(
        found.inbox.of_order(case.payment.order_id, limit=AT_MOST),
        numbers_of(found, case.transactions),
        found.documents(CHARGEBACKS).page(
            "of_payment", equals={"payment_id": case.payment.id}, limit=AT_MOST
        ),
        _findings(case.payment),
    )
    return Records(webhooks, _documents(case, numbers), chargebacks, findings)


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
