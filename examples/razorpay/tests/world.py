"""The adapter and the server on this machine, without a network and with a clock that tests set."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from onehour_razorpay.gateway import RazorpayGateway
from onehour_razorpay.server import LocalRazorpay, ServerSettings
from onehour_razorpay.server.deliveries import Deliveries
from onehour_razorpay.webhooks import sign
from onehour_razorpay.wire import Account

from onehour.api import Order
from onehour.testing.clock import FixedClock
from onehour.testing.payments import GatewaySetup

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
URL = "http://razorpay.test"
HOOK = "http://onehour.test/webhooks/razorpay"
KEY, KEY_SECRET, SECRET = "rzp_test_abc", "the key's secret", "the webhook's secret"


class Line(httpx.AsyncBaseTransport):
    """The way to the server: an answer can be lost on it, after the call was executed."""

    def __init__(self, app: Any) -> None:
        self.loses = False
        self._inner = httpx.ASGITransport(app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        if self.loses and request.method == "POST":
            raise httpx.ReadError("the answer was lost", request=request)
        return answer


class World(GatewaySetup):
    """`sent` are the webhooks that the site has received; `arrivals` counts them. It answers them
    with the status `site_answers`, or not at all if that is 0."""

    def __init__(self, folder: Path) -> None:
        self.secrets = (KEY_SECRET, SECRET)
        self.clock = FixedClock(NOW)
        self.sent: list[httpx.Request] = []
        self.arrivals = asyncio.Semaphore(0)
        self.site_answers = 200
        settings = ServerSettings(
            database=folder / "razorpay.sqlite3",
            public_url=URL,
            webhook_url=HOOK,
            key_id=KEY,
            key_secret=KEY_SECRET,
            webhook_secret=SECRET,
            now=self.clock.now,
        )
        self.server = LocalRazorpay("/simulator/razorpay", settings)
        self.provider = self.server.provider
        self.line = Line(self.server.app)
        self.http = httpx.AsyncClient(transport=self.line, base_url=URL, auth=(KEY, KEY_SECRET))
        self.gateway = RazorpayGateway(self.http, Account(URL, KEY, KEY_SECRET, (SECRET,)))
        self.deliveries = Deliveries(
            self.provider, httpx.AsyncClient(transport=httpx.MockTransport(self._receive))
        )

    async def close(self) -> None:
        await self.http.aclose()
        await self.deliveries.stop()
        await self.server.stop()

    def _receive(self, request: httpx.Request) -> httpx.Response:
        if not self.site_answers:
            raise httpx.ConnectError("refused", request=request)
        self.sent.append(request)
        self.arrivals.release()
        return httpx.Response(self.site_answers)

    def link_id(self, order_id: str) -> str:
        (link,) = self.provider.links(order_id)
        return str(link["id"])

    async def webhooks(self) -> list[dict[str, Any]]:
        """The bodies of those that arrive now."""
        self.sent.clear()
        await self.deliveries.send_due()
        return [json.loads(each.content) for each in self.sent]

    async def now(self) -> datetime:
        return self.clock.now()

    async def pay(self, order_id: str, outcome: str = "success") -> str:
        return str(self.provider.pay(self.link_id(order_id), outcome)["id"])

    async def settle(self, attempt_id: str, outcome: str) -> None:
        self.provider.end(attempt_id, outcome)

    async def let_expire(self, order: Order) -> None:
        self.clock.set(order.expires_at)

    async def finish_refunds(self) -> None:
        self.clock.advance(timedelta(seconds=2))

    async def notice(self, order_id: str) -> tuple[dict[str, str], bytes]:
        await self.deliveries.send_due()
        words = (b"payment_link.paid", order_id.encode())
        about = next(each for each in self.sent if all(word in each.content for word in words))
        return dict(about.headers), about.content

    @asynccontextmanager
    async def losing_an_answer(self) -> AsyncIterator[None]:
        self.line.loses = True
        yield
        self.line.loses = False

    def sign(self, body: bytes) -> dict[str, str]:
        return {"x-razorpay-signature": sign(SECRET, body)}
