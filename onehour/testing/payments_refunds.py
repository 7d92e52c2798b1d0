"""The part of `PaymentGatewayContract` about refunds, ours and those of the provider."""

from __future__ import annotations

import asyncio

import pytest

from core.money import Money
from core.payments_facts import (
    AttemptStatus,
    OrderStatus,
    RefundFact,
    RefundStatus,
    gateway_reason,
)
from onehour.testing.payments_setup import PRICE, GatewaySetup, a_refund
from onehour.testing.suite import Contract, since
from ports.payments import GatewayRefused, GatewayUnavailable


class RefundsContract(Contract):
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

    @since(2)
    async def test_a_refund_id_stands_for_one_amount(self, gateway_setup: GatewaySetup) -> None:
        order = await gateway_setup.paid()
        first = a_refund(order, Money(100_000))
        await gateway_setup.gateway.refund(first)

        answer = await gateway_setup.gateway.refund(a_refund(order, Money(100_001), first.id))

        assert (answer.ours, answer.amount) == (first.id, first.amount)
        assert len((await gateway_setup.gateway.fetch_order(order.id, refunds=True)).refunds) == 1

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

    @since(2)
    async def test_the_reason_of_a_refused_refund_is_one_line(
        self, gateway_setup: GatewaySetup
    ) -> None:
        """As `gateway_reason` makes it: operators read it in a list."""
        order = await gateway_setup.paid()

        with pytest.raises(GatewayRefused) as refused:
            await gateway_setup.gateway.refund(a_refund(order, PRICE + PRICE))

        reason = refused.value.reason
        self.able("reasons of refused refunds", bool(reason))
        assert reason == gateway_reason(reason)

    @since(2)
    async def test_the_refund_of_a_second_success_is_listed_without_being_asked_for(
        self, gateway_setup: GatewaySetup
    ) -> None:
        order = await gateway_setup.paid()
        await gateway_setup.pay(order.id)

        facts = await gateway_setup.gateway.fetch_order(order.id)

        assert [refund.ours for refund in facts.refunds] == [""]

    @since(2)
    async def test_a_refund_is_given_once_also_at_the_same_time(
        self, gateway_setup: GatewaySetup
    ) -> None:
        """A call may be unavailable meanwhile, but none makes a second refund."""
        order = await gateway_setup.paid()
        asked = a_refund(order, Money(100_000))
        calls = [gateway_setup.gateway.refund(asked) for _ in range(3)]

        answers = await asyncio.gather(*calls, return_exceptions=True)

        ids = {_id_of(each) for each in answers if not isinstance(each, GatewayUnavailable)}
        facts = await gateway_setup.gateway.fetch_order(order.id, refunds=True)
        assert ids == {refund.id for refund in facts.refunds}
        assert len(ids) == 1

    @since(2)
    async def test_two_refunds_at_the_same_time_do_not_exceed_what_was_paid(
        self, gateway_setup: GatewaySetup
    ) -> None:
        order = await gateway_setup.paid()
        asked = [a_refund(order, Money(300_000)) for _ in range(2)]

        answers = await asyncio.gather(
            *map(gateway_setup.gateway.refund, asked), return_exceptions=True
        )

        facts = await gateway_setup.gateway.fetch_order(order.id, refunds=True)
        assert sorted(type(answer).__name__ for answer in answers) == [
            "GatewayRefused", "RefundFact"
        ]  # fmt: skip
        assert [refund.amount for refund in facts.refunds] == [Money(300_000)]

    @since(2)
    async def test_a_refund_that_has_ended_can_be_asked_for_again(
        self, gateway_setup: GatewaySetup
    ) -> None:
        """The answer may be the earlier one, which providers repeat."""
        order = await gateway_setup.paid()
        asked = a_refund(order, Money(100_000))
        first = await gateway_setup.gateway.refund(asked)
        self.able("refunds that end at once", first.status is RefundStatus.SUCCEEDED)
        await gateway_setup.finish_refunds()

        again = await gateway_setup.gateway.refund(asked)

        facts = await gateway_setup.gateway.fetch_order(order.id, refunds=True)
        assert (again.id, again.amount) == (first.id, first.amount)
        assert [(each.id, each.status.value) for each in facts.refunds] == [(first.id, "succeeded")]

    @since(2)
    async def test_refunds_in_parts_are_listed_each_under_its_own_id(
        self, gateway_setup: GatewaySetup
    ) -> None:
        order = await gateway_setup.paid()
        asked = [a_refund(order, Money(amount)) for amount in (115, 100_001, 379_884)]

        for each in asked:
            await gateway_setup.gateway.refund(each)

        facts = await gateway_setup.gateway.fetch_order(order.id, refunds=True)
        assert {refund.ours: refund.amount for refund in facts.refunds} == {
            each.id: each.amount for each in asked
        }

    @since(2)
    async def test_a_refunded_order_stays_paid(self, gateway_setup: GatewaySetup) -> None:
        order = await gateway_setup.paid()

        await gateway_setup.gateway.refund(a_refund(order, PRICE))
        await gateway_setup.finish_refunds()

        facts = await gateway_setup.gateway.fetch_order(order.id)
        assert (facts.status, facts.amount) == (OrderStatus.PAID, PRICE)
        assert [attempt.status for attempt in facts.attempts] == [AttemptStatus.SUCCESS]

    @since(2)
    async def test_a_refund_of_nothing_is_refused(self, gateway_setup: GatewaySetup) -> None:
        order = await gateway_setup.paid()

        with pytest.raises(GatewayRefused):
            await gateway_setup.gateway.refund(a_refund(order, Money(0)))

        facts = await gateway_setup.gateway.fetch_order(order.id, refunds=True)
        assert facts.refunds == ()


def _id_of(answer: RefundFact | BaseException) -> str:
    if isinstance(answer, BaseException):
        raise answer
    return answer.id
