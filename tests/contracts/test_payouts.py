"""The payout providers keep the contract: memory, and Cashfree against its simulator."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import httpx
import pytest

from adapters.cashfree.payout_settings import CashfreePayoutSettings
from adapters.cashfree.payouts import CashfreePayouts
from adapters.cashfree.simulator.payouts import NO_ACCOUNT
from adapters.cashfree.webhooks import sign
from adapters.memory.payments import KEY, signed
from adapters.memory.payouts import REFUSED_NUMBER, MemoryPayouts
from adapters.system.clock import SystemClock
from core.money import Money
from core.withdrawals_facts import TransferStatus, Why
from onehour.testing.payouts import PayoutsContract, PayoutsSetup
from ports.payouts import PayoutsUnavailable
from tests.contracts.served_simulator import CLIENT_ID, CLIENT_SECRET, simulator


class MemoryPayoutsSetup(PayoutsSetup):
    wrong_account = (REFUSED_NUMBER, "HDFC0000001")
    secrets = (KEY.decode(),)

    def __init__(self) -> None:
        self.provider: MemoryPayouts = MemoryPayouts()

    async def settle(self, transfer_id: str, outcome: str) -> None:
        code = "BENE_BANK_DECLINED" if outcome == "failed" else ""
        self.provider.settle(transfer_id, TransferStatus(outcome), code)

    async def fill(self, balance: Money) -> None:
        self.provider.has = balance

    async def notice(self, transfer_id: str) -> tuple[dict[str, str], bytes]:
        body = json.dumps({"transfer_id": transfer_id, "id": f"done:{transfer_id}"}).encode()
        return self.sign(body), body

    @asynccontextmanager
    async def losing_an_answer(self) -> AsyncIterator[None]:
        self.provider.fail_after_commit = True
        yield
        self.provider.fail_after_commit = False

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        self.provider.down = True
        yield
        self.provider.down = False

    def sign(self, body: bytes) -> dict[str, str]:
        return signed(body)


class TestMemoryPayouts(PayoutsContract):
    @pytest.fixture
    def payouts_setup(self) -> PayoutsSetup:
        return MemoryPayoutsSetup()


class SimulatorPayoutsSetup(PayoutsSetup):
    """Controls the simulator by its control routes; `hooks` are the webhooks received."""

    wrong_account = (NO_ACCOUNT, "HDFC0000001")
    secrets = (CLIENT_SECRET,)
    STATES: ClassVar[dict[str, tuple[str, str]]] = {
        "succeeded": ("SUCCESS", "COMPLETED"),
        "failed": ("FAILED", "BENE_BANK_DECLINED"),
        "reversed": ("REVERSED", "RETURNED_FROM_BENEFICIARY"),
        "on_the_way": ("SUCCESS", "SENT_TO_BENEFICIARY"),
        "approval": ("APPROVAL_PENDING", "VELOCITY_CHECK_FAILED"),
        "unknown": ("SUCCESS", "SOMETHING_NEW"),
    }

    def __init__(self, client: httpx.AsyncClient, url: str, sent: list[httpx.Request]) -> None:
        self.hooks = sent
        self.client = client
        self.url = url
        self.settings = CashfreePayoutSettings(
            f"{url}/payout", CLIENT_ID, CLIENT_SECRET, balance_url=f"{url}/payout/v1"
        )
        self.provider: CashfreePayouts = CashfreePayouts(client, self.settings, SystemClock())

    async def settle(self, transfer_id: str, outcome: str) -> None:
        status, code = self.STATES[outcome]
        await self.control("payouts/settle", transfer_id=transfer_id, status=status, code=code)

    async def fill(self, balance: Money) -> None:
        await self.control("payouts/balance", amount=balance.amount / 100)

    async def notice(self, transfer_id: str) -> tuple[dict[str, str], bytes]:
        about = [sent for sent in self.hooks if transfer_id.encode() in sent.content]
        return dict(about[-1].headers), about[-1].content

    @asynccontextmanager
    async def losing_an_answer(self) -> AsyncIterator[None]:
        await self.control("faults", kind="lost", times=1)
        yield

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        await self.control("faults", kind="error", times=1)
        yield

    def sign(self, body: bytes) -> dict[str, str]:
        signature = sign(CLIENT_SECRET, "1767328321000", body)
        return {"x-webhook-signature": signature, "x-webhook-timestamp": "1767328321000"}

    async def control(self, action: str, **said: object) -> None:
        response = await self.client.post(f"{self.url}/control/{action}", json=said)
        assert response.status_code == 200, response.text


@asynccontextmanager
async def simulator_payouts(folder: Path) -> AsyncIterator[SimulatorPayoutsSetup]:
    """Calls go straight into the application, mounted under a prefix."""
    url, took = "http://onehour.test/simulator/cashfree-payouts", list[httpx.Request]()
    async with simulator(folder, url, took, notify_url=f"{url}/hook") as running:
        transport = httpx.ASGITransport(
            running.app,  # type: ignore[arg-type]
            root_path="/simulator/cashfree-payouts",
        )
        async with httpx.AsyncClient(transport=transport) as client:
            yield SimulatorPayoutsSetup(client, url, took)


async def test_a_transfer_without_the_money_for_it_fails_for_that_reason(tmp_path: Path) -> None:
    async with simulator_payouts(tmp_path) as setup:
        await setup.fill(Money(2_000_000))
        await setup.sent(Money(1_200_050))

        lacking = await setup.sent(Money(1_200_050))

        found = await setup.provider.find_transfer(lacking.ours)
        assert (found.status, found.why) == (TransferStatus.FAILED, Why.BALANCE)
        assert await setup.provider.available() == Money(2_000_000 - 1_200_050)


async def test_without_an_address_or_the_right_keys_no_balance_is_told(tmp_path: Path) -> None:
    async with simulator_payouts(tmp_path) as setup:

        def other(settings: CashfreePayoutSettings) -> CashfreePayouts:
            return CashfreePayouts(setup.client, settings, SystemClock())

        assert await other(replace(setup.settings, balance_url="")).available() is None
        with pytest.raises(PayoutsUnavailable):
            await other(replace(setup.settings, client_secret="wrong")).available()


class TestCashfreePayouts(PayoutsContract):
    @pytest.fixture
    async def payouts_setup(self, tmp_path: Path) -> AsyncIterator[PayoutsSetup]:
        async with simulator_payouts(tmp_path) as setup:
            yield setup
