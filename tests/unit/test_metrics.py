"""Metrics count what has happened, and a scrape shows it to those who may see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

import httpx
import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from adapters.cashfree.breaker import FAILURES
from adapters.memory.clock import FixedClock
from adapters.mongo.store import MongoStore
from adapters.prometheus.endpoint import MetricsEndpoint
from adapters.prometheus.metrics import Metrics
from adapters.prometheus.outbox import KEPT_FOR, OutboxReader
from adapters.prometheus.processes import Processes
from adapters.prometheus.settings import MetricsOptions
from core.errors import Unavailable
from core.outbox import ATTEMPTS_BEFORE_DEAD, NotDueYet, OutboxId, OutboxMessage, Payload, State
from core.payments_facts import OrderId
from core.policy import MINUTE
from onehour.metrics_server import metrics_socket
from onehour.provider_calls import ObservedClient
from onehour.testing.scheduling import RecordedWakeUps
from ports.payments import GatewayUnavailable
from ports.store import Store
from ports.telemetry import Kind, Telemetry
from services.outbox import OutboxRelay
from services.shared.outbox import Handler
from tests.app import MONDAY, MemoryApp
from tests.scrapes import Scrape
from tests.servers import free_port
from tests.unit.fake_cashfree import Cashfree
from tests.web.site import Browser, app_of
from web.shared.sockets import with_observed_sockets

SECOND = timedelta(seconds=1)


@dataclass
class Observed:
    """An application on memory adapters whose work is measured."""

    metrics: Metrics = field(default_factory=Metrics)
    token: str | None = None

    def __post_init__(self) -> None:
        self.telemetry = Telemetry((self.metrics,))
        self.app = MemoryApp(telemetry=self.telemetry)

    def endpoint(self, store: Store | None = None) -> MetricsEndpoint:
        reader = OutboxReader(store or self.app.store, self.app.clock)
        return MetricsEndpoint(self.metrics, Processes("web"), reader, self.token)

    def http(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self.endpoint())
        return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

    async def scrape(self) -> Scrape:
        return Scrape((await self.endpoint().exposition()).decode())


@pytest.fixture
def observed() -> Observed:
    return Observed()


async def test_a_scrape_after_known_requests_counts_them_by_route_pattern_and_status_class(
    observed: Observed,
) -> None:
    browser = Browser(app_of(observed.app))

    for method, path in (
        ("GET", "/healthz"),
        ("GET", "/healthz"),
        ("HEAD", "/healthz"),
        ("GET", "/api/v1/bookings/bkg_1"),
        ("GET", "/api/v1/bookings/bkg_2?secret=hush"),
        ("GET", "/broken"),
        ("GET", "/no/such/page/gita@example.com"),
        ("BREW", "/healthz"),
    ):
        await browser.ask(method, path)

    scrape = await observed.scrape()
    assert scrape.all("onehour_http_request_duration_seconds_count") == {
        ("GET", "/healthz", "2xx"): 2,
        ("HEAD", "/healthz", "2xx"): 1,
        ("GET", "/api/v1/bookings/<booking_id>", "4xx"): 2,
        ("GET", "/broken", "5xx"): 1,
        ("GET", "none", "4xx"): 1,
        ("other", "none", "4xx"): 1,
    }
    for typed in ("bkg_1", "hush", "gita", "BREW"):
        assert typed not in scrape.text


async def test_answers_of_rate_limits_are_counted(observed: Observed) -> None:
    browser = Browser(app_of(observed.app))
    body = {"email": "gita@example.com", "password": "wrong"}

    statuses = [
        (await browser.ask("POST", "/api/v1/auth/token", json=body)).status_code for _ in range(15)
    ]

    refused = statuses.count(429)
    assert refused > 0
    scrape = await observed.scrape()
    assert scrape.all("onehour_rate_limited_total") == {("/api/v1/auth/token",): refused}


async def test_the_lag_is_the_age_of_the_oldest_due_message(observed: Observed) -> None:
    app = observed.app
    due = {1: -90 * SECOND, 2: -30 * SECOND, 3: 5 * MINUTE}
    empty = await observed.scrape()

    await app.store.repositories.outbox.add(
        *(a_message(number, MONDAY + delay) for number, delay in due.items()),
        a_message(4, MONDAY - timedelta(days=9), state=State.DEAD),
        a_message(5, MONDAY - timedelta(days=9), state=State.DONE),
    )

    filled = await observed.scrape()
    shown = ("onehour_outbox_lag_seconds", "onehour_outbox_due", "onehour_outbox_dead")
    assert [empty.one(name) for name in shown] == [0, 0, 0]
    assert [filled.one(name) for name in shown] == [90, 2, 1]
    assert filled.one("onehour_database_up") == 1


async def test_the_outbox_is_read_once_in_five_seconds(observed: Observed) -> None:
    endpoint = observed.endpoint()
    outbox, clock = observed.app.store.repositories.outbox, observed.app.clock

    async def lag() -> float:
        return Scrape((await endpoint.exposition()).decode()).one("onehour_outbox_lag_seconds")

    before = await lag()
    await outbox.add(a_message(1, MONDAY - MINUTE))
    clock.advance(KEPT_FOR - SECOND)
    kept = await lag()
    clock.advance(SECOND)

    assert (before, kept, await lag()) == (0, 0, 65)


async def test_without_the_database_the_other_metrics_are_still_shown(observed: Observed) -> None:
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(
        "mongodb://127.0.0.1:9/?directConnection=true", serverSelectionTimeoutMS=50
    )
    store = MongoStore(client, "none", FixedClock(MONDAY), RecordedWakeUps())

    scrape = Scrape((await observed.endpoint(store).exposition()).decode())

    assert scrape.one("onehour_database_up") == 0
    assert scrape.all("onehour_outbox_lag_seconds") == {}
    assert scrape.one("onehour_sockets_open") == 0


async def test_attempts_to_handle_messages_are_counted_by_kind_and_outcome(
    observed: Observed,
) -> None:
    app = observed.app
    outcomes: Mapping[str, Exception | None] = {
        "good": None, "early": NotDueYet(MONDAY + MINUTE), "bad": ValueError(),
        "away": Unavailable(),
    }  # fmt: skip
    relay = OutboxRelay(
        store=app.store,
        clock=app.clock,
        ids=app.ids,
        handlers={kind: Handler(Nothing, raising(error)) for kind, error in outcomes.items()},
        telemetry=observed.telemetry,
    )
    await app.store.repositories.outbox.add(
        *(a_message(number, MONDAY, kind=kind) for number, kind in enumerate([*outcomes, "new"])),
        a_message(8, MONDAY, kind="bad", attempts=ATTEMPTS_BEFORE_DEAD - 1),
        a_message(9, MONDAY, kind="good"),
    )

    assert await relay.run_due() == 7

    scrape = await observed.scrape()
    assert scrape.all("onehour_outbox_messages_total") == {
        ("good", "done"): 2,
        ("early", "postponed"): 1,
        ("bad", "failed"): 1,
        ("bad", "dead"): 1,
        ("away", "failed"): 1,
        ("new", "unknown"): 1,
    }


async def test_settlements_are_counted_by_the_status_that_they_find(observed: Observed) -> None:
    app = observed.app
    client, _ = await app.client()
    booking = await app.hold(client, await app.developer())
    await app.settle(booking)
    await app.pay(booking)
    await app.settle(booking)
    app.gateway.down = True

    with pytest.raises(GatewayUnavailable):
        await app.settle(booking)

    scrape = await observed.scrape()
    assert scrape.all("onehour_payment_settlements_total") == {
        ("pending", "memory"): 1,
        ("paid", "memory"): 1,
        ("failed", "memory"): 1,
    }


async def test_calls_to_providers_are_counted_by_host_and_also_those_not_made(
    observed: Observed,
) -> None:
    answers: list[httpx.Response | Exception] = [
        httpx.Response(200),
        httpx.Response(503),
        httpx.ConnectError("no route"),
    ]

    def answer(request: httpx.Request) -> httpx.Response:
        assert "traceparent" not in request.headers
        following = answers.pop(0)
        if isinstance(following, Exception):
            raise following
        return following

    transport = httpx.MockTransport(answer)
    async with ObservedClient(observed.telemetry, transport=transport) as http:
        with observed.telemetry.operation(Kind.REQUEST):
            await http.get("https://pay.example/orders/1?secret=hush")
            await http.post("https://pay.example/orders")
            with pytest.raises(httpx.ConnectError):
                await http.get("https://pay.example/orders/1")
    cashfree = Cashfree(observed.telemetry)
    cashfree.on("PATCH /pg/orders/1", httpx.ConnectError("no route"))
    for _ in range(FAILURES + 2):
        with pytest.raises(GatewayUnavailable):
            await cashfree.gateway.close(OrderId("1"))

    scrape = await observed.scrape()
    calls = scrape.all("onehour_provider_calls_total")
    unmade = {key: count for key, count in calls.items() if key[1] == "breaker_open"}
    assert list(unmade.values()) == [2]
    assert {key: count for key, count in calls.items() if key[0] == "pay.example"} == {
        ("pay.example", "2xx"): 1,
        ("pay.example", "5xx"): 1,
        ("pay.example", "failed"): 1,
    }
    assert scrape.all("onehour_provider_call_duration_seconds_count") == {("pay.example",): 3}


async def test_open_sockets_are_counted_while_they_are_open(observed: Observed) -> None:
    seen: list[float] = []

    async def socket(scope: Any, receive: Any, send: Any) -> None:
        seen.append((await observed.scrape()).one("onehour_sockets_open"))

    counted = with_observed_sockets(socket, observed.telemetry)
    await counted({"type": "websocket"}, None, None)
    await counted({"type": "http"}, None, None)

    assert seen == [1, 0]


async def test_the_process_itself_is_measured(observed: Observed) -> None:
    scrape = await observed.scrape()

    assert list(scrape.all("process_resident_memory_bytes")) == [("web",)]
    assert list(scrape.all("process_cpu_seconds_total")) == [("web",)]


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Basic a-token-for-tests"}, 401),
        ({"Authorization": "Bearer a-token-for-tests"}, 200),
    ],
)
async def test_with_a_token_only_its_bearer_gets_an_answer(
    observed: Observed, header: dict[str, str], status: int
) -> None:
    observed.token = "a-token-for-tests"
    async with observed.http() as http:
        answer = await http.get("/metrics", headers=header)

    assert answer.status_code == status
    assert ("onehour_" in answer.text) is (status == 200)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/metrics", 200),
        ("HEAD", "/metrics", 200),
        ("POST", "/metrics", 405),
        ("GET", "/", 404),
        ("GET", "/api/v1/skills", 404),
    ],
)
async def test_only_the_metrics_are_served_on_their_port(
    observed: Observed, method: str, path: str, status: int
) -> None:
    async with observed.http() as http:
        answer = await http.request(method, path)

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/plain")


async def test_the_site_itself_shows_no_metrics(observed: Observed) -> None:
    answer = await Browser(app_of(observed.app)).ask("GET", "/metrics")

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("given", "warned"),
    [
        ({}, False),
        ({"host": "0.0.0.0"}, True),
        ({"host": "0.0.0.0", "token": "a-token-for-tests"}, False),
    ],
)
def test_the_log_warns_of_metrics_that_other_machines_can_read(
    caplog: pytest.LogCaptureFixture, given: dict[str, str], warned: bool
) -> None:
    options = MetricsOptions.model_validate(given)

    opened = metrics_socket(options, free_port(), "ONEHOUR_METRICS_WEB_PORT")

    assert opened is not None
    opened.close()
    assert ("need no token" in caplog.text) is warned


def test_without_a_port_nothing_listens() -> None:
    assert metrics_socket(MetricsOptions(), None, "ONEHOUR_METRICS_WEB_PORT") is None


@dataclass(frozen=True, slots=True)
class Nothing(Payload):
    kind: ClassVar[str] = "nothing"


def raising(error: Exception | None) -> Any:
    async def run(payload: Nothing) -> None:
        if error:
            raise error

    return run


def a_message(number: int, due: Any, *, kind: str = "nothing", **changes: Any) -> OutboxMessage:
    return OutboxMessage(OutboxId(f"message {number}"), kind, due, **changes)


async def test_hosts_that_people_choose_are_counted_under_one_name() -> None:
    observed = Observed()
    transport = httpx.MockTransport(lambda request: httpx.Response(201))
    async with ObservedClient(observed.telemetry, transport=transport) as http:
        for address in ("192.0.2.7", "192.0.2.8"):
            extensions = {"observed_as": "webpush"}
            await http.post(f"https://{address}/send/1", extensions=extensions)

    scrape = await observed.scrape()
    assert scrape.all("onehour_provider_calls_total") == {("webpush", "2xx"): 2}
