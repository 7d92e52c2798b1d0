"""What every payment gateway keeps: inherit `PaymentGatewayContract` and give it a `till`."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from core.money import Money
from core.payments import AttemptStatus, OrderId, OrderStatus, RefundStatus
from onehour.testing.payments_till import PRICE, Till, a_refund
from ports.payments import ForgedWebhook, GatewayRefused, GatewayUnavailable, OrderUnknown

__all__ = ["PaymentGatewayContract", "Till"]

ODD_PRICE = Money(480_001)


class PaymentGatewayContract:
    """Tests of the promises in `ports/payments.py`; a subclass defines the fixture `till`."""

    async def test_an_opened_order_is_open_and_nothing_is_paid(self, till: Till) -> None:
        order = await till.order(ODD_PRICE)

        url = await till.gateway.open(order)

        facts = await till.gateway.look(order.id, refunds=True)
        assert "://" in url
        assert (facts.order_id, facts.status) == (order.id, OrderStatus.OPEN)
        assert (facts.amount, facts.attempts, facts.refunds) == (ODD_PRICE, (), ())

    async def test_opening_again_finds_the_same_order(self, till: Till) -> None:
        order = await till.order()

        urls = {await till.gateway.open(order) for _ in range(3)}

        assert len(urls) == 1

    async def test_after_a_lost_answer_the_same_call_finds_what_was_done(self, till: Till) -> None:
        order = await till.order()
        asked = a_refund(order, PRICE)

        async with till.losing_an_answer():
            with pytest.raises(GatewayUnavailable):
                await till.gateway.open(order)
        await till.gateway.open(order)
        await till.pay(order.id)
        async with till.losing_an_answer():
            with pytest.raises(GatewayUnavailable):
                await till.gateway.refund(asked)
        await till.gateway.refund(asked)

        assert [r.ours for r in (await till.gateway.look(order.id, refunds=True)).refunds] == [
            asked.id
        ]

    async def test_an_order_id_stands_for_one_amount(self, till: Till) -> None:
        order = await till.opened(PRICE)
        other = await till.order(ODD_PRICE, order.id)

        with pytest.raises(GatewayRefused):
            await till.gateway.open(other)

        assert (await till.gateway.look(order.id, refunds=True)).amount == PRICE

    async def test_an_order_nobody_opened_is_unknown(self, till: Till) -> None:
        nobody = OrderId(f"ord_{uuid4().hex}")
        order = await till.order(order_id=nobody)

        with pytest.raises(OrderUnknown):
            await till.gateway.look(nobody)
        with pytest.raises(OrderUnknown):
            await till.gateway.close(nobody)
        with pytest.raises(OrderUnknown):
            await till.gateway.refund(a_refund(order, PRICE))

    async def test_a_success_pays_the_order(self, till: Till) -> None:
        order = await till.opened(ODD_PRICE)

        attempt_id = await till.pay(order.id)

        facts = await till.gateway.look(order.id, refunds=True)
        (attempt,) = facts.attempts
        assert facts.status is OrderStatus.PAID
        assert (attempt.id, attempt.status) == (attempt_id, AttemptStatus.SUCCESS)
        assert (attempt.amount, facts.amount) == (ODD_PRICE, ODD_PRICE)
        assert abs(attempt.at - await till.now()) < timedelta(minutes=1)

    @pytest.mark.parametrize("outcome", ["failed", "dropped", "pending"])
    async def test_no_success_leaves_the_order_open(self, till: Till, outcome: str) -> None:
        order = await till.opened()

        attempt_id = await till.pay(order.id, outcome)

        facts = await till.gateway.look(order.id, refunds=True)
        assert facts.status is OrderStatus.OPEN
        assert [(a.id, a.status) for a in facts.attempts] == [(attempt_id, AttemptStatus(outcome))]

    async def test_after_a_failure_the_customer_may_try_again(self, till: Till) -> None:
        order = await till.opened()
        failed = await till.pay(order.id, "failed")

        paid = await till.pay(order.id)

        facts = await till.gateway.look(order.id, refunds=True)
        assert facts.status is OrderStatus.PAID
        assert {a.id: a.status for a in facts.attempts} == {
            failed: AttemptStatus.FAILED,
            paid: AttemptStatus.SUCCESS,
        }

    async def test_a_second_success_is_given_back_by_the_provider(self, till: Till) -> None:
        order = await till.paid()

        second = await till.pay(order.id)

        facts = await till.gateway.look(order.id, refunds=True)
        (refund,) = facts.refunds
        assert facts.status is OrderStatus.PAID
        assert (refund.ours, refund.attempt_id, refund.amount) == ("", second, PRICE)
        assert refund.status is RefundStatus.SUCCEEDED

    async def test_what_the_provider_gave_back_does_not_lessen_our_refund(self, till: Till) -> None:
        order = await till.paid()
        await till.pay(order.id)

        await till.gateway.refund(a_refund(order, PRICE))

        facts = await till.gateway.look(order.id, refunds=True)
        assert sorted(bool(refund.ours) for refund in facts.refunds) == [False, True]

    async def test_an_expired_order_can_still_be_paid_by_an_attempt_begun_in_time(
        self, till: Till
    ) -> None:
        order = await till.opened()
        attempt_id = await till.pay(order.id, "pending")
        await till.let_expire(order)
        before = await till.gateway.look(order.id, refunds=True)

        await till.settle(attempt_id, "success")

        after = await till.gateway.look(order.id, refunds=True)
        assert (before.status, after.status) == (OrderStatus.EXPIRED, OrderStatus.PAID)
        assert after.attempts[0].status is AttemptStatus.SUCCESS

    async def test_closing_ends_an_order_and_may_be_repeated(self, till: Till) -> None:
        order = await till.opened()

        await till.gateway.close(order.id)
        await till.gateway.close(order.id)

        assert (await till.gateway.look(order.id, refunds=True)).status is OrderStatus.CLOSED

    async def test_an_attempt_under_way_outlives_the_closing(self, till: Till) -> None:
        order = await till.opened()
        attempt_id = await till.pay(order.id, "pending")
        await till.gateway.close(order.id)
        closing = await till.gateway.look(order.id, refunds=True)

        await till.settle(attempt_id, "success")

        assert closing.status is OrderStatus.CLOSING
        assert (await till.gateway.look(order.id, refunds=True)).status is OrderStatus.PAID

    async def test_the_failure_of_the_last_attempt_completes_the_closing(self, till: Till) -> None:
        order = await till.opened()
        attempt_id = await till.pay(order.id, "pending")
        await till.gateway.close(order.id)

        await till.settle(attempt_id, "failed")

        assert (await till.gateway.look(order.id, refunds=True)).status is OrderStatus.CLOSED

    async def test_closing_a_paid_or_expired_order_changes_nothing(self, till: Till) -> None:
        paid, unpaid = await till.paid(), await till.opened()
        await till.let_expire(unpaid)

        await till.gateway.close(paid.id)
        await till.gateway.close(unpaid.id)

        assert (await till.gateway.look(paid.id)).status is OrderStatus.PAID
        assert (await till.gateway.look(unpaid.id)).status in (
            OrderStatus.EXPIRED,
            OrderStatus.CLOSED,
        )

    async def test_a_refund_arrives_and_is_found_under_our_id(self, till: Till) -> None:
        order = await till.paid()
        asked = a_refund(order, Money(120_050))

        answer = await till.gateway.refund(asked)
        await till.finish_refunds()

        (found,) = (await till.gateway.look(order.id, refunds=True)).refunds
        assert (answer.ours, answer.amount) == (asked.id, asked.amount)
        assert (found.id, found.ours, found.amount) == (answer.id, asked.id, asked.amount)
        assert found.status is RefundStatus.SUCCEEDED

    async def test_a_repeated_refund_is_given_once(self, till: Till) -> None:
        order = await till.paid()
        asked = a_refund(order, PRICE)

        answers = {(await till.gateway.refund(asked)).id for _ in range(3)}

        assert len(answers) == 1
        assert len((await till.gateway.look(order.id, refunds=True)).refunds) == 1

    async def test_a_refund_id_stands_for_one_amount(self, till: Till) -> None:
        order = await till.paid()
        first = a_refund(order, Money(100_000))
        await till.gateway.refund(first)

        with pytest.raises(GatewayRefused):
            await till.gateway.refund(a_refund(order, Money(100_001), first.id))

    async def test_no_more_is_given_back_than_was_paid(self, till: Till) -> None:
        order = await till.paid()
        await till.gateway.refund(a_refund(order, Money(300_000)))

        with pytest.raises(GatewayRefused):
            await till.gateway.refund(a_refund(order, Money(180_001)))

        rest = await till.gateway.refund(a_refund(order, Money(180_000)))
        assert rest.amount == Money(180_000)

    async def test_nothing_is_given_back_of_an_unpaid_order(self, till: Till) -> None:
        order = await till.opened()

        with pytest.raises(GatewayRefused):
            await till.gateway.refund(a_refund(order, PRICE))

    async def test_a_genuine_message_names_its_order_and_one_fact(self, till: Till) -> None:
        order = await till.paid()
        headers, body = await till.notice(order.id)

        first, again = till.gateway.read(headers, body), till.gateway.read(headers, body)

        assert first == again
        assert (first.order_id, bool(first.id), bool(first.kind)) == (order.id, True, True)

    async def test_a_message_without_the_right_signature_is_forged(self, till: Till) -> None:
        order = await till.paid()
        headers, body = await till.notice(order.id)
        others = {name: value[::-1] for name, value in headers.items()}

        for forged in ({}, others):
            with pytest.raises(ForgedWebhook):
                till.gateway.read(forged, body)

    async def test_an_unreadable_message_with_a_good_signature_is_kept(self, till: Till) -> None:
        body = b'{"broken'

        notice = till.gateway.read(till.sign(body), body)

        assert (notice.kind, notice.order_id, bool(notice.id)) == ("unreadable", "", True)
