"""Settlements as the gateways list them: in memory, and Cashfree against its simulator."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.cashfree import settlement_facts, settlements
from adapters.memory.payments import MemoryGateway
from core.money import Money
from core.settlements import LineFact, LineKind, SettlementFact, Status
from onehour.testing.payments import GatewaySetup
from onehour.testing.payments_setup import PRICE, a_refund
from ports.payments import GatewayUnavailable
from ports.settlements import SettlementGateway, SettlementUnknown
from tests.contracts.test_payments import (
    MemoryGatewaySetup,
    SimulatorGatewaySetup,
    simulator_setup,
)

DAY = timedelta(days=1)


@dataclass
class Bank:
    """Our bank and the provider, for either gateway. `settle` returns the reference."""

    setup: GatewaySetup
    settle: Callable[[], Awaitable[str]]
    change: Callable[[str, Status], Awaitable[object]]

    @property
    def gateway(self) -> SettlementGateway:
        gateway = self.setup.gateway
        assert isinstance(gateway, SettlementGateway)
        return gateway

    async def all(self) -> list[SettlementFact]:
        now, cursor, found = await self.setup.now(), "", list[SettlementFact]()
        while True:
            page = await self.gateway.list_settlements(
                since=now - DAY, until=now + DAY, cursor=cursor
            )
            found += page.facts
            if not (cursor := page.cursor):
                return found

    async def lines(self, reference: str) -> list[LineFact]:
        cursor, found = "", list[LineFact]()
        while True:
            page = await self.gateway.settlement_lines(reference, cursor=cursor)
            found += page.facts
            if not (cursor := page.cursor):
                return found


def memory_bank() -> Bank:
    setup = MemoryGatewaySetup()
    gateway = setup.gateway
    assert isinstance(gateway, MemoryGateway)
    gateway.settles = False

    async def settle() -> str:
        return gateway.settle_all()

    async def change(reference: str, status: Status) -> None:
        gateway.change_settlement(reference, status)

    return Bank(setup, settle, change)


WORDS = {
    Status.PENDING: "PENDING_WITH_BANK",
    Status.PAID: "SUCCESS",
    Status.FAILED: "FAILED",
    Status.REVERSED: "REVERSED",
}


def cashfree_bank(setup: SimulatorGatewaySetup) -> Bank:
    async def settle() -> str:
        return str((await setup.control("settlement"))["settlement_id"])

    async def change(reference: str, status: Status) -> object:
        return await setup.control("settlement", settlement_id=reference, status=WORDS[status])

    return Bank(setup, settle, change)


@pytest.fixture(params=["memory", "cashfree"])
async def bank(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bank]:
    if request.param == "memory":
        yield memory_bank()
        return
    monkeypatch.setattr(settlements, "PAGE", 2)
    async with simulator_setup(tmp_path) as setup:
        yield cashfree_bank(setup)


async def test_a_settlement_has_each_payment_and_refund_once(bank: Bank) -> None:
    orders = [await bank.setup.paid() for _ in range(3)]
    await bank.setup.gateway.refund(a_refund(orders[0], Money(100_000), "refund1"))
    await bank.setup.finish_refunds()

    reference = await bank.settle()

    lines = await bank.lines(reference)
    payments = {each.order_id: each for each in lines if each.kind is LineKind.PAYMENT}
    (refund,) = (each for each in lines if each.kind is LineKind.REFUND)
    assert len(lines) == 4
    assert set(payments) == {order.id for order in orders}
    assert all(each.amount == PRICE for each in payments.values())
    assert all(0 < each.net.amount < PRICE.amount for each in payments.values())
    attempts = (await bank.setup.gateway.fetch_order(orders[0].id)).attempts
    assert payments[orders[0].id].attempt_id == attempts[0].id
    assert (refund.refund_id, refund.order_id) == ("refund1", orders[0].id)
    assert (refund.amount, refund.net) == (Money(100_000), Money(-100_000))


async def test_the_lines_sum_to_the_amount_and_the_charge(bank: Bank) -> None:
    await bank.setup.paid(), await bank.setup.paid(Money(480_001))

    reference = await bank.settle()

    fact = await bank.gateway.find_settlement(reference)
    net = sum((each.net for each in await bank.lines(reference)), Money(0))
    assert net == fact.amount + fact.charge
    assert fact.status is Status.PAID
    assert fact.bank_reference


async def test_pages_have_each_settlement_of_the_time_once(bank: Bank) -> None:
    references = set[str]()
    for _ in range(3):
        await bank.setup.paid()
        references.add(await bank.settle())

    found = await bank.all()

    assert sorted(each.reference for each in found) == sorted(references)
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    before = await bank.gateway.list_settlements(since=long_ago, until=long_ago + DAY)
    assert (list(before.facts), before.cursor) == ([], "")


@pytest.mark.parametrize("status", [each for each in Status if each is not Status.UNKNOWN])
async def test_the_state_is_that_of_now(bank: Bank, status: Status) -> None:
    await bank.setup.paid()
    reference = await bank.settle()

    await bank.change(reference, status)

    assert (await bank.gateway.find_settlement(reference)).status is status


async def test_what_was_not_paid_to_our_bank_is_settled_again(bank: Bank) -> None:
    order = await bank.setup.paid()
    first = await bank.settle()
    await bank.change(first, Status.FAILED)

    again = await bank.settle()

    assert again != first
    assert [each.order_id for each in await bank.lines(again)] == [order.id]


async def test_a_settlement_nobody_made_is_unknown(bank: Bank) -> None:
    with pytest.raises(SettlementUnknown):
        await bank.gateway.find_settlement("424242")
    with pytest.raises(SettlementUnknown):
        await bank.gateway.settlement_lines("424242")


async def test_the_simulator_sends_webhooks_of_settlements(tmp_path: Path) -> None:
    async with simulator_setup(tmp_path) as setup:
        bank = cashfree_bank(setup)
        await setup.paid()
        reference = await bank.settle()
        await bank.change(reference, Status.FAILED)

        sent = [each for each in setup.sent if b"SETTLEMENT_" in each.content]
        events = [setup.gateway.parse_webhook(dict(e.headers), e.content) for e in sent]

    kinds = [json.loads(each.content)["type"] for each in sent]
    assert kinds == ["SETTLEMENT_SUCCESS", "SETTLEMENT_FAILED"]
    assert [(each.settlement, each.order_id) for each in events] == [(reference, "")] * 2
    assert len({each.id for each in events}) == 2


async def test_the_simulator_settles_by_itself_after_a_day(tmp_path: Path) -> None:
    async with simulator_setup(tmp_path) as setup:
        bank = cashfree_bank(setup)
        order = await setup.paid()
        assert await bank.all() == []

        await setup.control("clock", advance_s=24 * 60 * 60 + 1)
        setup._advance += DAY

        (fact,) = await bank.all()
        assert [each.order_id for each in await bank.lines(fact.reference)] == [order.id]


async def test_a_surcharge_is_the_providers_and_the_order_is_ours(tmp_path: Path) -> None:
    """The customer pays more than the order: we credit, and are settled, what we asked for."""
    async with simulator_setup(tmp_path) as setup:
        bank = cashfree_bank(setup)
        order = await setup.opened()
        await setup.control("pay", order_id=order.id, surcharge=113.28)

        facts = await setup.gateway.fetch_order(order.id)
        (line,) = await bank.lines(await bank.settle())
        books = await setup.control_get("books")

    assert facts.amount == order.amount == line.amount
    assert facts.attempts[0].amount == order.amount + Money(11_328)
    assert line.net == order.amount
    assert books["collected"] == order.amount.amount


async def test_a_second_payment_with_a_surcharge_adds_nothing(tmp_path: Path) -> None:
    """The customer has all of it back, and we are settled what we asked for, once."""
    async with simulator_setup(tmp_path) as setup:
        bank = cashfree_bank(setup)
        order = await setup.opened()
        for _ in range(2):
            await setup.control("pay", order_id=order.id, surcharge=113.28)

        (back,) = (await setup.gateway.fetch_order(order.id, refunds=True)).refunds
        lines = await bank.lines(await bank.settle())
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
