"""A person's payments and ledger entries: exported, and kept, since they name nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import ClassVar

from core.payments import Payment
from core.transactions import Transaction, earnings
from ports.store import Repositories
from services.shared.personal_data import PAGE, PersonalData, StillOpen, Subject, every


class PaymentData(PersonalData):
    kept: ClassVar[Mapping[str, str]] = {
        "payments": "the law requires records of payments; they name nobody",
        "transactions": "the law requires the accounts; they name nobody",
        "inbox": "the provider's own statements, evidence of payments",
    }
    withheld: ClassVar[Mapping[str, str]] = {
        "inbox": "the provider's own statements; the payments are exported"
    }

    async def export(self, repositories: Repositories, subject: Subject) -> Mapping[str, object]:
        ids = subject.profile_ids
        return {
            "payments": [payment async for payment in _payments(repositories, ids)],
            "transactions": [entry async for entry in _transactions(repositories, ids)],
        }

    async def refuse_open(self, repositories: Repositories, subject: Subject) -> None:
        """An earning that was not paid out keeps the account open."""
        if subject.developer and await _earned(repositories, subject.developer.id):
            raise StillOpen(
                "There is money of yours here that is not paid out. Withdraw it first, "
                "then erase the account."
            )


async def _earned(repositories: Repositories, developer_id: str) -> int:
    mine, total = earnings(developer_id), 0
    async for entry in _transactions(repositories, (developer_id,)):
        total += sum(line.amount.amount for line in entry.lines if line.account == mine)
    return total


def _payments(repositories: Repositories, ids: tuple[str, ...]) -> AsyncIterator[Payment]:
    return every(lambda cursor: repositories.payments.of_account(ids, limit=PAGE, cursor=cursor))


def _transactions(repositories: Repositories, ids: tuple[str, ...]) -> AsyncIterator[Transaction]:
    return every(
        lambda cursor: repositories.transactions.of_account(ids, limit=PAGE, cursor=cursor)
    )
