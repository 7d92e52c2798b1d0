"""Chargebacks of Cashfree's simulator, and the words of Cashfree. What every gateway promises about
them is a part of its contract (onehour/testing/payments_chargebacks.py)."""

from __future__ import annotations

import json
from pathlib import Path

from adapters.cashfree.chargeback_facts import CHARGEBACK_STATUS
from core.chargebacks import Status
from core.money import Money
from tests.contracts.test_payments import simulator_setup


async def test_the_simulator_sends_webhooks_and_loses_the_money_of_a_lost_one(
    tmp_path: Path,
) -> None:
    async with simulator_setup(tmp_path) as setup:
        order = await setup.paid()
        reference = await setup.question(order.id)
        await setup.decide(reference, Status.LOST)

        sent = [each for each in setup.sent if b"DISPUTE_" in each.content]
        events = [setup.gateway.parse_webhook(dict(e.headers), e.content) for e in sent]
        kinds = [json.loads(each.content)["type"] for each in sent]
        books = await setup.control_get("books")

    assert kinds == ["DISPUTE_CREATED", "DISPUTE_CLOSED"]
    assert [(each.order_id, each.chargeback) for each in events] == [(order.id, True)] * 2
    assert len({each.id for each in events}) == 2
    assert books["charged_back"] == order.amount.amount
    assert Money(books["balance"]) == Money(0)


def test_the_table_has_every_status_of_the_sdk() -> None:
    assert len(CHARGEBACK_STATUS) == 35
    assert set(CHARGEBACK_STATUS.values()) == set(Status)
