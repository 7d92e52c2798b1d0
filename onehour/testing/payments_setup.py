"""What `PaymentGatewayContract` needs to pay, refund and sign at the provider of the adapter."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from uuid import uuid4

from core.money import Money
from core.payments import OrderId, RefundId
from ports.payments import Customer, Order, PaymentGateway, RefundOrder

PRICE = Money(480_000)


class GatewaySetup(ABC):
    """The gateway under test, and what customers, the bank and the provider do.

    `outcome` is a value of `AttemptStatus`. Attempts are begun in the order's time and may
    end after it, also with `success`.
    """

    gateway: PaymentGateway

    @abstractmethod
    async def now(self) -> datetime:
        """The provider's own time."""

    @abstractmethod
    async def pay(self, order_id: str, outcome: str = "success") -> str:
        """A customer tries to pay; the attempt's id."""

    @abstractmethod
    async def settle(self, attempt_id: str, outcome: str) -> None:
        """The bank answers to an attempt that was pending."""

    @abstractmethod
    async def let_expire(self, order: Order) -> None:
        """Time passes until the order is over; an attempt begun last may still end."""

    @abstractmethod
    async def finish_refunds(self) -> None:
        """Every refund under way reaches its customer."""

    @abstractmethod
    async def notice(self, order_id: str) -> tuple[dict[str, str], bytes]:
        """Headers and body of a genuine message about a paid order."""

    @abstractmethod
    def losing_an_answer(self) -> AbstractAsyncContextManager[None]:
        """Within it the provider does what the next call asks, and its answer is lost."""

    @abstractmethod
    def sign(self, body: bytes) -> dict[str, str]:
        """Headers under which the provider would send these bytes."""

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
