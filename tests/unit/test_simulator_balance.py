"""The simulator's own accounts: exact, shared by all processes, and protected."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.cashfree.simulator import SimulatorSettings
from adapters.cashfree.simulator.database import Database, Transaction
from tests.unit.simulator_client import URL, SimulatorClient, a_simulator_client, an_order


async def test_they_count_what_came_and_what_went(tmp_path: Path) -> None:
    async with a_simulator_client(tmp_path) as merchant:
        await merchant.paid()
        await merchant.control("pay", order_id="ord_1")
        await merchant.order(order_id="ord_2")
        refund = {"refund_id": "rfd1", "refund_amount": 1000.5}
        await merchant.api("POST", "/orders/ord_1/refunds", json=refund)
        await merchant.control("clock", advance_s=1)

        totals = await merchant.totals()

    assert totals["orders"] == [
        {
            "order_id": "ord_1",
            "order_amount": 480_000,
            "status": "PAID",
            "collected": 960_000,
            "refunded": 580_050,
        },
        {
            "order_id": "ord_2",
            "order_amount": 480_000,
            "status": "ACTIVE",
            "collected": 0,
            "refunded": 0,
        },
    ]
    assert (totals["collected"], totals["refunded"], totals["balance"]) == (
        960_000,
        580_050,
        379_950,
    )


async def test_another_amount_can_be_named(tmp_path: Path) -> None:
    async with a_simulator_client(tmp_path) as merchant:
        await merchant.order()

        await merchant.control("pay", order_id="ord_1", amount=4799.99)

        order, (payment,) = await asyncio.gather(
            merchant.get("/orders/ord_1"), merchant.get("/orders/ord_1/payments")
        )
        assert (order["order_amount"], payment["payment_amount"]) == (4799.99, 4799.99)


async def test_they_outlive_the_process(tmp_path: Path) -> None:
    async with a_simulator_client(tmp_path) as merchant:
        await merchant.paid()
        before = await merchant.totals()

    async with a_simulator_client(tmp_path) as merchant:
        assert await merchant.totals() == before


async def test_many_processes_may_write_at_once(tmp_path: Path) -> None:
    async with a_simulator_client(tmp_path) as one, a_simulator_client(tmp_path) as other:

        async def pay_order(merchant: SimulatorClient, number: int) -> None:
            await merchant.paid(order_id=f"ord_{number}")

        await asyncio.gather(*(pay_order((one, other)[n % 2], n) for n in range(20)))

        assert (await one.totals())["collected"] == 20 * 480_000
        assert await one.totals() == await other.totals()


async def test_of_one_order_opened_twenty_times_at_once_there_is_one(tmp_path: Path) -> None:
    async with a_simulator_client(tmp_path) as one, a_simulator_client(tmp_path) as other:
        key = {"x-idempotency-key": "k"}
        body = an_order()
        answers = await asyncio.gather(
            *((one, other)[n % 2].api("POST", "/orders", json=body, headers=key) for n in range(20))
        )

        assert len({answer.content for answer in answers}) == 1
        replayed = [answer.headers["x-idempotency-replayed"] for answer in answers]
        assert sorted(replayed) == ["false"] + ["true"] * 19


async def test_without_permission_the_control_api_is_not_served(tmp_path: Path) -> None:
    async with a_simulator_client(tmp_path, allow_control=False) as merchant:
        await merchant.order()

        refused = [
            await merchant.client.post(f"{URL}/control/pay", json={"order_id": "ord_1"}),
            await merchant.client.get(f"{URL}/control/books"),
            await merchant.client.post(f"{URL}/control/clock", json={"advance_s": 1}),
        ]

        assert [response.status_code for response in refused] == [403, 403, 403]


async def test_a_step_that_fails_leaves_no_trace(tmp_path: Path) -> None:
    database = Database(SimulatorSettings(tmp_path / "books.db", URL))

    def step(transaction: Transaction) -> None:
        transaction.run("UPDATE clock SET advance = 5")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await database.write(step)
    row = await database.read(lambda transaction: transaction.one("SELECT advance FROM clock"))
    database.close()

    assert row is not None and row["advance"] == 0


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(1, 200_000), min_size=1, max_size=6))
def test_never_more_is_refunded_than_was_paid(amounts: list[int]) -> None:
    async def scenario(folder: Path) -> tuple[int, int]:
        async with a_simulator_client(folder) as merchant:
            await merchant.paid()
            for number, amount in enumerate(amounts):
                body = {"refund_id": f"rfd{number}", "refund_amount": amount / 100}
                await merchant.api("POST", "/orders/ord_1/refunds", json=body)
            await merchant.control("clock", advance_s=1)
            totals = await merchant.totals()
        return totals["refunded"], totals["balance"]

    with TemporaryDirectory() as folder:
        refunded, balance = asyncio.run(scenario(Path(folder)))

    fits = 0
    for amount in amounts:
        fits += amount if fits + amount <= 480_000 else 0
    assert (refunded, balance) == (fits, 480_000 - fits)
