"""The payment gateways keep the contract: memory, and Cashfree against its simulator."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from adapters.cashfree import settlements
from adapters.cashfree.checkout import SDK, checkout
from adapters.cashfree.gateway import CashfreeGateway
from adapters.cashfree.settings import CashfreeSettings
from adapters.cashfree.webhooks import sign
from adapters.memory.clock import FixedClock
from adapters.memory.payments import KEY, MemoryGateway, signed
from adapters.system.clock import SystemClock
from core.chargebacks import Status as ChargebackStatus
from core.settlements import Status as SettlementStatus
from onehour.testing.payments import GatewaySetup, PaymentGatewayContract
from onehour.testing.payments_chargebacks import UNKNOWN
from ports.payments import Order
from tests.contracts.served_simulator import CLIENT_ID, CLIENT_SECRET, served, simulator

HOOK = "https://onehour.example/webhooks/cashfree"
NEW_WORD = "SOMETHING_NEW"
SETTLEMENT_WORDS = {
    SettlementStatus.PENDING: "PENDING_WITH_BANK",
    SettlementStatus.PAID: "SUCCESS",
    SettlementStatus.FAILED: "FAILED",
    SettlementStatus.REVERSED: "REVERSED",
    SettlementStatus.UNKNOWN: NEW_WORD,
}
CHARGEBACK_WORDS = {
    ChargebackStatus.OPEN: "CREATED",
    ChargebackStatus.REVIEW: "UNDER_REVIEW",
    ChargebackStatus.WON: "MERCHANT_WON",
    ChargebackStatus.LOST: "MERCHANT_LOST",
}
"""What Cashfree says of a dispute."""


class MemoryGatewaySetup(GatewaySetup):
    secrets = (KEY.decode(),)

    def __init__(self) -> None:
        self.clock = FixedClock(datetime(2026, 3, 2, 10, tzinfo=UTC))
        self.gateway: MemoryGateway = MemoryGateway(self.clock)

    async def now(self) -> datetime:
        return self.clock.now()

    async def pay(self, order_id: str, outcome: str = "success") -> str:
        return self.gateway.pay(order_id, outcome)

    async def settle(self, attempt_id: str, outcome: str) -> None:
        self.gateway.settle(attempt_id, outcome)

    async def let_expire(self, order: Order) -> None:
        self.clock.set(order.expires_at)

    async def finish_refunds(self) -> None:
        self.gateway.finish_refunds()

    async def notice(self, order_id: str) -> tuple[dict[str, str], bytes]:
        body = json.dumps({"order_id": order_id, "id": f"paid:{order_id}"}).encode()
        return self.sign(body), body

    @asynccontextmanager
    async def losing_an_answer(self) -> AsyncIterator[None]:
        self.gateway.fail_after_commit = True
        yield
        self.gateway.fail_after_commit = False

    def sign(self, body: bytes) -> dict[str, str]:
        return signed(body)

    async def pay_out(self) -> str:
        return self.gateway.settle_all()

    async def change_settlement(self, reference: str, outcome: str) -> None:
        self.gateway.change_settlement(reference, SettlementStatus(outcome))

    async def settlement_notice(self, reference: str) -> tuple[dict[str, str], bytes]:
        return self._about("settlement.paid", reference)

    async def question(self, order_id: str) -> str:
        return self.gateway.question(order_id)

    async def decide(self, reference: str, outcome: str) -> None:
        self.gateway.decide(reference, None if outcome == UNKNOWN else ChargebackStatus(outcome))

    async def chargeback_notice(self, reference: str) -> tuple[dict[str, str], bytes]:
        return self._about("dispute.created", self.gateway.order_questioned(reference))

    def _about(self, kind: str, reference: str) -> tuple[dict[str, str], bytes]:
        event = {"kind": kind, "order_id": reference, "id": f"{kind}:{reference}"}
        body = json.dumps(event).encode()
        return self.sign(body), body


class TestMemoryGateway(PaymentGatewayContract):
    @pytest.fixture
    def gateway_setup(self) -> GatewaySetup:
        return MemoryGatewaySetup()


class TestMemoryGatewayWithSlowRefunds(PaymentGatewayContract):
    @pytest.fixture
    def gateway_setup(self) -> GatewaySetup:
        gateway_setup = MemoryGatewaySetup()
        gateway_setup.gateway.refunds_succeed_at_once = False
        return gateway_setup


class SimulatorGatewaySetup(GatewaySetup):
    """Controls the simulator by its control routes; `sent` are the webhooks received."""

    secrets = (CLIENT_SECRET,)

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self.sent: list[httpx.Request] = []
        self._client = client
        self._url = url
        self._advance = timedelta(0)
        settings = CashfreeSettings(
            base_url=f"{url}/pg",
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            checkout_base="https://onehour.example/checkout/cashfree",
            notify_url=HOOK,
            checkout=checkout(script=SDK, mode="sandbox", site="https://onehour.example"),
        )
        self.gateway: CashfreeGateway = CashfreeGateway(client, settings, SystemClock())

    async def now(self) -> datetime:
        return datetime.now(UTC) + self._advance

    async def pay(self, order_id: str, outcome: str = "success") -> str:
        answer = await self.control("pay", order_id=order_id, outcome=outcome)
        return str(answer["cf_payment_id"])

    async def settle(self, attempt_id: str, outcome: str) -> None:
        await self.control("settle", cf_payment_id=attempt_id, outcome=outcome)

    async def let_expire(self, order: Order) -> None:
        await self._pass(order.expires_at - await self.now() + timedelta(seconds=1))

    async def finish_refunds(self) -> None:
        await self._pass(timedelta(seconds=2))

    async def notice(self, order_id: str) -> tuple[dict[str, str], bytes]:
        about = [sent for sent in self.sent if order_id.encode() in sent.content]
        return dict(about[0].headers), about[0].content

    @asynccontextmanager
    async def losing_an_answer(self) -> AsyncIterator[None]:
        await self.control("faults", kind="lost", times=1)
        yield

    def sign(self, body: bytes) -> dict[str, str]:
        signature = sign(CLIENT_SECRET, "1767328321000", body)
        return {"x-webhook-signature": signature, "x-webhook-timestamp": "1767328321000"}

    async def pay_out(self) -> str:
        return str((await self.control("settlement"))["settlement_id"])

    async def change_settlement(self, reference: str, outcome: str) -> None:
        word = SETTLEMENT_WORDS[SettlementStatus(outcome)]
        await self.control("settlement", settlement_id=reference, status=word)

    async def settlement_notice(self, reference: str) -> tuple[dict[str, str], bytes]:
        return self._sent(f'"settlement_id":{reference},')

    async def question(self, order_id: str) -> str:
        return str((await self.control("dispute", order_id=order_id))["dispute_id"])

    async def decide(self, reference: str, outcome: str) -> None:
        word = NEW_WORD if outcome == UNKNOWN else CHARGEBACK_WORDS[ChargebackStatus(outcome)]
        await self.control("decide", dispute_id=reference, status=word)

    async def chargeback_notice(self, reference: str) -> tuple[dict[str, str], bytes]:
        return self._sent(f'"dispute_id":"{reference}"')

    def _sent(self, part: str) -> tuple[dict[str, str], bytes]:
        """The first webhook with this part of its body."""
        sent = next(each for each in self.sent if part.encode() in each.content)
        return dict(sent.headers), sent.content

    async def _pass(self, time: timedelta) -> None:
        self._advance += time
        await self.control("clock", advance_s=round(time.total_seconds(), 2))

    async def control(self, action: str, **said: object) -> dict[str, object]:
        response = await self._client.post(f"{self._url}/control/{action}", json=said)
        assert response.status_code == 200, response.text
        answer: dict[str, object] = response.json()
        return answer

    async def control_get(self, name: str) -> dict[str, int]:
        """What the control API says, such as the `books`."""
        response = await self._client.get(f"{self._url}/control/{name}")
        answer: dict[str, int] = response.json()
        return answer


@asynccontextmanager
async def simulator_setup(folder: Path) -> AsyncIterator[SimulatorGatewaySetup]:
    """Calls go straight into the application, mounted under a prefix."""
    url, took = "http://onehour.test/simulator/cashfree", list[httpx.Request]()
    async with simulator(folder, url, took, notify_url=HOOK) as running:
        transport = httpx.ASGITransport(
            running.app,  # type: ignore[arg-type]
            root_path="/simulator/cashfree",
        )
        async with httpx.AsyncClient(transport=transport) as client:
            setup = SimulatorGatewaySetup(client, url)
            setup.sent = took
            yield setup


class TestCashfreeGateway(PaymentGatewayContract):
    @pytest.fixture
    async def gateway_setup(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> AsyncIterator[GatewaySetup]:
        monkeypatch.setattr(settlements, "PAGE", 2)
        async with simulator_setup(tmp_path) as setup:
            yield setup


class TestCashfreeGatewayOverASocket(PaymentGatewayContract):
    """Calls go over HTTP, connection pool and all."""

    @pytest.fixture
    async def gateway_setup(self, tmp_path: Path) -> AsyncIterator[GatewaySetup]:
        took = list[httpx.Request]()
        async with (
            simulator(tmp_path, "http://simulator", took, notify_url=HOOK) as running,
            served(running.app) as url,
            httpx.AsyncClient(trust_env=False) as client,
        ):
            gateway_setup = SimulatorGatewaySetup(client, url)
            gateway_setup.sent = took
            yield gateway_setup
