"""The part of `PayoutsContract` about the balance (`PayoutBalance` in `ports/payouts.py`), for
providers that tell it."""

from __future__ import annotations

import pytest

from core.money import Money
from onehour.testing.payouts_setup import AMOUNT, PayoutsSetup
from onehour.testing.suite import Contract, since
from ports.payouts import PayoutBalance, PayoutsUnavailable


class BalanceContract(Contract):
    @since(2)
    @pytest.mark.parametrize("amount", [115, 100_001, 1_999_999_99])
    async def test_the_balance_is_told_to_the_minor_unit(
        self, payouts_setup: PayoutsSetup, amount: int
    ) -> None:
        """115 is one of the amounts that become one less by way of a binary fraction."""
        provider = self._telling(payouts_setup)

        await payouts_setup.fill(Money(amount))

        assert await provider.available() == Money(amount)

    @since(2)
    async def test_the_balance_is_that_of_now(self, payouts_setup: PayoutsSetup) -> None:
        provider, told = self._telling(payouts_setup), list[Money | None]()

        for amount in (AMOUNT, Money(0), AMOUNT + AMOUNT):
            await payouts_setup.fill(amount)
            told.append(await provider.available())

        assert told == [AMOUNT, Money(0), AMOUNT + AMOUNT]

    @since(2)
    async def test_a_transfer_on_its_way_is_not_available_any_more(
        self, payouts_setup: PayoutsSetup
    ) -> None:
        """The provider may have taken its fee as well."""
        provider = self._telling(payouts_setup)
        await payouts_setup.fill(AMOUNT + AMOUNT)

        fact = await payouts_setup.sent()

        pending, fee = await provider.available(), fact.fee.amount if fact.fee else 0
        assert pending is not None
        assert AMOUNT.amount - fee <= pending.amount <= AMOUNT.amount

    @since(2)
    async def test_the_money_of_a_failed_transfer_is_available_again(
        self, payouts_setup: PayoutsSetup
    ) -> None:
        provider = self._telling(payouts_setup)
        await payouts_setup.fill(AMOUNT + AMOUNT)
        fact = await payouts_setup.sent()

        await payouts_setup.settle(fact.ours, "failed")

        again = await provider.available()
        assert again is not None
        assert again.amount > AMOUNT.amount

    @since(2)
    async def test_while_the_provider_is_away_no_balance_is_told(
        self, payouts_setup: PayoutsSetup
    ) -> None:
        """None, or nothing left, would be an answer."""
        provider = self._telling(payouts_setup)
        await payouts_setup.fill(AMOUNT)

        async with payouts_setup.away():
            with pytest.raises(PayoutsUnavailable):
                await provider.available()

        assert await provider.available() == AMOUNT

    def _telling(self, payouts_setup: PayoutsSetup) -> PayoutBalance:
        """The provider; ends the case if it tells no balance."""
        provider = payouts_setup.provider
        self.needs("its balance", isinstance(provider, PayoutBalance))
        assert isinstance(provider, PayoutBalance)
        return provider
