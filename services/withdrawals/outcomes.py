"""Applies what a provider reports about a transfer to the withdrawal and the ledger.

The methods run inside the caller's transaction and call repositories only.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from core.findings import FindingKind
from core.outbox import message
from core.withdrawals import Contradiction, Status, Waiting, Withdrawal, WithdrawalId
from core.withdrawals_facts import CAME_BACK, TransferFact, TransferStatus
from core.withdrawals_messages import WatchReversal
from core.withdrawals_policy import WithdrawalPolicy
from ports.clock import Clock
from ports.findings import Finding
from ports.store import Repositories
from services.shared.findings import report_again
from services.withdrawals.documents import payout_accounts, withdrawals
from services.withdrawals.entries import book_fee, give_back, pay_out
from services.withdrawals.holds import send_message
from services.withdrawals.telling import ACTIVITY, told

log = logging.getLogger(__name__)

BY = "withdrawals"
SENT_AGAIN = "It was sent again, and has ended."
CONTRADICTED = "Nothing is missing from you. We ask the payment provider about an earlier attempt."


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    clock: Clock
    policy: WithdrawalPolicy

    async def apply(
        self, repositories: Repositories, withdrawal_id: WithdrawalId, fact: TransferFact
    ) -> Withdrawal:
        """Merge the fact; post what it moves, once. What makes no sense is reported, and moves
        nothing: another amount or payee, an unknown status, a contradiction."""
        before, now = await withdrawals(repositories).get(withdrawal_id), self.clock.now()
        if fact.ours in before.rejected:
            return await self._of_rejected(repositories, before, fact, now)
        if fact.amount != before.amount:
            sent, reported = (f"{m.amount} {m.currency}" for m in (before.amount, fact.amount))
            detail = f"Sent {sent}, the provider reports {reported}."
            await self._report(repositories, before, FindingKind.PAYOUT_AMOUNT_DIFFERS, detail)
            return before
        if fact.payee is not None and fact.payee != before.beneficiary:
            detail = f"{fact.ours} goes to {fact.payee}, not to {before.beneficiary}."
            await self._report(repositories, before, FindingKind.PAYOUT_PAYEE_DIFFERS, detail)
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
        if after.attempt > before.attempt:
            return await self._wait(repositories, before, after, fact, now)
        saved = before if after == before else await withdrawals(repositories).save(after)
        if saved.status is not before.status:
            await self._ended(repositories, before, saved, now)
        if saved.ended_as(fact) and fact.fee is not None:
            await book_fee(repositories, saved, fact.fee, at=now)
        return saved

    async def id_used(self, repositories: Repositories, withdrawal_id: WithdrawalId) -> Withdrawal:
        """The provider has another transfer with the id of this one: nobody knows where its money
        went, so it stays reserved until a person has looked."""
        stored = await withdrawals(repositories).get(withdrawal_id)
        detail = f"The id {stored.transfer_id} stands for another amount or payee there."
        await self._report(repositories, stored, FindingKind.PAYOUT_PAYEE_DIFFERS, detail)
        return stored

    async def _wait(
        self,
        repositories: Repositories,
        before: Withdrawal,
        after: Withdrawal,
        fact: TransferFact,
        now: datetime,
    ) -> Withdrawal:
        """Rejected for lack of balance, which is final for this transfer: it is sent again later,
        with another id. The developer gets one notice, operators a finding."""
        until = now + self.policy.sent_again_after
        waits = after.postpone(Waiting.BALANCE, until=until)
        saved = await withdrawals(repositories).save(waits)
        if fact.fee is not None:
            await book_fee(repositories, before, fact.fee, at=now)
        again = before.attempt > 0
        messages = told(saved, ACTIVITY[saved.status], at=now, quiet=again)
        await repositories.outbox.add(send_message(saved, at=until), *messages)
        detail = f"{fact.ours} was rejected: {fact.code or 'no code'}. It is sent again by itself."
        finding = Finding(_without_balance(saved), FindingKind.PAYOUT_WITHOUT_BALANCE, saved.id,
                          detail, now)  # fmt: skip
        await report_again(repositories.findings, finding)
        return saved

    async def _of_rejected(
        self, repositories: Repositories, before: Withdrawal, fact: TransferFact, now: datetime
    ) -> Withdrawal:
        """News about a transfer that was rejected. If it is under way or has arrived after all, its
        money may have left: it is not sent again before a person has looked."""
        if fact.status in CAME_BACK:
            return before
        detail = f"{fact.ours} was rejected for lack of balance, and is {fact.status} now."
        await self._report(repositories, before, FindingKind.PAYOUT_CONTRADICTION, detail)
        if before.status is not Status.REQUESTED:
            return before
        held = before.hold(Waiting.OPERATOR, note=CONTRADICTED, now=now)
        saved = await withdrawals(repositories).save(held)
        await repositories.outbox.add(*told(saved, ACTIVITY[saved.status], at=now))
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
        if after.attempt:
            await solve_without_balance(repositories, after, how=SENT_AGAIN, at=now)

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


async def solve_without_balance(
    repositories: Repositories, withdrawal: Withdrawal, *, how: str, at: datetime
) -> None:
    """Resolve the finding about its rejected transfers."""
    await repositories.findings.resolve(_without_balance(withdrawal), by=BY, how=how, now=at)


def _without_balance(withdrawal: Withdrawal) -> str:
    return f"{FindingKind.PAYOUT_WITHOUT_BALANCE}:{withdrawal.id}"
