"""The payout providers keep the contract: memory, and Cashfree against its simulator."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.memory.payments import KEY, signed
from adapters.memory.payouts import REFUSED_NUMBER, MemoryPayouts
from core.withdrawals_facts import TransferStatus
from onehour.testing.payouts import PayoutsContract, PayoutsSetup


class MemoryPayoutsSetup(PayoutsSetup):
    wrong_account = (REFUSED_NUMBER, "HDFC0000001")
    secrets = (KEY.decode(),)

    def __init__(self) -> None:
        self.provider: MemoryPayouts = MemoryPayouts()

    async def settle(self, transfer_id: str, outcome: str) -> None:
        code = "BENE_BANK_DECLINED" if outcome == "failed" else ""
        self.provider.settle(transfer_id, TransferStatus(outcome), code)

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
