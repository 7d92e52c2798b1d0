"""Sending withdrawals, and applying what the provider says about them.

Webhook, poll and retry all end in `settle`, which asks the provider. A withdrawal is stored as
sent before the provider is called; from then on nothing but the provider's own state gives the
money back.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from core.errors import NotFound
from core.findings import FindingKind
from core.outbox import OutboxMessage, message
from core.withdrawals import (
    Status,
    Withdrawal,
    WithdrawalActivity,
    WithdrawalId,
    WithdrawalMovedOn,
    withdrawal_of,
)
from core.withdrawals_facts import TransferFact, TransferId, TransferStatus
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
    PayoutProvider,
    PayoutRefused,
    PayoutsUnavailable,
    PayoutWebhook,
    Transfer,
    TransferIdUsed,
    TransferUnknown,
)
from ports.store import Duplicate, Repositories, Store
from services.shared.outbox import handles
from services.withdrawals.documents import withdrawals
from services.withdrawals.outcomes import Outcomes
from services.withdrawals.providers import Providers
from services.withdrawals.readiness import Readiness
from services.withdrawals.telling import told

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingService:
    store: Store
    providers: Providers
    readiness: Readiness
    outcomes: Outcomes
    clock: Clock
    policy: WithdrawalPolicy

    @handles(SendWithdrawal)
    async def send(self, payload: SendWithdrawal) -> None:
        """Transfer the money if that is possible now, or go on with a transfer that was
        interrupted. Idempotent. Raises `PayoutsUnavailable`: its outcome is not known."""
        withdrawal = await withdrawals(self.store.repositories).get(payload.withdrawal)
        if withdrawal.status is Status.REQUESTED:
            if await self.readiness.check(withdrawal):
                await self._begin(withdrawal.id)
            return
        if withdrawal.status is Status.SENT:
            await self.settle(withdrawal.id)

    @handles(PollTransfer)
    async def poll(self, payload: PollTransfer) -> None:
        """Ask about a transfer, and again later while it has not ended."""
        polled = await withdrawals(self.store.repositories).get(payload.withdrawal)
        if polled.status is not Status.SENT or polled.attempt != payload.attempt:
            return
        try:
            polled = await self.settle(payload.withdrawal)
        except PayoutsUnavailable:
            log.warning("withdrawal %s: no answer, asked again later", payload.withdrawal)
        if polled.status is Status.SENT and polled.attempt == payload.attempt:
            turn = self.policy.next_turn(payload.since, payload.turn, now=self.clock.now())
            following = replace(payload, turn=turn)
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
        found = await withdrawals(self.store.repositories).find(withdrawal_of(payload.transfer))
        if found and payload.transfer == found.transfer_id:
            await self.settle(found.id)
            return
        if found and payload.transfer in found.rejected:
            await self._ask_again(found, payload.transfer)
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
            return await self._transfer(provider, withdrawal)
        return await self._apply(withdrawal_id, fact)

    async def _ask_again(self, withdrawal: Withdrawal, rejected: TransferId) -> None:
        """About a transfer that was rejected before; what it says now may contradict that. Raises
        `PayoutsUnavailable`."""
        try:
            fact = await self.providers.of(withdrawal.provider).find_transfer(rejected)
        except TransferUnknown:
            return
        await self._apply(withdrawal.id, fact)

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

    async def _begin(self, withdrawal_id: WithdrawalId) -> None:
        """Store it as sent, then send it. From the first step on it cannot be taken back."""
        try:
            sent = await self.store.transact(partial(self._mark_sent, withdrawal_id))
        except WithdrawalMovedOn:  # taken back or held at the same moment
            return
        await self._transfer(self.providers.of(sent.provider), sent)

    async def _mark_sent(
        self, withdrawal_id: WithdrawalId, repositories: Repositories
    ) -> Withdrawal:
        now = self.clock.now()
        withdrawal = await withdrawals(repositories).get(withdrawal_id)
        sent = await withdrawals(repositories).save(withdrawal.send(now=now))
        first = poll_message(PollTransfer(sent.id, 0, now, sent.attempt), self.policy)
        await repositories.outbox.add(first, *told(sent, WithdrawalActivity.SENT, at=now))
        return sent

    async def _transfer(self, provider: PayoutProvider, withdrawal: Withdrawal) -> Withdrawal:
        """Send it with the id of this attempt, and apply the answer. It has failed if the provider
        refuses it and has no transfer of this id. Raises `PayoutsUnavailable`."""
        order = Transfer(
            withdrawal.transfer_id,
            withdrawal.beneficiary,
            withdrawal.amount,
            f"OneHour {withdrawal.number}",
        )
        try:
            return await self._apply(withdrawal.id, await provider.send(order))
        except TransferIdUsed:
            return await self.store.transact(
                lambda repositories: self.outcomes.id_used(repositories, withdrawal.id)
            )
        except PayoutRefused as error:
            refused = error
        try:
            fact = await provider.find_transfer(withdrawal.transfer_id)
        except TransferUnknown:
            log.error("withdrawal %s was refused: %s", withdrawal.id, refused.reason)
            fact = TransferFact(
                withdrawal.transfer_id, "", TransferStatus.FAILED, withdrawal.amount,
                refused.reason, why=refused.why,
            )  # fmt: skip
        return await self._apply(withdrawal.id, fact)

    async def _apply(self, withdrawal_id: WithdrawalId, fact: TransferFact) -> Withdrawal:
        return await self.store.transact(
            lambda repositories: self.outcomes.apply(repositories, withdrawal_id, fact)
        )


def poll_message(poll: PollTransfer, policy: WithdrawalPolicy) -> OutboxMessage:
    due = policy.poll_at(poll.since, poll.turn)
    attempt = f":again{poll.attempt}" if poll.attempt else ""
    return message(poll, f"{poll.withdrawal}:{poll.turn}{attempt}", due_at=due)
