"""The contract of every payment gateway: inherit `PaymentGatewayContract` and provide the fixture
`gateway_setup`."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from core.money import Money
from core.payments_facts import AttemptStatus, OrderId, OrderStatus, RefundStatus
from onehour.testing.payments_setup import PRICE, GatewaySetup, a_refund
from ports.payments import ForgedWebhook, GatewayRefused, GatewayUnavailable, OrderUnknown

__all__ = ["GatewaySetup", "PaymentGatewayContract"]

ODD_PRICE = Money(480_001)
UNREADABLE = (
    b'{"broken',
    b'{"id": "n1", "id": "n1", "data": {"a": NaN}, "kind": NaN}',
    b'{"id": "\\ud800", "type": "\\ud800", "data": {"order": {"order_id": "\\ud800"}}}',
    b"[" * 100_000,
    b'{"id": 1' + b"0" * 5_000 + b', "data": {}}',
    b"\xff\xfe\x00",
)
"""Bodies of signed webhooks that no reader can use: not JSON, or text that cannot be stored."""


class PaymentGatewayContract:
    """Tests of the contract in `ports/payments.py`."""

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

    async def test_after_a_lost_answer_the_same_call_finds_what_was_done(
        self, gateway_setup: GatewaySetup
    ) -> None:
        order = await gateway_setup.order()
        asked = a_refund(order, PRICE)

        async with gateway_setup.losing_an_answer():
            with pytest.raises(GatewayUnavailable):
                await gateway_setup.gateway.open(order)
        await gateway_setup.gateway.open(order)
        await gateway_setup.pay(order.id)
        async with gateway_setup.losing_an_answer():
            with pytest.raises(GatewayUnavailable):
                await gateway_setup.gateway.refund(asked)
        await gateway_setup.gateway.refund(asked)

        assert [
            r.ours
            for r in (await gateway_setup.gateway.fetch_order(order.id, refunds=True)).refunds
        ] == [asked.id]

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

    async def test_a_second_success_is_refunded_by_the_provider(
        self, gateway_setup: GatewaySetup
    ) -> None:
        order = await gateway_setup.paid()

        second = await gateway_setup.pay(order.id)

        facts = await gateway_setup.gateway.fetch_order(order.id, refunds=True)
        (refund,) = facts.refunds
        assert facts.status is OrderStatus.PAID
        assert (refund.ours, refund.attempt_id, refund.amount) == ("", second, PRICE)
        assert refund.status is RefundStatus.SUCCEEDED

    async def test_a_refund_by_the_provider_does_not_reduce_ours(
        self, gateway_setup: GatewaySetup
    ) -> None:
        order = await gateway_setup.paid()
        await gateway_setup.pay(order.id)

        await gateway_setup.gateway.refund(a_refund(order, PRICE))

        facts = await gateway_setup.gateway.fetch_order(order.id, refunds=True)
        assert sorted(bool(refund.ours) for refund in facts.refunds) == [False, True]

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

    async def test_a_refund_arrives_and_is_found_under_our_id(
        self, gateway_setup: GatewaySetup
    ) -> None:
        order = await gateway_setup.paid()
        asked = a_refund(order, Money(120_050))

        answer = await gateway_setup.gateway.refund(asked)
        await gateway_setup.finish_refunds()

        (found,) = (await gateway_setup.gateway.fetch_order(order.id, refunds=True)).refunds
        assert (answer.ours, answer.amount) == (asked.id, asked.amount)
        assert (found.id, found.ours, found.amount) == (answer.id, asked.id, asked.amount)
        assert found.status is RefundStatus.SUCCEEDED

    async def test_a_repeated_refund_is_given_once(self, gateway_setup: GatewaySetup) -> None:
        order = await gateway_setup.paid()
        asked = a_refund(order, PRICE)

        answers = {(await gateway_setup.gateway.refund(asked)).id for _ in range(3)}

        assert len(answers) == 1
        assert len((await gateway_setup.gateway.fetch_order(order.id, refunds=True)).refunds) == 1

    async def test_a_refund_id_stands_for_one_amount(self, gateway_setup: GatewaySetup) -> None:
        order = await gateway_setup.paid()
        first = a_refund(order, Money(100_000))
        await gateway_setup.gateway.refund(first)

        with pytest.raises(GatewayRefused):
            await gateway_setup.gateway.refund(a_refund(order, Money(100_001), first.id))

    async def test_no_more_is_refunded_than_was_paid(self, gateway_setup: GatewaySetup) -> None:
        order = await gateway_setup.paid()
        await gateway_setup.gateway.refund(a_refund(order, Money(300_000)))

        with pytest.raises(GatewayRefused):
            await gateway_setup.gateway.refund(a_refund(order, Money(180_001)))

        rest = await gateway_setup.gateway.refund(a_refund(order, Money(180_000)))
        assert rest.amount == Money(180_000)

    async def test_nothing_is_refunded_of_an_unpaid_order(
        self, gateway_setup: GatewaySetup
    ) -> None:
        order = await gateway_setup.opened()

        with pytest.raises(GatewayRefused):
            await gateway_setup.gateway.refund(a_refund(order, PRICE))

    async def test_a_genuine_message_names_its_order_and_one_fact(
        self, gateway_setup: GatewaySetup
    ) -> None:
        order = await gateway_setup.paid()
        headers, body = await gateway_setup.notice(order.id)

        first, again = (
            gateway_setup.gateway.parse_webhook(headers, body),
            gateway_setup.gateway.parse_webhook(headers, body),
        )

        assert first == again
        assert (first.order_id, bool(first.id), bool(first.kind)) == (order.id, True, True)

    async def test_a_message_without_the_right_signature_is_forged(
        self, gateway_setup: GatewaySetup
    ) -> None:
        order = await gateway_setup.paid()
        headers, body = await gateway_setup.notice(order.id)
        others = {name: value[::-1] for name, value in headers.items()}

        for forged in ({}, others):
            with pytest.raises(ForgedWebhook):
                gateway_setup.gateway.parse_webhook(forged, body)

    @pytest.mark.parametrize("body", UNREADABLE)
    async def test_an_unreadable_message_with_a_good_signature_is_kept(
        self, gateway_setup: GatewaySetup, body: bytes
    ) -> None:
        notice = gateway_setup.gateway.parse_webhook(gateway_setup.sign(body), body)

        assert (notice.kind, notice.order_id, bool(notice.id)) == ("unreadable", "", True)
