"""Applies what a provider reports about a transfer to the withdrawal and the ledger.

The methods run inside the caller's transaction and call repositories only.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from core.findings import FindingKind
from core.outbox import message
from core.withdrawals import Contradiction, Status, Withdrawal, WithdrawalId
from core.withdrawals_facts import TransferFact, TransferStatus
from core.withdrawals_messages import WatchReversal
from core.withdrawals_policy import WithdrawalPolicy
from ports.clock import Clock
from ports.findings import Finding
from ports.store import Repositories
from services.withdrawals.documents import payout_accounts, withdrawals
from services.withdrawals.entries import book_fee, give_back, pay_out
from services.withdrawals.telling import ACTIVITY, told

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    clock: Clock
    policy: WithdrawalPolicy

    async def apply(
        self, repositories: Repositories, withdrawal_id: WithdrawalId, fact: TransferFact
    ) -> Withdrawal:
        """Merge the fact; post what it moves, once. What makes no sense is reported, and moves
        nothing: another amount, an unknown status, a contradiction."""
        before, now = await withdrawals(repositories).get(withdrawal_id), self.clock.now()
        if fact.amount != before.amount:
            sent, reported = (f"{m.amount} {m.currency}" for m in (before.amount, fact.amount))
            detail = f"Sent {sent}, the provider reports {reported}."
            await self._report(repositories, before, FindingKind.PAYOUT_AMOUNT_DIFFERS, detail)
            return before
        if fact.status is TransferStatus.UNKNOWN:
            detail = f"The provider reports an unknown status: {fact.code or 'none'}."
            await self._report(repositories, before, FindingKind.UNKNOWN_PAYOUT_STATUS, detail)
        try:
            after = before.merge(fact, now=now)
        except Contradiction as error:
            await self._report(
                repositories, before, FindingKind.PAYOUT_CONTRADICTION, error.message
            )
            return before
        saved = before if after == before else await withdrawals(repositories).save(after)
        if saved.status is not before.status:
            await self._ended(repositories, before, saved, now)
        if saved.ended_as(fact) and fact.fee is not None:
            await book_fee(repositories, saved, fact.fee, at=now)
        return saved

    async def _ended(
        self,
        repositories: Repositories,
        before: Withdrawal,
        after: Withdrawal,
        now: datetime,
    ) -> None:
        if after.status is Status.SUCCEEDED:
            await pay_out(repositories, after, at=now)
            await self._arrived(repositories, after, now)
        else:
            await give_back(repositories, after, before=before.status, at=now)
        await repositories.outbox.add(*told(after, ACTIVITY[after.status], at=now))

    async def _arrived(
        self, repositories: Repositories, withdrawal: Withdrawal, now: datetime
    ) -> None:
        """Money has reached the account, so no person needs to check the next withdrawal."""
        account = await payout_accounts(repositories).find(withdrawal.developer_id)
        if account and account.known_as == withdrawal.beneficiary and not account.trusted:
            await payout_accounts(repositories).save(account.trust())
        watch = WatchReversal(withdrawal.id)
        await repositories.outbox.add(
            *(
                message(watch, f"{withdrawal.id}:{turn}", due_at=now + after)
                for turn, after in enumerate(self.policy.reversal_watch)
            )
        )

    async def _report(
        self, repositories: Repositories, withdrawal: Withdrawal, kind: str, detail: str
    ) -> None:
        log.error("withdrawal %s: %s", withdrawal.id, detail)
        await repositories.findings.report(
            Finding(f"{kind}:{withdrawal.id}", kind, withdrawal.id, detail, self.clock.now())
        )
