"""Each requested fault happens once, and a lost answer hides work that was done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.unit.simulator_client import SimulatorClient, a_simulator_client, an_order


@pytest.fixture
async def merchant(tmp_path: Path) -> AsyncIterator[SimulatorClient]:
    async with a_simulator_client(tmp_path) as merchant:
        yield merchant


@pytest.mark.parametrize(("kind", "status"), [("busy", 429), ("error", 500), ("bank", 502)])
async def test_a_fault_keeps_the_work_from_being_done(
    merchant: SimulatorClient, kind: str, status: int
) -> None:
    await merchant.control("faults", kind=kind, times=2)

    statuses = [
        (await merchant.api("POST", "/orders", json=an_order())).status_code for _ in range(4)
    ]

    assert statuses == [status, status, 200, 409]


async def test_a_lost_answer_is_found_by_asking_again(merchant: SimulatorClient) -> None:
    key = {"x-idempotency-key": "k"}
    body = an_order()
    await merchant.control("faults", kind="lost")

    lost = await merchant.api("POST", "/orders", json=body, headers=key)
    again = await merchant.api("POST", "/orders", json=body, headers=key)

    assert (lost.status_code, again.status_code) == (500, 200)
    assert again.headers["x-idempotency-replayed"] == "true"


async def test_when_busy_it_says_when_to_come_back(merchant: SimulatorClient) -> None:
    await merchant.control("faults", kind="busy")

    response = await merchant.api("GET", "/orders/ord_1")

    assert response.headers["x-ratelimit-retry"] == "1"
    assert response.headers["x-ratelimit-remaining"] == "0"
