"""Payments, and what the ledger says of them."""

from __future__ import annotations

from dataclasses import replace

from core.bookings import Booking
from core.payments import Payment, PaymentId
from onehour.testing.steps.parts import AppParts
from services.payments import BALANCES, summed


class PaymentSteps(AppParts):
    async def pay(self, booking: Booking, outcome: str = "success") -> str:
        """The client pays at the gateway, which sends no webhook; the id of the attempt."""
        return self.gateway.pay(await self.order_of(booking), outcome)

    async def settle(self, booking: Booking) -> Payment:
        return await self.services.payments.settle(PaymentId(booking.payment_id))

    async def payment(self, booking: Booking) -> Payment:
        return await self.store.repositories.payments.get(PaymentId(booking.payment_id))

    async def order_of(self, booking: Booking) -> str:
        return (await self.payment(booking)).order_id

    async def balances(self) -> dict[str, int]:
        """What every ledger account holds, in paise; accounts at zero are left out."""
        totals: dict[str, int] = {}
        async for entry in self.store.repositories.transactions.all():
            for line in entry.lines:
                totals[line.account] = totals.get(line.account, 0) + line.amount.amount
        return {account: total for account, total in totals.items() if total}

    async def assert_ledger_balances(self) -> None:
        """All lines sum to zero; the ledger has what the gateway collected and did not refund."""
        balances = await self.balances()
        assert sum(balances.values()) == 0, balances
        outside = -balances.get(f"gateway:{self.gateway.name}", 0)
        repositories = self.gateway.totals
        assert outside + self.quarantined == repositories.collected - repositories.refunded, (
            balances,
            repositories,
        )
        await self.assert_running_balances()

    async def assert_running_balances(self) -> None:
        """The running balance of each developer is the sum of the ledger."""
        repositories = self.store.repositories
        async for balance in repositories.documents(BALANCES).each():
            by_ledger = await summed(repositories, balance.developer_id, balance.currency)
            assert balance == replace(by_ledger, version=balance.version)
