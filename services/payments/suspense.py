"""What the ledger has suspended of a payment, and the end of its review.

The functions run inside the caller's transaction and call repositories only.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from core.findings import FindingKind
from core.money import Money
from core.payments import Payment
from core.reconciliation import moved
from core.transactions import Transaction, suspense
from ports.store import Repositories


def suspended(payment: Payment, ledger: Iterable[Transaction]) -> Money:
    """What the ledger has suspended of a payment; `ledger` has the entries of its booking."""
    return moved(ledger, suspense(payment.id), payment.currency)


def returnable(payment: Payment, ledger: Iterable[Transaction]) -> Money:
    """What of it is not being returned already."""
    return payment.suspended_left(suspended(payment, ledger))


async def end_review(
    repositories: Repositories, payment: Payment, *, by: str, now: datetime
) -> None:
    """The payer has the money again: the difference of the amounts waits for nobody."""
    ledger = await repositories.transactions.of_booking(payment.booking_id)
    if not suspended(payment, ledger):
        how = "The money went back to the payer."
        name = f"{FindingKind.AMOUNT_MISMATCH}:{payment.id}"
        await repositories.findings.resolve(name, by=by, how=how, now=now)
