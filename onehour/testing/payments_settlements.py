"""The part of `PaymentGatewayContract` about settlements (`ports/settlements.py`), for gateways
whose provider lists what it pays to the bank."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from core.money import Money
from core.settlements import LineFact, LineKind, SettlementFact, Status
from onehour.testing.payments_setup import ODD_PRICE, PRICE, GatewaySetup, a_refund
from onehour.testing.suite import Contract, since
from ports.payments import GatewayUnavailable
from ports.settlements import SettlementGateway, SettlementUnknown

DAY = timedelta(days=1)
KNOWN = [each for each in Status if each is not Status.UNKNOWN]
NOBODYS = "424242424242"
"""The id of a settlement that nobody made."""


class SettlementsContract(Contract):
    @since(2)
    async def test_a_settlement_has_each_payment_and_refund_once(
        self, gateway_setup: GatewaySetup
    ) -> None:
        gateway = self._settling(gateway_setup)
        orders = [await gateway_setup.paid(amount) for amount in (PRICE, ODD_PRICE, PRICE)]
        asked = a_refund(orders[0], Money(100_001))
        await gateway_setup.gateway.refund(asked)
        await gateway_setup.finish_refunds()

        lines = await all_lines(gateway, await gateway_setup.pay_out())

        payments = {each.order_id: each for each in lines if each.kind is LineKind.PAYMENT}
        (refund,) = (each for each in lines if each.kind is LineKind.REFUND)
        assert len(lines) == len(orders) + 1
        assert {key: line.amount for key, line in payments.items()} == {
            each.id: each.amount for each in orders
        }
        assert all(0 < line.net.amount <= line.amount.amount for line in payments.values())
        facts = await gateway_setup.gateway.fetch_order(orders[1].id)
        assert payments[orders[1].id].attempt_id == facts.attempts[0].id
        assert (refund.refund_id, refund.order_id) == (asked.id, orders[0].id)
        assert (refund.amount, refund.net.amount < 0) == (asked.amount, True)

    @since(2)
    async def test_the_lines_of_a_settlement_sum_to_its_amount_and_charge(
        self, gateway_setup: GatewaySetup
    ) -> None:
        gateway = self._settling(gateway_setup)
        await gateway_setup.paid(Money(115)), await gateway_setup.paid(ODD_PRICE)

        reference = await gateway_setup.pay_out()

        fact = await gateway.find_settlement(reference)
        net = sum((each.net for each in await all_lines(gateway, reference)), Money(0))
        assert net == fact.amount + fact.charge
        assert fact.charge.amount >= 0

    @since(2)
    async def test_pages_have_each_settlement_of_the_time_once(
        self, gateway_setup: GatewaySetup
    ) -> None:
        gateway, references = self._settling(gateway_setup), set[str]()
        for _ in range(3):
            await gateway_setup.paid()
            references.add(await gateway_setup.pay_out())

        now = await gateway_setup.now()
        found = await all_settlements(gateway, now - DAY, now + DAY)

        known = [each.reference for each in found if each.reference in references]
        assert sorted(known) == sorted(references)
        assert await all_settlements(gateway, now - 9 * DAY, now - 8 * DAY) == []

    @since(2)
    @pytest.mark.parametrize("status", KNOWN)
    async def test_the_state_of_a_settlement_is_that_of_now(
        self, gateway_setup: GatewaySetup, status: Status
    ) -> None:
        """Asked before and after, with one gateway, as the application does."""
        gateway = self._settling(gateway_setup)
        await gateway_setup.paid()
        reference = await gateway_setup.pay_out()
        await gateway.find_settlement(reference)

        await gateway_setup.change_settlement(reference, status)

        fact = await gateway.find_settlement(reference)
        assert (fact.reference, fact.status, bool(fact.said)) == (reference, status, True)

    @since(2)
    async def test_a_state_of_a_settlement_that_nobody_knows_is_not_guessed(
        self, gateway_setup: GatewaySetup
    ) -> None:
        gateway = self._settling(gateway_setup)
        await gateway_setup.paid()
        reference = await gateway_setup.pay_out()

        await gateway_setup.change_settlement(reference, Status.UNKNOWN)

        assert (await gateway.find_settlement(reference)).status is Status.UNKNOWN

    @since(2)
    async def test_a_settlement_nobody_made_is_unknown(self, gateway_setup: GatewaySetup) -> None:
        gateway = self._settling(gateway_setup)

        with pytest.raises(SettlementUnknown):
            await gateway.find_settlement(NOBODYS)
        with pytest.raises(SettlementUnknown):
            await gateway.settlement_lines(NOBODYS)

    @since(2)
    async def test_a_lost_answer_about_settlements_is_never_taken_for_another(
        self, gateway_setup: GatewaySetup
    ) -> None:
        """None at all would look like money that the provider keeps."""
        gateway = self._settling(gateway_setup)
        await gateway_setup.paid()
        reference, now = await gateway_setup.pay_out(), await gateway_setup.now()
        lines = await all_lines(gateway, reference)
        page = await all_settlements(gateway, now - DAY, now + DAY)

        async with gateway_setup.losing_an_answer():
            with suppress(GatewayUnavailable):
                assert await all_settlements(gateway, now - DAY, now + DAY) == page
        async with gateway_setup.losing_an_answer():
            with suppress(GatewayUnavailable):
                assert await all_lines(gateway, reference) == lines

    @since(2)
    async def test_times_of_settlements_are_in_utc(self, gateway_setup: GatewaySetup) -> None:
        gateway = self._settling(gateway_setup)
        await gateway_setup.paid()

        reference, now = await gateway_setup.pay_out(), await gateway_setup.now()

        fact = await gateway.find_settlement(reference)
        (line,) = await all_lines(gateway, reference)
        for at in (fact.at, line.at):
            assert at.utcoffset() == timedelta(0)
            assert abs(at - now) < timedelta(hours=1)

    @since(2)
    async def test_a_message_about_a_settlement_names_it(self, gateway_setup: GatewaySetup) -> None:
        self._settling(gateway_setup)
        await gateway_setup.paid()
        reference = await gateway_setup.pay_out()
        headers, body = await gateway_setup.settlement_notice(reference)

        event = gateway_setup.gateway.parse_webhook(headers, body)

        assert (event.settlement, event.order_id, bool(event.id)) == (reference, "", True)

    def _settling(self, gateway_setup: GatewaySetup) -> SettlementGateway:
        """The gateway; ends the case if its provider lists no settlements."""
        gateway = gateway_setup.gateway
        self.needs("a list of settlements", isinstance(gateway, SettlementGateway))
        assert isinstance(gateway, SettlementGateway)
        return gateway


async def all_settlements(
    gateway: SettlementGateway, since: datetime, until: datetime
) -> list[SettlementFact]:
    """The settlements of all pages."""
    cursor, found = "", list[SettlementFact]()
    while True:
        page = await gateway.list_settlements(since=since, until=until, cursor=cursor)
        found += page.facts
        if not (cursor := page.cursor):
            return found


async def all_lines(gateway: SettlementGateway, reference: str) -> list[LineFact]:
    """The lines of all pages."""
    cursor, found = "", list[LineFact]()
    while True:
        page = await gateway.settlement_lines(reference, cursor=cursor)
        found += page.facts
        if not (cursor := page.cursor):
            return found
