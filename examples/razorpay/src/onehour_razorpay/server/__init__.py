"""A server that takes Razorpay's place on this machine: the API that the adapter uses, a payment
page, and signed webhooks. It is for trying out and for tests."""

from __future__ import annotations

from typing import Any

from onehour.api import LocalGateway, OrderId, OrderUnknown
from onehour_razorpay.server.app import create_app
from onehour_razorpay.server.deliveries import Deliveries
from onehour_razorpay.server.provider import Provider
from onehour_razorpay.server.settings import ServerSettings

__all__ = ["LocalRazorpay", "Provider", "ServerSettings"]


class LocalRazorpay(LocalGateway):
    """`path` is the path of the site at which it is served."""

    def __init__(self, path: str, settings: ServerSettings) -> None:
        self._path = path
        self.provider = Provider(settings)
        self.deliveries = Deliveries(self.provider)
        self._app = create_app(self.provider)

    @property
    def path(self) -> str:
        return self._path

    @property
    def app(self) -> Any:
        return self._app

    async def start(self) -> None:
        self.deliveries.start()

    async def stop(self) -> None:
        await self.deliveries.stop()

    async def pay(self, order_id: OrderId) -> None:
        """Raises `OrderUnknown`."""
        found = self.provider.links(order_id)
        if not found:
            raise OrderUnknown
        self.provider.pay(found[0]["id"], quiet=True)
