"""The contract of every payment gateway: inherit `PaymentGatewayContract` and provide the fixture
`gateway_setup`."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from core.money import Money
from core.payments_facts import AttemptStatus, OrderId, OrderStatus
from onehour.testing.payments_calls import CallsContract
from onehour.testing.payments_chargebacks import ChargebacksContract
from onehour.testing.payments_refunds import RefundsContract
from onehour.testing.payments_settlements import SettlementsContract
from onehour.testing.payments_setup import ODD_PRICE, PRICE, GatewaySetup, a_refund
from onehour.testing.payments_webhooks import WebhooksContract
from onehour.testing.suite import since
from ports.payments import GatewayRefused, OrderUnknown

__all__ = ["GatewaySetup", "PaymentGatewayContract"]


class PaymentGatewayContract(
    CallsContract, RefundsContract, WebhooksContract, SettlementsContract, ChargebacksContract
):
    """Tests of the contract in `ports/payments.py`, and of those in `ports/settlements.py` and
    `ports/chargebacks.py` for a gateway that has their methods."""

    port = "payments"

    async def test_an_opened_order_is_open_and_nothing_is_paid(
        self, gateway_setup: GatewaySetup
    ) -> None:
        order = await gateway_setup.order(ODD_PRICE)

        url = await gateway_setup.gateway.open(order)

        facts = await gateway_setup.gateway.fetch_order(order.id, refunds=True)
        assert "://" in url
        assert (facts.order_id, facts.status) == (order.id, OrderStatus.OPEN)
        assert (facts.amount, facts.attempts, facts.refunds) == (ODD_PRICE, (), ())

    async def test_opening_again_finds_the_same_order(self, gateway_setup: GatewaySetup) -> None:
        order = await gateway_setup.order()

        urls = {await gateway_setup.gateway.open(order) for _ in range(3)}

        assert len(urls) == 1

    async def test_an_order_id_stands_for_one_amount(self, gateway_setup: GatewaySetup) -> None:
        order = await gateway_setup.opened(PRICE)
        other = await gateway_setup.order(ODD_PRICE, order.id)

        with pytest.raises(GatewayRefused):
            await gateway_setup.gateway.open(other)

        assert (await gateway_setup.gateway.fetch_order(order.id, refunds=True)).amount == PRICE

    async def test_an_order_nobody_opened_is_unknown(self, gateway_setup: GatewaySetup) -> None:
        nobody = OrderId(f"ord_{uuid4().hex}")
        order = await gateway_setup.order(order_id=nobody)

        with pytest.raises(OrderUnknown):
            await gateway_setup.gateway.fetch_order(nobody)
        with pytest.raises(OrderUnknown):
            await gateway_setup.gateway.close(nobody)
        with pytest.raises(OrderUnknown):
            await gateway_setup.gateway.refund(a_refund(order, PRICE))

    async def test_a_success_pays_the_order(self, gateway_setup: GatewaySetup) -> None:
        order = await gateway_setup.opened(ODD_PRICE)

        attempt_id = await gateway_setup.pay(order.id)

        facts = await gateway_setup.gateway.fetch_order(order.id, refunds=True)
        (attempt,) = facts.attempts
        assert facts.status is OrderStatus.PAID
        assert (attempt.id, attempt.status) == (attempt_id, AttemptStatus.SUCCESS)
        assert (attempt.amount, facts.amount) == (ODD_PRICE, ODD_PRICE)
        assert abs(attempt.at - await gateway_setup.now()) < timedelta(minutes=1)

    @pytest.mark.parametrize("outcome", ["failed", "dropped", "pending"])
    async def test_no_success_leaves_the_order_open(
        self, gateway_setup: GatewaySetup, outcome: str
    ) -> None:
        order = await gateway_setup.opened()

        attempt_id = await gateway_setup.pay(order.id, outcome)

        facts = await gateway_setup.gateway.fetch_order(order.id, refunds=True)
        assert facts.status is OrderStatus.OPEN
        assert [(a.id, a.status) for a in facts.attempts] == [(attempt_id, AttemptStatus(outcome))]

    async def test_after_a_failure_the_customer_may_try_again(
        self, gateway_setup: GatewaySetup
    ) -> None:
        order = await gateway_setup.opened()
        failed = await gateway_setup.pay(order.id, "failed")

        paid = await gateway_setup.pay(order.id)

        facts = await gateway_setup.gateway.fetch_order(order.id, refunds=True)
        assert facts.status is OrderStatus.PAID
        assert {a.id: a.status for a in facts.attempts} == {
            failed: AttemptStatus.FAILED,
            paid: AttemptStatus.SUCCESS,
        }

    async def test_an_expired_order_can_still_be_paid_by_an_attempt_started_in_time(
        self, gateway_setup: GatewaySetup
    ) -> None:
        order = await gateway_setup.opened()
        attempt_id = await gateway_setup.pay(order.id, "pending")
        await gateway_setup.let_expire(order)
        before = await gateway_setup.gateway.fetch_order(order.id, refunds=True)

        await gateway_setup.settle(attempt_id, "success")

        after = await gateway_setup.gateway.fetch_order(order.id, refunds=True)
        assert (before.status, after.status) == (OrderStatus.EXPIRED, OrderStatus.PAID)
        assert after.attempts[0].status is AttemptStatus.SUCCESS

    async def test_closing_ends_an_order_and_may_be_repeated(
        self, gateway_setup: GatewaySetup
    ) -> None:
        order = await gateway_setup.opened()

        await gateway_setup.gateway.close(order.id)
        await gateway_setup.gateway.close(order.id)

        assert (
            await gateway_setup.gateway.fetch_order(order.id, refunds=True)
        ).status is OrderStatus.CLOSED

    async def test_an_attempt_under_way_may_succeed_after_the_closing(
        self, gateway_setup: GatewaySetup
    ) -> None:
        order = await gateway_setup.opened()
        attempt_id = await gateway_setup.pay(order.id, "pending")
        await gateway_setup.gateway.close(order.id)
        closing = await gateway_setup.gateway.fetch_order(order.id, refunds=True)

        await gateway_setup.settle(attempt_id, "success")

        assert closing.status is OrderStatus.CLOSING
        assert (
            await gateway_setup.gateway.fetch_order(order.id, refunds=True)
        ).status is OrderStatus.PAID

    async def test_the_failure_of_the_last_attempt_completes_the_closing(
        self, gateway_setup: GatewaySetup
    ) -> None:
        order = await gateway_setup.opened()
        attempt_id = await gateway_setup.pay(order.id, "pending")
        await gateway_setup.gateway.close(order.id)

        await gateway_setup.settle(attempt_id, "failed")

        assert (
            await gateway_setup.gateway.fetch_order(order.id, refunds=True)
        ).status is OrderStatus.CLOSED

    async def test_closing_a_paid_or_expired_order_changes_nothing(
        self, gateway_setup: GatewaySetup
    ) -> None:
        paid, unpaid = await gateway_setup.paid(), await gateway_setup.opened()
        await gateway_setup.let_expire(unpaid)

        await gateway_setup.gateway.close(paid.id)
        await gateway_setup.gateway.close(unpaid.id)

        assert (await gateway_setup.gateway.fetch_order(paid.id)).status is OrderStatus.PAID
        assert (await gateway_setup.gateway.fetch_order(unpaid.id)).status in (
            OrderStatus.EXPIRED,
            OrderStatus.CLOSED,
        )

    @since(2)
    async def test_its_name_is_part_of_an_address(self, gateway_setup: GatewaySetup) -> None:
        assert re.fullmatch(r"[a-z][a-z0-9_-]*", gateway_setup.gateway.name)

    @since(2)
    async def test_a_checkout_page_of_ours_has_its_module(
        self, gateway_setup: GatewaySetup
    ) -> None:
        gateway, order = gateway_setup.gateway, await gateway_setup.order()
        self.needs("a script for our checkout page", gateway.checkout is not None)
        assert gateway.checkout is not None

        url = await gateway.open(order)

        assert f"/checkout/{gateway.name}/" in url
        assert "export" in gateway.checkout.module.read_text(encoding="utf-8")

    @since(2)
    @pytest.mark.parametrize("amount", [115, 100_001, 1_999_999_99])
    async def test_an_amount_comes_back_to_the_minor_unit(
        self, gateway_setup: GatewaySetup, amount: int
    ) -> None:
        """115 is one of the amounts that become one less by way of a binary fraction."""
        order = await gateway_setup.paid(Money(amount))

        facts = await gateway_setup.gateway.fetch_order(order.id)

        assert (facts.amount, facts.attempts[0].amount) == (Money(amount), Money(amount))

    @since(2)
    async def test_a_name_of_any_script_can_pay(self, gateway_setup: GatewaySetup) -> None:
        order = await gateway_setup.order()
        payer = replace(order.customer, name="Zoë Ñandú-O’Neill, मीरा, 山田", phone="9876543210")

        await gateway_setup.gateway.open(
            replace(order, customer=payer, note="Größe: 5 × “déjà vu”")
        )

        assert (await gateway_setup.gateway.fetch_order(order.id)).status is OrderStatus.OPEN

    @since(2)
    async def test_orders_do_not_mix(self, gateway_setup: GatewaySetup) -> None:
        first, second = await gateway_setup.paid(), await gateway_setup.paid(ODD_PRICE)
        await gateway_setup.gateway.refund(a_refund(second, ODD_PRICE))

        facts = await gateway_setup.gateway.fetch_order(first.id, refunds=True)

        assert [attempt.amount for attempt in facts.attempts] == [PRICE]
        assert facts.refunds == ()

    @since(2)
    async def test_a_later_failure_does_not_undo_a_success(
        self, gateway_setup: GatewaySetup
    ) -> None:
        order = await gateway_setup.paid()

        await gateway_setup.pay(order.id, "failed")

        facts = await gateway_setup.gateway.fetch_order(order.id)
        assert facts.status is OrderStatus.PAID
        assert sorted(attempt.status for attempt in facts.attempts) == ["failed", "success"]
