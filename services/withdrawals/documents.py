"""How payout accounts and withdrawals are stored."""

from __future__ import annotations

from core.payout_accounts import PayoutAccount
from core.withdrawals import Withdrawal
from ports.documents import Documents, DocumentType, Order
from ports.store import Repositories

PAYOUT_ACCOUNTS = DocumentType("payout_accounts", PayoutAccount)
"""The id is the developer's."""

WITHDRAWALS = DocumentType(
    "withdrawals",
    Withdrawal,
    orders=(
        Order("of_developer", equals=("developer_id",), by=("requested_at",), descending=True),
        Order("of_day", equals=("developer_id", "day"), by=("requested_at",)),
        Order("of_status", equals=("status",), by=("requested_at",)),
        Order("newest", equals=(), by=("requested_at",), descending=True),
    ),
)


def payout_accounts(repositories: Repositories) -> Documents[PayoutAccount]:
    return repositories.documents(PAYOUT_ACCOUNTS)


def withdrawals(repositories: Repositories) -> Documents[Withdrawal]:
    return repositories.documents(WITHDRAWALS)
