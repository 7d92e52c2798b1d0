"""Payout providers that each break one promise about the balance."""

from __future__ import annotations

from adapters.memory.payouts import MemoryPayouts
from core.money import Money
from core.withdrawals_facts import TransferStatus
from ports.payouts import PayoutsUnavailable
from tests.contracts.broken.suite import breaks


@breaks("the_balance_is_told_to_the_minor_unit")
class BinaryFraction(MemoryPayouts):
    async def available(self) -> Money | None:
        told = await super().available()
        return told and Money(int(told.amount / 100 * 100))


@breaks("the_balance_is_that_of_now")
class RemembersItsBalance(MemoryPayouts):
    """Until it is told that there is none."""

    known: Money | None = None

    async def available(self) -> Money | None:
        self.known = self.known or await super().available()
        return self.known


@breaks("a_transfer_on_its_way_is_not_available_any_more")
class TellsWhatHasNotArrived(MemoryPayouts):
    """The balance of the account, with the transfers on their way."""

    async def available(self) -> Money | None:
        told = await super().available()
        for fact in self.transfers.values():
            if told and fact.status is TransferStatus.PENDING:
                told += fact.amount
        return told


@breaks("the_money_of_a_failed_transfer_is_available_again")
class KeepsFailedMoney(MemoryPayouts):
    def settle(self, transfer_id: str, status: TransferStatus, code: str = "") -> None:  # type: ignore[override]
        told = self.has
        super().settle(transfer_id, status, code)
        self.has = told


@breaks("while_the_provider_is_away_no_balance_is_told")
class AwayIsEmpty(MemoryPayouts):
    async def available(self) -> Money | None:
        try:
            return await super().available()
        except PayoutsUnavailable:
            return Money(0)


@breaks("while_the_provider_is_away_no_balance_is_told")
class AwayTellsNone(MemoryPayouts):
    async def available(self) -> Money | None:
        try:
            return await super().available()
        except PayoutsUnavailable:
            return None
