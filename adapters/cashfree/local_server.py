"""The Cashfree simulator as a local server of our site: for payouts, and for payments."""

from __future__ import annotations

from typing import Any

import httpx

from adapters.cashfree.simulator import Simulator, SimulatorSettings
from core.payments_facts import OrderId
from ports.adapters import LocalServer
from ports.payments import LocalGateway


class LocalPayouts(LocalServer):
    """`path` is the URL path at which the site serves it."""

    def __init__(self, path: str, settings: SimulatorSettings) -> None:
        self._path = path
        self._simulator = Simulator(settings)

    @property
    def path(self) -> str:
        return self._path

    @property
    def app(self) -> Any:
        return self._simulator.app

    async def start(self) -> None:
        await self._simulator.start()

    async def stop(self) -> None:
        await self._simulator.stop()


class LocalCashfree(LocalPayouts, LocalGateway):
    """The same for payments."""

    async def pay(self, order_id: OrderId) -> None:
        body = {"order_id": order_id, "outcome": "success", "webhook": "never"}
        transport = httpx.ASGITransport(self._simulator.app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://simulator") as client:
            (await client.post("/control/pay", json=body)).raise_for_status()
