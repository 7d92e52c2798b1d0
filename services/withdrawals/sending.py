"""Sending withdrawals, and applying what the provider says about them.

Webhook, poll and retry all end in `settle`, which asks the provider. A withdrawal is stored as
sent before the provider is called; from then on nothing but the provider's own state gives the
money back.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from core.errors import NotFound
from core.findings import FindingKind
from core.outbox import OutboxMessage, message
from core.withdrawals import (
    Status,
    Waiting,
    Withdrawal,
    WithdrawalActivity,
    WithdrawalId,
    WithdrawalMovedOn,
)
from core.withdrawals_facts import BeneficiaryStatus, TransferFact, TransferId, TransferStatus
from core.withdrawals_messages import (
    PollTransfer,
    SendWithdrawal,
    TransferNews,
    WatchReversal,
)
from core.withdrawals_policy import WithdrawalPolicy
from ports.clock import Clock
from ports.findings import Finding
from ports.payments import StoredWebhook
from ports.payouts import (
    BeneficiaryUnknown,
    PayoutProvider,
    PayoutRefused,
    PayoutsUnavailable,
    PayoutWebhook,
    Transfer,
    TransferUnknown,
)
from ports.store import Duplicate, Repositories, Store
from services.shared.outbox import handles
from services.withdrawals.balances import BalanceService
from services.withdrawals.documents import payout_accounts, withdrawals
from services.withdrawals.outcomes import Outcomes
from services.withdrawals.providers import Providers
from services.withdrawals.service import cancel_in
from services.withdrawals.telling import told

log = logging.getLogger(__name__)

GONE = "The payment provider no longer knows this bank account. Add it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingService:
    store: Store
    providers: Providers
    balances: BalanceService
    outcomes: Outcomes
    clock: Clock
    policy: WithdrawalPolicy

    @handles(SendWithdrawal)
    async def send(self, payload: SendWithdrawal) -> None:
        """Transfer the money, or go on with a transfer that was interrupted. Idempotent.

        Raises `PayoutsUnavailable`.
        """
        withdrawal = await withdrawals(self.store.repositories).get(payload.withdrawal)
        if withdrawal.status is Status.REQUESTED:
            if await self._payee_is_known(withdrawal):
                await self._check_balance(withdrawal)
                await self._begin(withdrawal.id)
            return
        if withdrawal.status is Status.SENT:
            await self.settle(withdrawal.id)

    @handles(PollTransfer)
    async def poll(self, payload: PollTransfer) -> None:
        """Ask about a transfer, and again later while it has not ended."""
        polled = await withdrawals(self.store.repositories).get(payload.withdrawal)
        if polled.status is not Status.SENT:
            return
        try:
            polled = await self.settle(payload.withdrawal)
        except PayoutsUnavailable:
            log.warning("withdrawal %s: no answer, asked again later", payload.withdrawal)
        if polled.status is Status.SENT:
            turn = self.policy.next_turn(payload.since, payload.turn, now=self.clock.now())
            following = PollTransfer(payload.withdrawal, turn, payload.since)
            await self.store.repositories.outbox.add(poll_message(following, self.policy))

    @handles(WatchReversal)
    async def watch(self, payload: WatchReversal) -> None:
        """Ask whether a transfer that succeeded has come back."""
        watched = await withdrawals(self.store.repositories).get(payload.withdrawal)
        if watched.status is Status.SUCCEEDED:
            await self.settle(payload.withdrawal)

    @handles(TransferNews)
    async def heard(self, payload: TransferNews) -> None:
        """Settle the withdrawal of a webhook. A transfer that is none of ours is reported."""
        found = await withdrawals(self.store.repositories).find(payload.transfer)
        if found:
            await self.settle(found.id)
            return
        log.error("a webhook is about the unknown transfer %s", payload.transfer)
        await self.store.repositories.findings.report(
            Finding(
                f"unknown_transfer:{payload.transfer}",
                FindingKind.UNKNOWN_TRANSFER,
                payload.transfer,
                "The provider reports a transfer that we have not made.",
                self.clock.now(),
            )
        )

    async def settle(self, withdrawal_id: WithdrawalId) -> Withdrawal:
        """Ask the provider and apply its state in one transaction. A transfer that it certainly
        does not have is sent again with the same id. Idempotent.

        Raises `PayoutsUnavailable`: then the money stays reserved.
        """
        withdrawal = await withdrawals(self.store.repositories).get(withdrawal_id)
        provider = self.providers.of(withdrawal.provider)
        try:
            fact = await provider.find_transfer(withdrawal.transfer_id)
        except TransferUnknown:
            if withdrawal.status is not Status.SENT:
                return withdrawal
            fact = await self._transfer(provider, withdrawal)
        return await self._apply(withdrawal_id, fact)

    async def receive_webhook(self, provider: str, headers: Mapping[str, str], body: bytes) -> None:
        """Verify a webhook, store it once, and enqueue the settlement of its transfer.

        Raises `ForgedWebhook`, and `NotFound` for an unknown provider.
        """
        known = self.providers.known.get(provider)
        if known is None:
            raise NotFound
        notice = known.parse_webhook(headers, body)
        await self._store_webhook(provider, notice, body)

    async def _store_webhook(self, provider: str, notice: PayoutWebhook, body: bytes) -> None:
        now, key = self.clock.now(), f"payouts:{notice.id}"
        received = StoredWebhook(key, provider, notice.transfer_id, notice.kind, body, now)
        news = TransferNews(TransferId(notice.transfer_id))

        async def step(repositories: Repositories) -> None:
            await repositories.inbox.add(received)
            if notice.transfer_id:
                await repositories.outbox.add(message(news, f"{provider}:{notice.id}", due_at=now))

        try:
            await self.store.transact(step)
        except Duplicate:
            log.info("payout webhook %s of %s was received before", notice.id, provider)

    async def _payee_is_known(self, withdrawal: Withdrawal) -> bool:
        """Ask about the payee, which moves no money: as long as the provider does not answer, the
        withdrawal can be taken back. Raises `PayoutsUnavailable`."""
        try:
            provider = self.providers.of(withdrawal.provider)
            payee = await provider.find_beneficiary(withdrawal.beneficiary)
        except PayoutsUnavailable:
            await self.store.transact(partial(self._waits, withdrawal.id))
            raise
        except BeneficiaryUnknown:
            await self.store.transact(partial(self._payee_is_gone, withdrawal.id))
            return False
        if payee.status is BeneficiaryStatus.REFUSED:
            await self.store.transact(partial(self._payee_is_gone, withdrawal.id))
            return False
        if payee.status is not BeneficiaryStatus.USABLE:  # it is being checked again
            await self.store.transact(partial(self._waits, withdrawal.id))
            raise PayoutsUnavailable
        return True

    async def _check_balance(self, withdrawal: Withdrawal) -> None:
        """Before it is stored as sent: it can be taken back as long as it waits. Raises
        `PayoutsUnavailable` for more than what is there; the relay tries again."""
        if await self.balances.enough(withdrawal):
            return
        waits = partial(self._waits, withdrawal.id, waiting=Waiting.BALANCE)
        await self.store.transact(waits)
        raise PayoutsUnavailable

    async def _begin(self, withdrawal_id: WithdrawalId) -> None:
        """Store it as sent, then send it. From the first step on it cannot be taken back."""
        try:
            sent = await self.store.transact(partial(self._mark_sent, withdrawal_id))
        except WithdrawalMovedOn:  # taken back or held at the same moment
            return
        fact = await self._transfer(self.providers.of(sent.provider), sent)
        await self._apply(withdrawal_id, fact)

    async def _mark_sent(
        self, withdrawal_id: WithdrawalId, repositories: Repositories
    ) -> Withdrawal:
        now = self.clock.now()
        withdrawal = await withdrawals(repositories).get(withdrawal_id)
        sent = await withdrawals(repositories).save(withdrawal.send(now=now))
        first = poll_message(PollTransfer(sent.id, 0, now), self.policy)
        await repositories.outbox.add(first, *told(sent, WithdrawalActivity.SENT, at=now))
        return sent

    async def _transfer(self, provider: PayoutProvider, withdrawal: Withdrawal) -> TransferFact:
        """Send it with its one id. It has failed if the provider refuses it and has no transfer of
        this id. Raises `PayoutsUnavailable`."""
        order = Transfer(
            withdrawal.transfer_id,
            withdrawal.beneficiary,
            withdrawal.amount,
            f"OneHour {withdrawal.number}",
        )
        try:
            return await provider.send(order)
        except PayoutRefused as error:
            reason = error.reason
        try:
            return await provider.find_transfer(withdrawal.transfer_id)
        except TransferUnknown:
            log.error("withdrawal %s was refused: %s", withdrawal.id, reason)
            return TransferFact(
                withdrawal.transfer_id, "", TransferStatus.FAILED, withdrawal.amount, reason
            )

    async def _apply(self, withdrawal_id: WithdrawalId, fact: TransferFact) -> Withdrawal:
        return await self.store.transact(
            lambda repositories: self.outcomes.apply(repositories, withdrawal_id, fact)
        )

    async def _waits(
        self,
        withdrawal_id: WithdrawalId,
        repositories: Repositories,
        *,
        waiting: Waiting = Waiting.PROVIDER,
    ) -> None:
        withdrawal = await withdrawals(repositories).get(withdrawal_id)
        following = withdrawal.wait(waiting)
        if withdrawal.status is Status.REQUESTED and following != withdrawal:
            await withdrawals(repositories).save(following)

    async def _payee_is_gone(self, withdrawal_id: WithdrawalId, repositories: Repositories) -> None:
        """The money goes back, and the developer adds the account again."""
        now = self.clock.now()
        withdrawal = await withdrawals(repositories).get(withdrawal_id)
        if withdrawal.status is not Status.REQUESTED:
            return
        cancelled = withdrawal.cancel(now=now, note=GONE)
        await cancel_in(repositories, withdrawal, cancelled, at=now, actor="provider")
        account = await payout_accounts(repositories).find(withdrawal.developer_id)
        if account and account.known_as == withdrawal.beneficiary:
            await payout_accounts(repositories).save(account.lose())


def poll_message(poll: PollTransfer, policy: WithdrawalPolicy) -> OutboxMessage:
    due = policy.poll_at(poll.since, poll.turn)
    return message(poll, f"{poll.withdrawal}:{poll.turn}", due_at=due)
