"""A merchant that uses an official SDK of Cashfree against the simulator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from tests.contracts.served_simulator import CLIENT_ID, CLIENT_SECRET, served, simulator
from tests.sdk import Sdk

HOOK = "https://shop.example/hook"
OURS = "2025-01-01"
"""The API version of our adapter."""


class Shop:
    """A merchant that uses an SDK; `hooks` are the webhooks it received."""

    def __init__(self, sdk: Sdk, version: str | None, url: str, client: httpx.AsyncClient) -> None:
        self.hooks: list[httpx.Request] = []
        self.sdk = sdk
        self._version = version
        self._url = url
        self._client = client

    async def call(self, name: str, *arguments: object) -> Any:
        return await self.sdk.call(name, *arguments, url=f"{self._url}/pg", version=self._version)

    async def control(self, action: str, **said: object) -> Any:
        response = await self._client.post(f"{self._url}/control/{action}", json=said)
        assert response.status_code == 200, response.text
        return response.json()

    async def json(self, path: str) -> Any:
        """What the simulator answers, without an SDK between."""
        headers = {"x-client-id": CLIENT_ID, "x-client-secret": CLIENT_SECRET}
        response = await self._client.get(
            f"{self._url}/pg{path}", headers=headers | {"x-api-version": OURS}
        )
        assert response.status_code == 200, response.text
        return response.json()

    async def paid(self) -> None:
        await self.call("PGCreateOrder", an_order())
        await self.control("pay", order_id="ord_1")

    async def refund(self, refund_id: str, **said: object) -> Any:
        body = {"refund_id": refund_id, "refund_amount": 1000.5} | said
        return await self.call("PGOrderCreateRefund", "ord_1", body)

    async def announced(self) -> Any:
        """The last webhook, after the SDK has verified it."""
        hook = self.hooks[-1]
        return await self.call("PGVerifyWebhookSignature", *signed(hook))


def an_order(**said: object) -> dict[str, object]:
    expires = datetime.now(UTC) + timedelta(minutes=20)
    usual: dict[str, object] = {
        "order_id": "ord_1",
        "order_amount": 4800.5,
        "order_currency": "INR",
        "customer_details": {"customer_id": "cli1", "customer_phone": "9999999999"},
        "order_meta": {"return_url": "https://shop.example/{order_id}", "notify_url": HOOK},
        "order_expiry_time": expires.isoformat(timespec="seconds"),
        "order_tags": {"booking": "OH-7K3M-92Q4"},
    }
    return usual | said


def signed(hook: httpx.Request) -> tuple[str, str, str]:
    """Signature, body and time stamp, in the order of the SDKs."""
    headers, body = hook.headers, hook.content.decode()
    return headers["x-webhook-signature"], body, headers["x-webhook-timestamp"]


@asynccontextmanager
async def a_shop(sdk: Sdk, version: str | None, folder: Path) -> AsyncIterator[Shop]:
    hooks: list[httpx.Request] = []
    async with (
        simulator(folder, "http://simulator", hooks) as running,
        served(running.app) as url,
        httpx.AsyncClient(trust_env=False) as client,
    ):
        shop = Shop(sdk, version, url, client)
        shop.hooks = hooks
        yield shop
