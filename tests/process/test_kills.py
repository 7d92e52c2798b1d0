"""kill -9 at random moments while clients pay: nothing is lost, done twice or left undone."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest

from tests.api_client import ApiClient, until
from tests.patience import PATIENCE_S
from tests.process.running import RunningApp

pytestmark = pytest.mark.process

SEED = 20_261_123
RETRY_DELAY_S = 0.25
POLLED_WITHIN_S = 60.0
"""From the payment: the polls are 10, 30 and 60 seconds after the opening of the checkout."""
CHILDREN = ("web", "worker", "redis", "mongo")


class RetryingClient(ApiClient):
    """Repeats a request while the application does not answer, and counts the failures."""

    failures: ClassVar[Counter[int]] = Counter()

    async def get(self, path: str, *, expect: int = 200, **params: Any) -> Any:
        response = await self._retry(lambda: self.http.get(f"/api/v1{path}", params=params))
        assert response.status_code == expect, (path, response.status_code, response.text)
        return response.json()

    async def raw(self, method: str, path: str, *how: Any, **more: Any) -> httpx.Response:
        return await self._retry(
            lambda: super(RetryingClient, self).raw(method, path, *how, **more)
        )

    async def pay_once(self, order_id: str, webhook: str) -> None:
        """Pays; after a lost response, retries only if the payment was not collected."""
        request = {
            "order_id": order_id, "outcome": "success", "webhook": webhook, "delay_s": 1,
        }  # fmt: skip
        control = "/simulator/cashfree/control"
        while not await self._is_collected(order_id):
            try:
                await self.http.post(f"{control}/pay", json=request)
            except httpx.TransportError:
                await asyncio.sleep(RETRY_DELAY_S)

    async def _is_collected(self, order_id: str) -> bool:
        response = await self._retry(lambda: self.http.get("/simulator/cashfree/control/books"))
        orders = {each["order_id"]: each for each in response.json()["orders"]}
        return order_id in orders and int(orders[order_id]["collected"]) > 0

    async def _retry(self, ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                response = await ask()
                status = response.status_code
            except httpx.TransportError:
                status = 0
            if 0 < status < 500:
                return response
            self.failures[status] += 1
            assert time.monotonic() < end, f"no answer: {dict(self.failures)}"
            await asyncio.sleep(RETRY_DELAY_S)


class KillTest:
    """Clients book and pay while processes are killed."""

    def __init__(self, app: RunningApp, rng: random.Random) -> None:
        self.app, self.rng = app, rng
        self.kills: Counter[str] = Counter()
        self.slowest: dict[str, float] = {}
        self.bookings: list[tuple[RetryingClient, Any]] = []
        self._starts: list[tuple[str, str]] = []
        self._clients: list[RetryingClient] = []

    async def prepare(self, *, clients: int, developers: int) -> None:
        app = self.app
        for _ in range(clients):
            client = await app.client(RetryingClient)
            assert isinstance(client, RetryingClient)
            self._clients.append(client)
        for _ in range(developers):
            api_client, profile = await app.developer()
            slots = (await api_client.get(f"/developers/{profile}/slots"))["items"]
            self._starts += [(profile, slot["start"]) for slot in slots[8::4]]
        self.rng.shuffle(self._starts)

    async def round(
        self, targets: list[str], *, bookings: int, spread_s: float, calm: bool
    ) -> None:
        """Pays so many bookings and kills these processes, each at a random moment.

        `calm`: bookings are held before the first kill, so that kills affect only the payments.
        """
        if calm:
            held = await asyncio.gather(*(self.hold() for _ in range(bookings)))
            buying = [asyncio.create_task(self._pay(*each, spread_s)) for each in held]
        else:
            buying = [asyncio.create_task(self._buy(spread_s)) for _ in range(bookings)]
        for target in targets:
            await asyncio.sleep(self.rng.uniform(0.2, spread_s / len(targets)))
            await self.kill(target)
        await asyncio.gather(*buying)

    async def assert_one_job_each(self) -> None:
        """Every paid booking is requested and has one job, however the payment was reported."""
        for client, booking in self.bookings:
            await client.booking_in("requested", booking["id"])
        jobs = Counter(job["booking_id"] for job in await self.app.rows("jobs"))
        assert jobs == Counter({booking["id"]: 1 for _, booking in self.bookings})

    def table(self) -> str:
        lines = [f"{'killed':<12}{'times':>6}{'slowest recovery':>20}"]
        for name, times in sorted(self.kills.items()):
            lines.append(f"{name:<12}{times:>6}{self.slowest[name]:>18.1f} s")
        failures = ", ".join(
            f"{status or 'no answer'}: {n}" for status, n in RetryingClient.failures.items()
        )
        lines.append(
            f"{self.kills.total()} kills, {len(self.bookings)} paid bookings; met {failures}"
        )
        return "\n".join(lines)

    async def _buy(self, within_s: float) -> None:
        await asyncio.sleep(self.rng.uniform(0, within_s))
        await self._pay(*await self.hold(), 1)

    async def hold(self) -> tuple[RetryingClient, Any]:
        client = self.rng.choice(self._clients)
        profile, start = self._starts.pop()
        booking = await client.book(profile, start, key=f"{profile}:{start}")
        if not booking[
            "checkout"
        ]:  # the simulator, which runs in the web server, was not available
            booking = await client.post(f"/bookings/{booking['id']}/checkout")
        return client, booking

    async def _pay(self, client: RetryingClient, booking: Any, within_s: float) -> None:
        """Half of the clients return to the site after the payment."""
        await asyncio.sleep(self.rng.uniform(0, within_s))
        webhook = self.rng.choice(["now", "now", "twice", "delayed", "never"])
        await client.pay_once(booking["checkout"]["order_id"], webhook)
        self.bookings.append((client, booking))
        if self.rng.random() < 0.5:
            await client.post(f"/payments/{booking['payment']['id']}/refresh")

    async def kill(self, name: str) -> None:
        async def is_running() -> bool:
            return name == "supervisor" or self.app.child(name) is not None

        await until(is_running, what=f"{name} to kill", every_s=0.05)
        started_at, pid = time.monotonic(), self.app.kill(name)
        if name == "supervisor":
            await self.app.start()
        else:
            await self.app.has_successor(name, pid)
        await self.app.is_ready()
        self.kills[name] += 1
        took = time.monotonic() - started_at
        self.slowest[name] = max(took, self.slowest.get(name, 0.0))


@asynccontextmanager
async def app_to_kill(folder: Path, seed: int) -> AsyncIterator[KillTest]:
    """A running application; prints the kills and the failed requests at the end."""
    RetryingClient.failures.clear()
    async with RunningApp(folder) as app:
        found = KillTest(app, random.Random(seed))
        yield found
        print(f"\n{found.table()}")


@pytest.fixture
async def kill_test(tmp_path: Path) -> AsyncIterator[KillTest]:
    async with app_to_kill(tmp_path, SEED) as found:
        yield found


async def test_six_kills_while_clients_pay(kill_test: KillTest) -> None:
    await kill_test.prepare(clients=4, developers=1)
    # MongoDB is last: its end aborts the transactions that killed processes have left open.
    targets = ["worker", "web", "redis", "web", "worker", "mongo"]

    await kill_test.round(targets, bookings=24, spread_s=6, calm=True)
    for client, booking in kill_test.bookings:
        await client.post(f"/payments/{booking['payment']['id']}/refresh")

    await kill_test.assert_one_job_each()
    await kill_test.app.audit()


@pytest.mark.long
async def test_payments_whose_webhooks_are_lost_with_the_processes_are_found_by_polling(
    kill_test: KillTest,
) -> None:
    """Nobody returns to the site and no webhook comes: the polls at 10, 30 and 60 seconds find
    every payment, although web server and worker are killed right after it."""
    await kill_test.prepare(clients=3, developers=1)
    held = await asyncio.gather(*(kill_test.hold() for _ in range(9)))
    for client, booking in held:
        await client.pay_once(booking["checkout"]["order_id"], "never")
    paid_at = time.monotonic()

    await asyncio.gather(kill_test.kill("web"), kill_test.kill("worker"))
    for client, booking in held:
        left_s = paid_at + POLLED_WITHIN_S - time.monotonic()
        await client.booking_in("requested", booking["id"], timeout_s=left_s)

    kill_test.bookings += held
    await kill_test.assert_one_job_each()
    await kill_test.app.audit()


@pytest.mark.long
async def test_more_than_fifty_kills_while_clients_pay(kill_test: KillTest) -> None:
    """No refresh for clients who did not return: webhooks, retries and polls must suffice."""
    await kill_test.prepare(clients=6, developers=3)

    for number in range(6):
        targets = kill_test.rng.choices(CHILDREN, weights=(4, 4, 3, 1), k=8)
        await kill_test.round(
            [*targets, "supervisor"], bookings=30, spread_s=12, calm=number % 2 == 0
        )
        await kill_test.app.is_ready(lag_s=5)
    await kill_test.assert_one_job_each()
    await kill_test.app.audit()

    assert kill_test.kills.total() >= 50
    assert 500 not in RetryingClient.failures
