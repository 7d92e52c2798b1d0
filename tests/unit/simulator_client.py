"""The Cashfree simulator, a client that has its keys, and a receiver of its webhooks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from adapters.cashfree.simulator import Simulator, SimulatorSettings
from tests.patience import PATIENCE_S

URL = "http://simulator"
HOOK = "https://shop.example/hook"
KEYS = {
    "x-client-id": "simulator",
    "x-client-secret": "simulator-secret",
    "x-api-version": "2025-01-01",
}


class WebhookReceiver:
    """Receives webhooks for the merchant: answers with `answers` in turn, then with `status`."""

    def __init__(self) -> None:
        self.took: list[httpx.Request] = []
        self.answers: list[int | Exception] = []
        self._more = asyncio.Event()

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.took.append(request)
        self._more.set()
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer)

    async def taken(self, count: int) -> None:
        """Wait until so many webhooks have come."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.took) < count:
                self._more.clear()
                await self._more.wait()

    @property
    def kinds(self) -> list[str]:
        return [json.loads(request.content)["type"] for request in self.took]

    @property
    def tries(self) -> list[str]:
        return [request.headers["x-webhook-attempt"] for request in self.took]


class SimulatorClient:
    """Uses the API as the merchant, and the control routes as the tests."""

    def __init__(
        self, simulator: Simulator, client: httpx.AsyncClient, hook: WebhookReceiver
    ) -> None:
        self.simulator = simulator
        self.client = client
        self.hook = hook

    async def api(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = KEYS | more.pop("headers", {})
        return await self.client.request(method, f"{URL}/pg{path}", headers=headers, **more)

    async def get(self, path: str) -> Any:
        response = await self.api("GET", path)
        assert response.status_code == 200, response.text
        return response.json()

    async def control(self, action: str, **said: object) -> Any:
        response = await self.client.post(f"{URL}/control/{action}", json=said)
        assert response.status_code == 200, response.text
        return response.json()

    async def totals(self) -> Any:
        return (await self.client.get(f"{URL}/control/books")).json()

    async def order(self, **said: object) -> Any:
        """An order of 4,800 rupees, opened."""
        response = await self.api("POST", "/orders", json=an_order(**said))
        assert response.status_code == 200, response.text
        return response.json()

    async def paid(self, **said: object) -> Any:
        order = await self.order(**said)
        await self.control("pay", order_id=order["order_id"])
        return order


def an_order(**said: object) -> dict[str, object]:
    """The usual body of POST /orders."""
    usual: dict[str, object] = {
        "order_id": "ord_1",
        "order_amount": 4800,
        "order_currency": "INR",
        "order_note": "One hour with Ravi",
        "customer_details": {"customer_id": "cli1", "customer_phone": "9999999999"},
        "order_meta": {
            "return_url": "https://shop.example/back?order={order_id}",
            "notify_url": HOOK,
        },
        "order_expiry_time": in_minutes(16),
    }
    return usual | said


def in_minutes(minutes: float) -> str:
    """A time so many minutes from now, in the format of the API."""
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat(timespec="seconds")


@asynccontextmanager
async def a_simulator_client(
    folder: Path, hook: WebhookReceiver | None = None, **changes: Any
) -> AsyncIterator[SimulatorClient]:
    """A simulator whose courier does not run by itself: tests decide when something happens."""
    settings = replace(SimulatorSettings(folder / "books.db", URL), **changes)
    hook = hook or WebhookReceiver()
    async with httpx.AsyncClient(transport=httpx.MockTransport(hook)) as hooks:
        simulator = Simulator(settings, hooks)
        transport = httpx.ASGITransport(simulator.app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport) as client:
            try:
                yield SimulatorClient(simulator, client, hook)
            finally:
                await simulator.stop()
