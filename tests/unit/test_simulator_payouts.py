"""The simulated Payouts API: the sandbox's accounts, and requests that it refuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.cashfree.simulator.payouts import ACCOUNTS, WAITING
from tests.contracts.served_simulator import CLIENT_ID, CLIENT_SECRET, simulator

HEADERS = {
    "x-api-version": "2024-01-01",
    "x-client-id": CLIENT_ID,
    "x-client-secret": CLIENT_SECRET,
}
Api = httpx.AsyncClient


@pytest.fixture
async def hooks() -> list[httpx.Request]:
    return []


@pytest.fixture
async def api(tmp_path: Path, hooks: list[httpx.Request]) -> AsyncIterator[Api]:
    url = "http://simulator"
    async with simulator(tmp_path, url, hooks, notify_url=f"{url}/hook") as running:
        transport = httpx.ASGITransport(running.app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url=url, headers=HEADERS) as client:
            yield client


def a_payee(number: str, ifsc: str = "HDFC0000001", key: str = "ben1") -> dict[str, object]:
    instrument = (
        {"vpa": number} if "@" in number else {"bank_account_number": number, "bank_ifsc": ifsc}
    )
    return {
        "beneficiary_id": key,
        "beneficiary_name": "Ananya Iyer",
        "beneficiary_instrument_details": instrument,
    }


def a_transfer(**changes: Any) -> dict[str, object]:
    return {
        "transfer_id": "wd_1",
        "transfer_amount": 1200.5,
        "beneficiary_details": {"beneficiary_id": "ben1"},
        **changes,
    }


@pytest.mark.parametrize("number", sorted({*ACCOUNTS, "55555555555"}))
async def test_a_transfer_goes_through_the_states_of_its_account(
    api: Api, hooks: list[httpx.Request], number: str
) -> None:
    await api.post("/payout/beneficiary", json=a_payee(number))
    first = (await api.post("/payout/transfers", json=a_transfer())).json()
    seen = [(first["status"], first["status_code"])]
    later = ACCOUNTS.get(number, (("FAILED", "INVALID_ACCOUNT_FAIL"),))
    expected = [WAITING, *(state for state in later if state != WAITING)]

    for _ in range(3):
        await api.post("/control/clock", json={"advance_s": 2})
        await asyncio.sleep(0)
        now = (await api.get("/payout/transfers", params={"transfer_id": "wd_1"})).json()
        state = (now["status"], now["status_code"])
        if state != seen[-1]:
            seen.append(state)

    assert seen == expected
    assert len(hooks) == sum(status != "PENDING" for status, _ in seen)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"transfer_id": "wd-1"}, 400, "transfer_id_invalid"),
        ({"transfer_id": "w" * 41}, 400, "transfer_id_invalid"),
        ({"transfer_id": None}, 400, "transfer_id_missing"),
        ({"transfer_amount": 0.99}, 400, "transfer_amount_invalid"),
        ({"transfer_amount": "5"}, 400, "transfer_amount_invalid"),
        ({"transfer_amount": None}, 400, "transfer_amount_missing"),
        ({"transfer_currency": "USD"}, 400, "transfer_currency_invalid"),
        ({"transfer_mode": "cash"}, 400, "transfer_mode_invalid"),
        ({"transfer_remarks": "a-b"}, 400, "transfer_remarks_invalid"),
        ({"beneficiary_details": {}}, 400, "beneficiary_details.beneficiary_id_missing"),
        ({"beneficiary_details": {"beneficiary_id": "x"}}, 404, "beneficiary_not_found"),
    ],
)
async def test_a_wrong_transfer_is_refused_with_its_code(
    api: Api, changes: dict[str, Any], status: int, code: str
) -> None:
    await api.post("/payout/beneficiary", json=a_payee("007711000031"))

    answer = await api.post("/payout/transfers", json=a_transfer(**changes))

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_ids_and_accounts_are_used_once(api: Api) -> None:
    await api.post("/payout/beneficiary", json=a_payee("007711000031"))
    await api.post("/payout/transfers", json=a_transfer())

    answers = [
        await api.post("/payout/beneficiary", json=a_payee("1233943142")),
        await api.post("/payout/beneficiary", json=a_payee("007711000031", key="ben2")),
        await api.post("/payout/transfers", json=a_transfer()),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (409, "beneficiary_id_already_exists"),
        (409, "beneficiary_already_exists"),
        (409, "transfer_id_already_exists"),
    ]


async def test_keys_and_version_are_checked(api: Api) -> None:
    wrong = await api.get("/payout/transfers", headers={"x-client-secret": "x"})
    old = await api.get("/payout/transfers", headers={"x-api-version": "2023-01-01"})

    assert (wrong.status_code, old.status_code) == (401, 400)
