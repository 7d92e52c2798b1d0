"""The part of `PaymentGatewayContract` about the provider's messages."""

from __future__ import annotations

import pytest

from onehour.testing.payments_setup import GatewaySetup
from onehour.testing.suite import Contract, since
from ports.payments import ForgedWebhook

UNREADABLE = (
    b'{"broken',
    b'{"id": "n1", "id": "n1", "data": {"a": NaN}, "kind": NaN}',
    b'{"id": "\\ud800", "type": "\\ud800", "data": {"order": {"order_id": "\\ud800"}}}',
    b"[" * 100_000,
    b'{"id": 1' + b"0" * 5_000 + b', "data": {}}',
    b"\xff\xfe\x00",
)
"""Bodies of signed webhooks that no reader can use: not JSON, or text that cannot be stored."""
NO_ORDER = (b"{}", b"[]", b"null", b'"order"', b"")


class WebhooksContract(Contract):
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

    @since(2)
    async def test_a_message_that_was_changed_is_forged(self, gateway_setup: GatewaySetup) -> None:
        """The signature is of the raw bytes, so other white space is a change as well."""
        order = await gateway_setup.paid()
        headers, body = await gateway_setup.notice(order.id)

        for changed in (body + b" ", b" " + body, body[:-1], body.swapcase(), b""):
            with pytest.raises(ForgedWebhook):
                gateway_setup.gateway.parse_webhook(headers, changed)

    @since(2)
    async def test_facts_about_two_orders_are_two(self, gateway_setup: GatewaySetup) -> None:
        orders = [await gateway_setup.paid() for _ in range(2)]
        messages = [await gateway_setup.notice(order.id) for order in orders]

        facts = [gateway_setup.gateway.parse_webhook(*message) for message in messages]

        assert [fact.order_id for fact in facts] == [order.id for order in orders]
        assert len({fact.id for fact in facts}) == 2

    @since(2)
    async def test_two_unreadable_messages_are_two_facts(self, gateway_setup: GatewaySetup) -> None:
        bodies = (UNREADABLE[0], UNREADABLE[0] + b" ", UNREADABLE[0])
        parse, sign = gateway_setup.gateway.parse_webhook, gateway_setup.sign

        ids = [parse(sign(body), body).id for body in bodies]

        assert ids[0] == ids[2] != ids[1]

    @since(2)
    @pytest.mark.parametrize("body", NO_ORDER)
    async def test_a_message_about_no_order_is_kept_without_one(
        self, gateway_setup: GatewaySetup, body: bytes
    ) -> None:
        fact = gateway_setup.gateway.parse_webhook(gateway_setup.sign(body), body)

        assert (fact.order_id, bool(fact.id), bool(fact.kind)) == ("", True, True)
