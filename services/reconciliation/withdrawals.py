"""The comparisons of withdrawals with the ledger, and of bank accounts with time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from core import reconciled_withdrawals
from core.findings import FindingKind
from core.reconciliation import Difference
from core.transactions import Unbalanced
from core.withdrawals import Status
from ports.clock import Clock
from ports.store import Repositories
from services.reconciliation.checks import Check
from services.withdrawals import PAYOUT_ACCOUNTS, WITHDRAWALS

WAITING = frozenset({FindingKind.WITHDRAWAL_NOT_SENT, FindingKind.TRANSFER_WITHOUT_VERDICT})


@dataclass(frozen=True, slots=True)
class WithdrawalCheck(Check):
    """Withdrawals, with the ledger entries of each."""

    clock: Clock
    name: str = "withdrawals"
    kinds: frozenset[FindingKind] = WAITING | {
        FindingKind.WITHDRAW_ENTRY_MISSING,
        FindingKind.PAYOUT_ENTRY_MISSING,
        FindingKind.PAYOUT_ENTRY_UNFOUNDED,
        FindingKind.RETURN_ENTRY_MISSING,
        FindingKind.RETURN_ENTRY_UNFOUNDED,
    }

    async def ids(self, repositories: Repositories, *, after: str, limit: int) -> Sequence[str]:
        return await repositories.documents(WITHDRAWALS).ids(after=after, limit=limit)

    async def compare(
        self, repositories: Repositories, ids: Sequence[str], *, after: str
    ) -> list[Difference]:
        withdrawals = (await repositories.documents(WITHDRAWALS).many(ids)).values()
        wanted = [name for each in withdrawals for name in reconciled_withdrawals.entry_ids(each)]
        entries, now = await _existing(repositories, wanted), self.clock.now()
        return [
            difference
            for each in withdrawals
            for difference in reconciled_withdrawals.differences(each, entries, now=now)
        ]


async def _existing(repositories: Repositories, entry_ids: Sequence[str]) -> Collection[str]:
    """Those that exist, also if they cannot be read because their lines do not sum to zero."""
    try:
        return await repositories.transactions.many(entry_ids)
    except Unbalanced:
        return {each for each in entry_ids if await repositories.transactions.exists(each)}


@dataclass(frozen=True, slots=True)
class WithdrawalIntentCheck(Check):
    """Withdrawals that wait for the provider beyond their time; each page reads all that wait."""

    clock: Clock
    name: str = "withdrawal_intents"
    kinds: frozenset[FindingKind] = WAITING

    async def ids(self, repositories: Repositories, *, after: str, limit: int) -> Sequence[str]:
        documents = repositories.documents(WITHDRAWALS)
        found = [
            each.id
            for status in (Status.HELD, Status.REQUESTED, Status.SENT)
            async for each in documents.each(status=status)
            if each.id > after
        ]
        return sorted(found)[:limit]

    async def compare(
        self, repositories: Repositories, ids: Sequence[str], *, after: str
    ) -> list[Difference]:
        found = (await repositories.documents(WITHDRAWALS).many(ids)).values()
        now = self.clock.now()
        return [
            difference
            for each in found
            for difference in reconciled_withdrawals.waiting(each, now=now)
        ]


@dataclass(frozen=True, slots=True)
class PayoutAccountCheck(Check):
    """Bank accounts whose check does not end."""

    clock: Clock
    name: str = "payout_accounts"
    kinds: frozenset[FindingKind] = frozenset({FindingKind.PAYOUT_ACCOUNT_UNCHECKED})

    async def ids(self, repositories: Repositories, *, after: str, limit: int) -> Sequence[str]:
        return await repositories.documents(PAYOUT_ACCOUNTS).ids(after=after, limit=limit)

    async def compare(
        self, repositories: Repositories, ids: Sequence[str], *, after: str
    ) -> list[Difference]:
        accounts = (await repositories.documents(PAYOUT_ACCOUNTS).many(ids)).values()
        now = self.clock.now()
        return [
            each
            for account in accounts
            for each in reconciled_withdrawals.of_account(account, now=now)
        ]
