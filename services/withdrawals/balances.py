"""The money at the payout provider, compared with what is due out, before transfers fail."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from core.findings import FindingKind
from core.money import Money, zero
from core.policy import HOUR
from core.withdrawals import BEFORE_SENDING, Withdrawal
from core.withdrawals_policy import WithdrawalPolicy
from ports.clock import Clock
from ports.findings import Finding
from ports.payouts import PayoutBalance, PayoutsUnavailable
from ports.store import Store
from services.payments import MoneyDayService
from services.shared.findings import report_again
from services.shared.periodic import periodic
from services.withdrawals.documents import withdrawals
from services.withdrawals.providers import Providers

log = logging.getLogger(__name__)

BY = "withdrawals"
FILLED = "There is enough in the payout account again."


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceService:
    store: Store
    providers: Providers
    money_days: MoneyDayService
    clock: Clock
    policy: WithdrawalPolicy

    @periodic("withdrawals.balance", every=HOUR)
    async def watch(self) -> None:
        """Report the provider of new withdrawals while it has less than what is asked for and
        `payout_cover` percent of what developers can withdraw now, and resolve the report when it
        has enough again. A provider that tells no balance is left out."""
        name = self.providers.chosen
        has = await self.available(name)
        if has is None:
            return
        asked, ready = await self._asked(name, has.currency), await self._ready()
        needed = asked + ready.percent(self.policy.payout_cover)
        findings, now = self.store.repositories.findings, self.clock.now()
        key = f"{FindingKind.PAYOUT_BALANCE_LOW}:{name}"
        if has.amount >= needed.amount:
            await findings.resolve(key, by=BY, how=FILLED, now=now)
            return
        detail = (
            f"{has.amount} {has.currency} are there; {asked.amount} are asked for and"
            f" {ready.amount} can be (minor units)."
        )
        finding = Finding(key, FindingKind.PAYOUT_BALANCE_LOW, name, detail, now)
        log.error("the payout account at %s is low: %s", name, detail)
        await report_again(findings, finding)

    async def enough(self, withdrawal: Withdrawal) -> bool:
        """Whether the provider has this amount now, or does not tell."""
        has = await self.available(withdrawal.provider)
        return has is None or has.amount >= withdrawal.amount.amount

    async def available(self, name: str) -> Money | None:
        """None if it does not tell, or does not answer: that stops no transfer."""
        provider = self.providers.known.get(name)
        if not isinstance(provider, PayoutBalance):
            return None
        try:
            return await provider.available()
        except PayoutsUnavailable:
            log.warning("the payout provider %s did not tell its balance", name)
            return None

    async def _asked(self, provider: str, currency: str) -> Money:
        """The sum of the withdrawals that are not sent yet."""
        total = zero(currency)
        for status in sorted(BEFORE_SENDING):
            async for each in withdrawals(self.store.repositories).each(status=status):
                total += each.amount if each.provider == provider else zero(currency)
        return total

    async def _ready(self) -> Money:
        """What developers could ask for today."""
        return (await self.money_days.overview(1)).days[-1].ready
