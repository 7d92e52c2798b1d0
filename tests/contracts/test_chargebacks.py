"""Chargebacks as the gateways report them: in memory, and Cashfree against its simulator."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.cashfree.chargeback_facts import CHARGEBACK_STATUS
from adapters.cashfree.gateway import CashfreeGateway
from adapters.memory.payments import MemoryGateway
from core.chargebacks import ChargebackFact, Status
from core.money import Money
from core.payments_facts import OrderId
from onehour.testing.payments import GatewaySetup
from ports.chargebacks import ChargebackGateway, Evidence
from ports.payments import GatewayRefused, GatewayUnavailable, OrderUnknown
from tests.contracts.test_payments import (
    MemoryGatewaySetup,
    SimulatorGatewaySetup,
    simulator_setup,
)

PDF = Evidence("evidence-OH-1.pdf", b"%PDF-1.7 the records", "Proof of service: booking OH-1")
WORDS = {
    Status.OPEN: "CREATED",
    Status.REVIEW: "UNDER_REVIEW",
    Status.WON: "MERCHANT_WON",
    Status.LOST: "MERCHANT_LOST",
}


@dataclass
class Bank:
    """The bank of the customer, for either gateway."""

    setup: GatewaySetup
    question: Callable[[str], Awaitable[str]]
    decide: Callable[[str, Status], Awaitable[object]]

    @property
    def gateway(self) -> ChargebackGateway:
        gateway = self.setup.gateway
        assert isinstance(gateway, ChargebackGateway)
        return gateway

    async def only(self, order_id: OrderId) -> ChargebackFact:
        (fact,) = await self.gateway.fetch_chargebacks(order_id)
        return fact


def memory_bank() -> Bank:
    setup = MemoryGatewaySetup()
    gateway = setup.gateway
    assert isinstance(gateway, MemoryGateway)

    async def question(order_id: str) -> str:
        return gateway.question(order_id)

    async def decide(reference: str, status: Status) -> None:
        gateway.decide(reference, status)

    return Bank(setup, question, decide)


def cashfree_bank(setup: SimulatorGatewaySetup) -> Bank:
    assert isinstance(setup.gateway, CashfreeGateway)

    async def question(order_id: str) -> str:
        return str((await setup.control("dispute", order_id=order_id))["dispute_id"])

    async def decide(reference: str, status: Status) -> object:
        return await setup.control("decide", dispute_id=reference, status=WORDS[status])

    return Bank(setup, question, decide)


@pytest.fixture(params=["memory", "cashfree"])
async def bank(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bank]:
    if request.param == "memory":
        yield memory_bank()
        return
    async with simulator_setup(tmp_path) as setup:
        yield cashfree_bank(setup)


async def test_a_chargeback_is_listed_with_its_order(bank: Bank) -> None:
    order, other = await bank.setup.paid(), await bank.setup.paid()

    reference = await bank.question(order.id)

    fact = await bank.only(order.id)
    assert (fact.reference, fact.status, fact.amount) == (reference, Status.OPEN, order.amount)
    assert fact.reason
    assert await bank.gateway.fetch_chargebacks(other.id) == ()
    with pytest.raises(OrderUnknown):
        await bank.gateway.fetch_chargebacks(OrderId("ord_of_nobody"))


@pytest.mark.parametrize("status", Status)
async def test_the_state_is_that_of_now(bank: Bank, status: Status) -> None:
    order = await bank.setup.paid()
    reference = await bank.question(order.id)
    before = await bank.only(order.id)

    await bank.decide(reference, status)

    after = await bank.only(order.id)
    assert after.status is status
    assert after.changed_at >= before.changed_at


async def test_evidence_is_sent_once_also_after_a_lost_answer(bank: Bank) -> None:
    order = await bank.setup.paid()
    reference = await bank.question(order.id)
    async with bank.setup.losing_an_answer():
        with pytest.raises(GatewayUnavailable):
            await bank.gateway.send_evidence(reference, PDF)

    first = await bank.gateway.send_evidence(reference, PDF)
    second = await bank.gateway.send_evidence(reference, PDF)

    assert (first.status, second.status) == (Status.REVIEW, Status.REVIEW)


async def test_accepted_once_it_is_lost_also_after_a_lost_answer(bank: Bank) -> None:
    order = await bank.setup.paid()
    reference = await bank.question(order.id)
    async with bank.setup.losing_an_answer():
        with pytest.raises(GatewayUnavailable):
            await bank.gateway.accept_chargeback(reference)

    for _ in range(2):
        assert (await bank.gateway.accept_chargeback(reference)).status is Status.LOST
    assert (await bank.only(order.id)).status is Status.LOST


async def test_what_was_won_or_is_unknown_cannot_be_accepted(bank: Bank) -> None:
    order = await bank.setup.paid()
    reference = await bank.question(order.id)
    await bank.decide(reference, Status.WON)

    with pytest.raises(GatewayRefused):
        await bank.gateway.accept_chargeback(reference)
    with pytest.raises(GatewayRefused):
        await bank.gateway.accept_chargeback("999999")


async def test_evidence_for_what_is_decided_is_refused(bank: Bank) -> None:
    order = await bank.setup.paid()
    reference = await bank.question(order.id)
    await bank.decide(reference, Status.LOST)

    with pytest.raises(GatewayRefused):
        await bank.gateway.send_evidence(reference, PDF)
    with pytest.raises(GatewayRefused):
        await bank.gateway.send_evidence("999999", PDF)


async def test_the_simulator_sends_webhooks_and_loses_the_money_of_a_lost_one(
    tmp_path: Path,
) -> None:
    async with simulator_setup(tmp_path) as setup:
        bank = cashfree_bank(setup)
        order = await setup.paid()
        reference = await bank.question(order.id)
        await bank.decide(reference, Status.LOST)

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
