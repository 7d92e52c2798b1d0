"""What `PaymentGatewayContract` needs to pay, refund and sign at the provider of the adapter."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from uuid import uuid4

from core.money import Money
from core.payments import RefundId
from core.payments_facts import OrderId
from ports.payments import Customer, Order, PaymentGateway, RefundOrder

PRICE = Money(480_000)
ODD_PRICE = Money(480_001)


class GatewaySetup(ABC):
    """The gateway under test, and what customers, the bank and the provider do.

    `outcome` is a value of `AttemptStatus`. Attempts start before the order expires and may end
    later, also with `success`. `secrets` are texts that must not be in logs, such as the key of
    the account.
    """

    gateway: PaymentGateway
    secrets: Sequence[str] = ()

    @abstractmethod
    async def now(self) -> datetime:
        """The provider's own time."""

    @abstractmethod
    async def pay(self, order_id: str, outcome: str = "success") -> str:
        """A customer tries to pay; returns the id of the attempt."""

    @abstractmethod
    async def settle(self, attempt_id: str, outcome: str) -> None:
        """The bank decides on a pending attempt."""

    @abstractmethod
    async def let_expire(self, order: Order) -> None:
        """Time passes until the order has expired; an attempt that was started may still end."""

    @abstractmethod
    async def finish_refunds(self) -> None:
        """All pending refunds succeed."""

    @abstractmethod
    async def notice(self, order_id: str) -> tuple[dict[str, str], bytes]:
        """Headers and body of a genuine webhook about a paid order."""

    @abstractmethod
    def losing_an_answer(self) -> AbstractAsyncContextManager[None]:
        """Within the context the provider executes the next call, and its response is lost."""

    @abstractmethod
    def sign(self, body: bytes) -> dict[str, str]:
        """The headers with which the provider would send this body."""

    # Of a gateway whose provider lists settlements (ports/settlements.py)

    async def pay_out(self) -> str:
        """The provider pays all that it owes to our bank. Returns the id of the settlement."""
        raise NotImplementedError

    async def change_settlement(self, reference: str, outcome: str) -> None:
        """The state of a settlement is `outcome` now, a value of `core.settlements.Status`;
        `unknown` stands for a word that the adapter has never heard of."""
        raise NotImplementedError

    async def settlement_notice(self, reference: str) -> tuple[dict[str, str], bytes]:
        """Headers and body of a genuine webhook about a settlement."""
        raise NotImplementedError

    # Of a gateway whose provider tells of chargebacks (ports/chargebacks.py)

    async def question(self, order_id: str) -> str:
        """The customer's bank questions all of a paid order. Returns the id of the chargeback."""
        raise NotImplementedError

    async def decide(self, reference: str, outcome: str) -> None:
        """The state of a chargeback is `outcome` now, a value of `core.chargebacks.Status`;
        `unknown` stands for a word that the adapter has never heard of."""
        raise NotImplementedError

    async def chargeback_notice(self, reference: str) -> tuple[dict[str, str], bytes]:
        """Headers and body of a genuine webhook about a chargeback."""
        raise NotImplementedError

    # Ready to use

    async def order(self, amount: Money = PRICE, order_id: str | None = None) -> Order:
        """An order that has not been opened yet."""
        return Order(
            id=OrderId(order_id or f"ord_{uuid4().hex}"),
            amount=amount,
            customer=Customer("cli_0001", "Asha Rao", "asha@example.org"),
            expires_at=await self.now() + timedelta(minutes=16),
            return_url="https://onehour.example/payments/{order_id}",
            note="One hour with Ravi",
        )

    async def opened(self, amount: Money = PRICE) -> Order:
        order = await self.order(amount)
        await self.gateway.open(order)
        return order

    async def paid(self, amount: Money = PRICE) -> Order:
        order = await self.opened(amount)
        await self.pay(order.id)
        return order


def a_refund(order: Order, amount: Money, refund_id: str = "") -> RefundOrder:
    return RefundOrder(
        RefundId(refund_id or f"rfd{uuid4().hex[:20]}"), order.id, amount, "Booking cancelled"
    )
