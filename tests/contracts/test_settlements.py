"""Settlements of Cashfree's simulator, and the words of Cashfree. What every gateway promises about
them is a part of its contract (onehour/testing/payments_settlements.py)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.cashfree import settlement_facts
from core.money import Money
from core.settlements import LineKind, SettlementFact, Status
from onehour.testing.payments_settlements import all_lines, all_settlements
from ports.payments import GatewayUnavailable
from tests.contracts.test_payments import (
    MemoryGatewaySetup,
    SimulatorGatewaySetup,
    simulator_setup,
)

Bank = MemoryGatewaySetup | SimulatorGatewaySetup
DAY = timedelta(days=1)


@pytest.fixture(params=["memory", "cashfree"])
async def bank(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bank]:
    if request.param == "memory":
        yield MemoryGatewaySetup()
        return
    async with simulator_setup(tmp_path) as setup:
        yield setup


async def listed(setup: SimulatorGatewaySetup) -> list[SettlementFact]:
    now = await setup.now()
    return await all_settlements(setup.gateway, now - DAY, now + DAY)


async def test_what_was_not_paid_to_our_bank_is_settled_again(bank: Bank) -> None:
    order = await bank.paid()
    first = await bank.pay_out()
    await bank.change_settlement(first, Status.FAILED)

    again = await bank.pay_out()

    assert again != first
    assert [each.order_id for each in await all_lines(bank.gateway, again)] == [order.id]


async def test_the_simulator_sends_webhooks_of_settlements(tmp_path: Path) -> None:
    async with simulator_setup(tmp_path) as setup:
        await setup.paid()
        reference = await setup.pay_out()
        await setup.change_settlement(reference, Status.FAILED)

        sent = [each for each in setup.sent if b"SETTLEMENT_" in each.content]
        events = [setup.gateway.parse_webhook(dict(e.headers), e.content) for e in sent]

    kinds = [json.loads(each.content)["type"] for each in sent]
    assert kinds == ["SETTLEMENT_SUCCESS", "SETTLEMENT_FAILED"]
    assert [(each.settlement, each.order_id) for each in events] == [(reference, "")] * 2
    assert len({each.id for each in events}) == 2


async def test_the_simulator_settles_by_itself_after_a_day(tmp_path: Path) -> None:
    async with simulator_setup(tmp_path) as setup:
        order = await setup.paid()
        assert await listed(setup) == []

        await setup.control("clock", advance_s=24 * 60 * 60 + 1)
        setup._advance += DAY

        (fact,) = await listed(setup)
        lines = await all_lines(setup.gateway, fact.reference)
        assert [each.order_id for each in lines] == [order.id]


async def test_a_surcharge_is_the_providers_and_the_order_is_ours(tmp_path: Path) -> None:
    """The customer pays more than the order: we credit, and are settled, what we asked for."""
    async with simulator_setup(tmp_path) as setup:
        order = await setup.opened()
        await setup.control("pay", order_id=order.id, surcharge=113.28)

        facts = await setup.gateway.fetch_order(order.id)
        (line,) = await all_lines(setup.gateway, await setup.pay_out())
        books = await setup.control_get("books")

    assert facts.amount == order.amount == line.amount
    assert facts.attempts[0].amount == order.amount + Money(11_328)
    assert line.net == order.amount
    assert books["collected"] == order.amount.amount


async def test_a_second_payment_with_a_surcharge_adds_nothing(tmp_path: Path) -> None:
    """The customer has all of it back, and we are settled what we asked for, once."""
    async with simulator_setup(tmp_path) as setup:
        order = await setup.opened()
        for _ in range(2):
            await setup.control("pay", order_id=order.id, surcharge=113.28)

        (back,) = (await setup.gateway.fetch_order(order.id, refunds=True)).refunds
        lines = await all_lines(setup.gateway, await setup.pay_out())
        books = await setup.control_get("books")

    assert back.amount == order.amount + Money(11_328)
    assert sum(line.net.amount for line in lines) == books["balance"] == order.amount.amount


SETTLEMENT = {
    "cf_settlement_id": 45345,
    "amount_settled": 2796.46,
    "settlement_charge": 3,
    "settlement_tax": 0.54,
    "settlement_initiated_on": "2022-08-16T14:45:24+05:30",
    "status": "SUCCESS",
}
LINE = {
    "event_id": "7",
    "event_type": "PAYMENT",
    "sale_type": "CREDIT",
    "event_amount": 100,
    "event_settlement_amount": 98,
    "event_time": "2022-08-16T14:45:24+05:30",
}


@pytest.mark.parametrize("said", [*settlement_facts.SETTLEMENT_STATUS, "SOMETHING_NEW", ""])
def test_a_status_is_translated_by_the_table(said: str) -> None:
    fact = settlement_facts.settlement({**SETTLEMENT, "status": said})

    expected = settlement_facts.SETTLEMENT_STATUS.get(said, Status.UNKNOWN)
    assert (fact.status, fact.said) == (expected, said)
    assert set(settlement_facts.SETTLEMENT_STATUS.values()) == set(Status) - {Status.UNKNOWN}


@pytest.mark.parametrize("said", [*settlement_facts.LINE_KIND, "SOMETHING_NEW", ""])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_kind_of_line_is_translated_by_the_table(said: str, sign: int) -> None:
    """The direction says what it adds, whatever sign the amounts have."""
    words = {1: "CREDIT", -1: "DEBIT"}
    amounts = {"event_amount": -100, "event_settlement_amount": -98}
    fact = settlement_facts.line({**LINE, **amounts, "event_type": said, "sale_type": words[sign]})

    assert fact.kind is settlement_facts.LINE_KIND.get(said, LineKind.UNKNOWN)
    assert (fact.amount, fact.net) == (Money(10_000), Money(sign * 9_800))
    assert set(settlement_facts.LINE_KIND.values()) == set(LineKind) - {LineKind.UNKNOWN}


@pytest.mark.parametrize("field", ["cf_settlement_id", "amount_settled", "settlement_initiated_on"])
def test_a_settlement_without_what_it_needs_is_asked_about_again(field: str) -> None:
    with pytest.raises(GatewayUnavailable):
        settlement_facts.settlement({**SETTLEMENT, field: None})


@pytest.mark.parametrize("field", ["event_id", "sale_type", "event_settlement_amount",
                                   "event_amount", "event_time"])  # fmt: skip
def test_a_line_without_what_it_needs_is_asked_about_again(field: str) -> None:
    with pytest.raises(GatewayUnavailable):
        settlement_facts.line({**LINE, field: None})
