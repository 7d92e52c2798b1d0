"""The part of `PaymentGatewayContract` about chargebacks (`ports/chargebacks.py`), for gateways
whose provider tells of them."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import pytest

from core.chargebacks import ChargebackFact, Status
from core.payments_facts import OrderId
from onehour.testing.payments_setup import ODD_PRICE, GatewaySetup
from onehour.testing.suite import Contract, since
from ports.chargebacks import ChargebackGateway, Evidence
from ports.payments import GatewayRefused, GatewayUnavailable, OrderUnknown

PDF = Evidence("evidence-OH-1.pdf", b"%PDF-1.7 the records", "Proof of service: booking OH-1")
UNKNOWN = "unknown"
NOBODYS = "424242424242"
"""The id of a chargeback that no bank has begun."""


class ChargebacksContract(Contract):
    @since(2)
    async def test_a_chargeback_is_listed_with_its_order_alone(
        self, gateway_setup: GatewaySetup
    ) -> None:
        gateway = self._questioned(gateway_setup)
        order, other = await gateway_setup.paid(ODD_PRICE), await gateway_setup.paid()

        reference = await gateway_setup.question(order.id)

        fact, now = await _only(gateway, order.id), await gateway_setup.now()
        assert (fact.reference, fact.status, fact.amount) == (reference, Status.OPEN, ODD_PRICE)
        assert fact.opened_at.utcoffset() == timedelta(0)
        assert abs(fact.opened_at - now) < timedelta(hours=1)
        assert await gateway.fetch_chargebacks(other.id) == ()

    @since(2)
    async def test_chargebacks_of_an_order_nobody_opened_are_unknown(
        self, gateway_setup: GatewaySetup
    ) -> None:
        gateway = self._questioned(gateway_setup)

        with pytest.raises(OrderUnknown):
            await gateway.fetch_chargebacks(OrderId(f"ord_{uuid4().hex}"))

    @since(2)
    @pytest.mark.parametrize("status", Status)
    async def test_the_state_of_a_chargeback_is_that_of_now(
        self, gateway_setup: GatewaySetup, status: Status
    ) -> None:
        gateway = self._questioned(gateway_setup)
        order = await gateway_setup.paid()
        reference = await gateway_setup.question(order.id)
        before = await _only(gateway, order.id)

        await gateway_setup.decide(reference, status)

        after = await _only(gateway, order.id)
        assert (after.reference, after.status) == (reference, status)
        assert after.changed_at >= before.changed_at

    @since(2)
    async def test_a_state_of_a_chargeback_that_nobody_knows_is_not_guessed(
        self, gateway_setup: GatewaySetup
    ) -> None:
        gateway = self._questioned(gateway_setup)
        order = await gateway_setup.paid()
        reference = await gateway_setup.question(order.id)

        await gateway_setup.decide(reference, UNKNOWN)

        fact = await _only(gateway, order.id)
        assert (fact.status, bool(fact.said)) == (None, True)

    @since(2)
    async def test_a_lost_answer_about_chargebacks_is_never_taken_for_another(
        self, gateway_setup: GatewaySetup
    ) -> None:
        gateway = self._questioned(gateway_setup)
        order = await gateway_setup.paid()
        await gateway_setup.question(order.id)
        facts = await gateway.fetch_chargebacks(order.id)

        async with gateway_setup.losing_an_answer():
            with suppress(GatewayUnavailable):
                assert await gateway.fetch_chargebacks(order.id) == facts

    @since(2)
    async def test_evidence_may_be_sent_again_after_a_lost_answer(
        self, gateway_setup: GatewaySetup
    ) -> None:
        gateway = self._questioned(gateway_setup)
        order = await gateway_setup.paid()
        reference = await gateway_setup.question(order.id)
        async with gateway_setup.losing_an_answer():
            with suppress(GatewayUnavailable):
                await gateway.send_evidence(reference, PDF)

        again = [await gateway.send_evidence(reference, PDF) for _ in range(2)]

        assert [(each.reference, each.status) for each in again] == [(reference, Status.REVIEW)] * 2

    @since(2)
    async def test_an_accepted_chargeback_is_lost_however_often_it_is_accepted(
        self, gateway_setup: GatewaySetup
    ) -> None:
        gateway = self._questioned(gateway_setup)
        order = await gateway_setup.paid()
        reference = await gateway_setup.question(order.id)
        async with gateway_setup.losing_an_answer():
            with suppress(GatewayUnavailable):
                await gateway.accept_chargeback(reference)

        again = [await gateway.accept_chargeback(reference) for _ in range(2)]

        assert [each.status for each in again] == [Status.LOST] * 2
        assert (await _only(gateway, order.id)).status is Status.LOST

    @since(2)
    async def test_a_chargeback_that_was_won_or_does_not_exist_is_not_accepted(
        self, gateway_setup: GatewaySetup
    ) -> None:
        gateway = self._questioned(gateway_setup)
        order = await gateway_setup.paid()
        reference = await gateway_setup.question(order.id)
        await gateway_setup.decide(reference, Status.WON)

        for refused in (reference, NOBODYS):
            with pytest.raises(GatewayRefused):
                await gateway.accept_chargeback(refused)

        assert (await _only(gateway, order.id)).status is Status.WON

    @since(2)
    async def test_evidence_for_a_decided_chargeback_or_none_is_refused(
        self, gateway_setup: GatewaySetup
    ) -> None:
        gateway = self._questioned(gateway_setup)
        order = await gateway_setup.paid()
        reference = await gateway_setup.question(order.id)
        await gateway_setup.decide(reference, Status.LOST)

        for refused in (reference, NOBODYS):
            with pytest.raises(GatewayRefused):
                await gateway.send_evidence(refused, PDF)

        assert (await _only(gateway, order.id)).status is Status.LOST

    @since(2)
    async def test_a_message_about_a_chargeback_names_its_order(
        self, gateway_setup: GatewaySetup
    ) -> None:
        self._questioned(gateway_setup)
        order = await gateway_setup.paid()
        reference = await gateway_setup.question(order.id)
        headers, body = await gateway_setup.chargeback_notice(reference)

        event = gateway_setup.gateway.parse_webhook(headers, body)

        assert (event.order_id, event.chargeback, bool(event.id)) == (order.id, True, True)

    def _questioned(self, gateway_setup: GatewaySetup) -> ChargebackGateway:
        """The gateway; ends the case if its provider tells of no chargebacks."""
        gateway = gateway_setup.gateway
        self.needs("news of chargebacks", isinstance(gateway, ChargebackGateway))
        assert isinstance(gateway, ChargebackGateway)
        return gateway


async def _only(gateway: ChargebackGateway, order_id: OrderId) -> ChargebackFact:
    """The one chargeback of an order."""
    (fact,) = await gateway.fetch_chargebacks(order_id)
    return fact
