"""What has to be true before a withdrawal is sent, and when it is tried again if it is not.

Nothing here moves money: as long as a withdrawal waits, it can be taken back.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial

from core.withdrawals import Status, Waiting, Withdrawal, WithdrawalId
from core.withdrawals_facts import CAME_BACK, BeneficiaryStatus
from core.withdrawals_policy import WithdrawalPolicy
from ports.clock import Clock
from ports.payouts import BeneficiaryUnknown, PayoutsUnavailable, TransferUnknown
from ports.store import Repositories, Store
from services.withdrawals.balances import BalanceService
from services.withdrawals.documents import payout_accounts, withdrawals
from services.withdrawals.holds import send_message
from services.withdrawals.outcomes import Outcomes
from services.withdrawals.providers import Providers
from services.withdrawals.service import cancel_in

log = logging.getLogger(__name__)

GONE = "The payment provider no longer knows this bank account. Add it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    store: Store
    providers: Providers
    balances: BalanceService
    outcomes: Outcomes
    clock: Clock
    policy: WithdrawalPolicy

    async def check(self, withdrawal: Withdrawal) -> bool:
        """Whether it can be sent now: its time has come, the provider can pay the payee, there is
        enough money, and what was rejected before is still rejected. If not, it is tried again
        by itself, ends, or waits for a person."""
        if withdrawal.next_at and self.clock.now() < withdrawal.next_at:
            return False  # the message of that time follows
        try:
            if not await self._can_be_paid(withdrawal):
                return False
            enough = await self.balances.enough(withdrawal)
            if enough and not await self._stays_rejected(withdrawal):
                return False
        except PayoutsUnavailable:
            await self.store.transact(partial(self._postpone, withdrawal.id, Waiting.PROVIDER))
            return False
        if not enough:
            await self.store.transact(partial(self._postpone, withdrawal.id, Waiting.BALANCE))
        return enough

    async def _can_be_paid(self, withdrawal: Withdrawal) -> bool:
        """Raises `PayoutsUnavailable`, also while the provider checks the payee again."""
        try:
            provider = self.providers.of(withdrawal.provider)
            payee = await provider.find_beneficiary(withdrawal.beneficiary)
        except BeneficiaryUnknown:
            await self.store.transact(partial(self._payee_is_gone, withdrawal.id))
            return False
        if payee.status is BeneficiaryStatus.REFUSED:
            await self.store.transact(partial(self._payee_is_gone, withdrawal.id))
            return False
        if payee.status is not BeneficiaryStatus.USABLE:
            raise PayoutsUnavailable
        return True

    async def _stays_rejected(self, withdrawal: Withdrawal) -> bool:
        """Ask once more about the transfer that was rejected for lack of balance. A provider that
        says something else now contradicts itself, and a person has to look. Raises
        `PayoutsUnavailable`."""
        if not withdrawal.rejected:
            return True
        provider, last = self.providers.of(withdrawal.provider), withdrawal.rejected[0]
        try:
            fact = await provider.find_transfer(last)
        except TransferUnknown:  # refused at once
            return True
        if fact.status in CAME_BACK:
            return True
        apply = partial(self.outcomes.apply, withdrawal_id=withdrawal.id, fact=fact)
        await self.store.transact(apply)
        return False

    async def _postpone(
        self, withdrawal_id: WithdrawalId, waiting: Waiting, repositories: Repositories
    ) -> None:
        withdrawal = await withdrawals(repositories).get(withdrawal_id)
        if withdrawal.status is not Status.REQUESTED:
            return
        until = self.policy.retry_at(withdrawal, now=self.clock.now())
        saved = await withdrawals(repositories).save(withdrawal.postpone(waiting, until=until))
        await repositories.outbox.add(send_message(saved, at=until))
        log.warning("withdrawal %s waits: %s", withdrawal_id, waiting)

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
