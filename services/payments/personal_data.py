"""A person's payments and ledger entries: exported, and kept, since they name nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import ClassVar

from core.money import CURRENCY
from core.payments import Payment
from core.transactions import Transaction
from ports.store import Repositories
from services.payments.documents import CLEARINGS, ISSUED_DOCUMENTS
from services.payments.earnings import balance_of
from services.shared.personal_data import PAGE, PersonalData, StillOpen, Subject, every


class PaymentData(PersonalData):
    kept: ClassVar[Mapping[str, str]] = {
        "payments": "the law requires records of payments; they name nobody",
        "transactions": "the law requires the accounts; they name nobody",
        "inbox": "the provider's own statements, evidence of payments",
        "balances": "a sum of the accounts, which names nobody",
        "clearings": "part of the accounts, which names nobody",
        "stopped_refunds": "part of the payments until they are solved; they name nobody",
        "issued_documents": "the law requires receipts and notes to be kept as they were issued",
    }
    withheld: ClassVar[Mapping[str, str]] = {
        "inbox": "the provider's own statements; the payments are exported",
        "stopped_refunds": "a list of refunds to be solved; the payments are exported",
    }

    async def export(self, repositories: Repositories, subject: Subject) -> Mapping[str, object]:
        ids = subject.profile_ids
        issued = repositories.documents(ISSUED_DOCUMENTS).each(account_id=subject.account.id)
        return {
            "payments": [payment async for payment in _payments(repositories, ids)],
            "transactions": [entry async for entry in _transactions(repositories, ids)],
            "issued_documents": [each async for each in issued],
            **await _earnings(repositories, subject),
        }

    async def refuse_open(self, repositories: Repositories, subject: Subject) -> None:
        """An earning that was not paid out keeps the account open, and so does a withdrawal whose
        outcome is not known. What is owed does not."""
        if subject.developer is None:
            return
        balance = await balance_of(repositories, subject.developer.id, CURRENCY)
        if balance.clearing or balance.available or balance.withdrawing:
            raise StillOpen(
                "There is money of yours here that is not paid out. Withdraw it first, "
                "then erase the account."
            )


async def _earnings(repositories: Repositories, subject: Subject) -> Mapping[str, object]:
    if subject.developer is None:
        return {}
    developer_id = subject.developer.id
    stored = repositories.documents(CLEARINGS).each(developer_id=developer_id)
    return {
        "balance": await balance_of(repositories, developer_id, CURRENCY),
        "clearings": [each async for each in stored],
    }


def _payments(repositories: Repositories, ids: tuple[str, ...]) -> AsyncIterator[Payment]:
    return every(lambda cursor: repositories.payments.of_account(ids, limit=PAGE, cursor=cursor))


def _transactions(repositories: Repositories, ids: tuple[str, ...]) -> AsyncIterator[Transaction]:
    return every(
        lambda cursor: repositories.transactions.of_account(ids, limit=PAGE, cursor=cursor)
    )
