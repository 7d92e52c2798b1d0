"""Looking at, closing and refunding an order at Cashfree."""

from __future__ import annotations

import httpx
import pytest

from core.money import Money
from core.payments_facts import OrderStatus, RefundStatus
from ports.payments import GatewayRefused, GatewayUnavailable, OrderUnknown
from tests.unit.fake_cashfree import ENTITY, ORDER, REFUND, REFUND_ENTITY, Cashfree


@pytest.fixture
def cashfree() -> Cashfree:
    return Cashfree()


async def test_looking_at_an_unpaid_order_takes_two_calls(cashfree: Cashfree) -> None:
    cashfree.on("GET /pg/orders/ord_1", (200, ENTITY))
    cashfree.on("GET /pg/orders/ord_1/payments", (200, []))

    facts = await cashfree.gateway.fetch_order(ORDER.id)

    assert facts.status is OrderStatus.OPEN
    assert sorted(cashfree.calls) == ["GET /pg/orders/ord_1", "GET /pg/orders/ord_1/payments"]


async def test_refunds_are_asked_for_only_when_somebody_wants_them(cashfree: Cashfree) -> None:
    cashfree.on("GET /pg/orders/ord_1", (200, ENTITY | {"order_status": "PAID"}))
    cashfree.on("GET /pg/orders/ord_1/payments", (200, []))
    cashfree.on("GET /pg/orders/ord_1/refunds", (200, [REFUND_ENTITY]))

    assert (await cashfree.gateway.fetch_order(ORDER.id)).refunds == ()
    facts = await cashfree.gateway.fetch_order(ORDER.id, refunds=True)

    assert [(refund.ours, refund.amount) for refund in facts.refunds] == [("rfd1", REFUND.amount)]


async def test_an_order_that_cashfree_does_not_have_is_unknown(cashfree: Cashfree) -> None:
    cashfree.on("GET /pg/orders/ord_1", (404, {}))
    cashfree.on("GET /pg/orders/ord_1/payments", (404, {}))

    with pytest.raises(OrderUnknown):
        await cashfree.gateway.fetch_order(ORDER.id)


async def test_one_silent_call_makes_the_whole_look_unavailable(cashfree: Cashfree) -> None:
    cashfree.on("GET /pg/orders/ord_1", (200, ENTITY))
    cashfree.on("GET /pg/orders/ord_1/payments", httpx.ReadTimeout("slow"))

    with pytest.raises(GatewayUnavailable):
        await cashfree.gateway.fetch_order(ORDER.id)


@pytest.mark.parametrize("status", ["PAID", "EXPIRED", "TERMINATED", "TERMINATION_REQUESTED"])
async def test_closing_what_has_ended_is_no_failure(cashfree: Cashfree, status: str) -> None:
    cashfree.on("PATCH /pg/orders/ord_1", (400, {"code": "order_inactive"}))
    cashfree.on("GET /pg/orders/ord_1", (200, ENTITY | {"order_status": status}))

    await cashfree.gateway.close(ORDER.id)


async def test_a_refused_closing_of_an_open_order_raises(cashfree: Cashfree) -> None:
    cashfree.on("PATCH /pg/orders/ord_1", (400, {"code": "feature_not_enabled"}))
    cashfree.on("GET /pg/orders/ord_1", (200, ENTITY))

    with pytest.raises(GatewayRefused):
        await cashfree.gateway.close(ORDER.id)


async def test_a_refund_is_sent_with_our_id(cashfree: Cashfree) -> None:
    cashfree.on("POST /pg/orders/ord_1/refunds", (200, REFUND_ENTITY))

    fact = await cashfree.gateway.refund(REFUND)

    assert cashfree.asked[0].content == (
        b'{"refund_id":"rfd1","refund_amount":1000.50,"refund_note":"Booking cancelled"}'
    )
    assert (fact.id, fact.ours, fact.status) == ("7", "rfd1", RefundStatus.SENT)


@pytest.mark.parametrize("status", [400, 409, 422])
async def test_a_refund_that_is_there_already_is_found(cashfree: Cashfree, status: int) -> None:
    cashfree.on("POST /pg/orders/ord_1/refunds", (status, {"code": "refund_id_already_exists"}))
    cashfree.on("GET /pg/orders/ord_1/refunds/rfd1", (200, REFUND_ENTITY))

    assert (await cashfree.gateway.refund(REFUND)).id == "7"


async def test_a_refund_of_another_amount_is_told_and_not_refused(cashfree: Cashfree) -> None:
    """What is refused is requested again under another id, and would be paid twice."""
    cashfree.on("POST /pg/orders/ord_1/refunds", (409, {"code": "refund_id_already_exists"}))
    other = REFUND_ENTITY | {"refund_amount": 1000.51}
    cashfree.on("GET /pg/orders/ord_1/refunds/rfd1", (200, other))

    fact = await cashfree.gateway.refund(REFUND)

    assert (fact.ours, fact.amount) == ("rfd1", Money(100_051))


async def test_a_refund_cashfree_does_not_take_is_refused(cashfree: Cashfree) -> None:
    cashfree.on("POST /pg/orders/ord_1/refunds", (400, {"code": "refund_amount_invalid"}))
    cashfree.on("GET /pg/orders/ord_1/refunds/rfd1", (404, {"code": "refund_get_not_found"}))

    with pytest.raises(GatewayRefused):
        await cashfree.gateway.refund(REFUND)


async def test_orders_and_refunds_have_keys_of_their_own(cashfree: Cashfree) -> None:
    cashfree.on("POST /pg/orders", (200, ENTITY))
    cashfree.on("POST /pg/orders/ord_1/refunds", (200, REFUND_ENTITY))

    await cashfree.gateway.open(ORDER)
    await cashfree.gateway.refund(REFUND)

    keys = {request.headers["x-idempotency-key"] for request in cashfree.asked}
    assert len(keys) == 2
