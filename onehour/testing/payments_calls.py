"""The part of `PaymentGatewayContract` about calls that are repeated, lost or made at once, and
about what they show."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from core.payments_facts import OrderFacts, OrderStatus
from onehour.testing.payments_setup import PRICE, GatewaySetup, a_refund
from onehour.testing.suite import Contract, shown_by, since
from ports.payments import GatewayRefused, GatewayUnavailable


class CallsContract(Contract):
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

    @since(2)
    async def test_opening_at_the_same_time_gives_one_page(
        self, gateway_setup: GatewaySetup
    ) -> None:
        """Who presses the button twice. A call may be unavailable, but none opens a second page."""
        order = await gateway_setup.order()
        calls = [gateway_setup.gateway.open(order) for _ in range(3)]

        answers = await asyncio.gather(*calls, return_exceptions=True)

        urls = {answer for answer in answers if not isinstance(answer, GatewayUnavailable)}
        assert urls <= {await gateway_setup.gateway.open(order)}

    @since(2)
    async def test_opening_again_with_a_later_end_finds_the_same_order(
        self, gateway_setup: GatewaySetup
    ) -> None:
        order = await gateway_setup.order()
        url = await gateway_setup.gateway.open(order)

        later = replace(order, expires_at=order.expires_at + timedelta(minutes=1))

        assert await gateway_setup.gateway.open(later) == url

    @since(2)
    async def test_opening_a_paid_order_collects_nothing_again(
        self, gateway_setup: GatewaySetup
    ) -> None:
        order = await gateway_setup.paid()
        before = await gateway_setup.gateway.fetch_order(order.id, refunds=True)

        with suppress(GatewayRefused):
            await gateway_setup.gateway.open(order)

        assert await gateway_setup.gateway.fetch_order(order.id, refunds=True) == before

    @since(2)
    async def test_asking_changes_nothing(self, gateway_setup: GatewaySetup) -> None:
        order = await gateway_setup.opened()
        await gateway_setup.pay(order.id, "pending")

        facts = [await gateway_setup.gateway.fetch_order(order.id) for _ in range(3)]

        assert facts[1:] == facts[:-1]

    @since(2)
    async def test_the_facts_are_those_of_now(self, gateway_setup: GatewaySetup) -> None:
        """Asked before and after each step, with one gateway, as the application does."""
        order, seen = await gateway_setup.opened(), list[OrderFacts]()
        fetch = gateway_setup.gateway.fetch_order

        seen.append(await fetch(order.id, refunds=True))
        attempt_id = await gateway_setup.pay(order.id, "pending")
        seen.append(await fetch(order.id, refunds=True))
        await gateway_setup.settle(attempt_id, "success")
        seen.append(await fetch(order.id, refunds=True))
        await gateway_setup.gateway.refund(a_refund(order, PRICE))
        seen.append(await fetch(order.id, refunds=True))

        assert [[a.status.value for a in facts.attempts] for facts in seen] == [
            [], ["pending"], ["success"], ["success"]
        ]  # fmt: skip
        assert [len(facts.refunds) for facts in seen] == [0, 0, 0, 1]

    @since(2)
    async def test_a_lost_answer_is_never_taken_for_another(
        self, gateway_setup: GatewaySetup
    ) -> None:
        """An adapter may ask again itself. Else the outcome is unknown: an order is not unknown."""
        order = await gateway_setup.paid()
        facts = await gateway_setup.gateway.fetch_order(order.id)

        async with gateway_setup.losing_an_answer():
            with suppress(GatewayUnavailable):
                assert await gateway_setup.gateway.fetch_order(order.id) == facts

    @since(2)
    async def test_closing_is_done_though_its_answer_was_lost(
        self, gateway_setup: GatewaySetup
    ) -> None:
        order = await gateway_setup.opened()

        async with gateway_setup.losing_an_answer():
            with suppress(GatewayUnavailable):
                await gateway_setup.gateway.close(order.id)
        await gateway_setup.gateway.close(order.id)

        facts = await gateway_setup.gateway.fetch_order(order.id)
        assert facts.status is OrderStatus.CLOSED

    @since(2)
    async def test_no_secret_is_shown_in_logs(self, gateway_setup: GatewaySetup) -> None:
        """Of those the setup names."""
        self.needs("secrets named by the setup", bool(gateway_setup.secrets))
        gateway, order = gateway_setup.gateway, await gateway_setup.opened()

        shown = [repr(gateway), await shown_by(gateway.refund(a_refund(order, PRICE)))]
        async with gateway_setup.losing_an_answer():
            shown.append(await shown_by(gateway.open(await gateway_setup.order())))

        assert [text for text in shown for secret in gateway_setup.secrets if secret in text] == []
