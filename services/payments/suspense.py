"""What the ledger has suspended of a payment, and the end of its review.

The functions run inside the caller's transaction and call repositories only.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from core.findings import FindingKind
from core.money import Money, zero
from core.payments import Payment
from core.transactions import Transaction, suspense
from ports.store import Repositories


def suspended(payment: Payment, ledger: Iterable[Transaction]) -> Money:
    """What the ledger has suspended of a payment; `ledger` has the entries of its booking."""
    account, none = suspense(payment.id), zero(payment.currency)
    lines = (line for entry in ledger for line in entry.lines if line.account == account)
    return sum((line.amount for line in lines if line.amount.currency == payment.currency), none)


async def end_review(
    repositories: Repositories, payment: Payment, *, by: str, now: datetime
) -> None:
    """The payer has the money again: the difference of the amounts waits for nobody."""
    ledger = await repositories.transactions.of_booking(payment.booking_id)
    if not suspended(payment, ledger):
        how = "The money went back to the payer."
        name = f"{FindingKind.AMOUNT_MISMATCH}:{payment.id}"
        await repositories.findings.resolve(name, by=by, how=how, now=now)
