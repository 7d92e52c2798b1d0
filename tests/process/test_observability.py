"""Metrics, traces and logs of real processes: web, worker, and several web processes."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.api_client import until
from tests.collector import Collector, ReceivedSpan, collector
from tests.patience import PATIENCE_S
from tests.process.running import RunningApp
from tests.process.web_processes import web_processes
from tests.scrapes import Scrape
from tests.servers import free_port

pytestmark = pytest.mark.process

TOKEN = "a-token-for-tests"
ROUTE = "/api/v1/skills"
REQUESTS = "onehour_http_request_duration_seconds_count"
JOBS = {
    "outbox.watch", "files.sweep", "calls.poll", "developers.next_times", "reminders.complete",
    "reconciliation.daily", "reconciliation.intents", "settlements.daily", "withdrawals.balance",
    "payments.count_days",
}  # fmt: skip


@dataclass
class ObservedApp:
    """The application with metrics, JSON logs, and a collector for its traces."""

    running: RunningApp
    collector: Collector
    web_port: int
    worker_port: int

    async def scrape(self, port: int) -> Scrape:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
            answer = await http.get(f"http://127.0.0.1:{port}/metrics", headers=headers)
        assert answer.status_code == 200
        return Scrape(answer.text)

    async def span(self, name: str, kind: str, trace: str = "") -> ReceivedSpan:
        """The first span of this name and kind, of this trace if one is given, when it has
        arrived."""
        found: list[ReceivedSpan] = []

        async def look() -> bool:
            found[:] = [
                span
                for span in self.collector.named(name)
                if span.attributes["onehour.kind"] == kind and trace in ("", span.trace)
            ]
            return bool(found)

        await until(look, what=f"the span {name}", every_s=0.1)
        return found[0]


@pytest.fixture(scope="module")
async def observed(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ObservedApp]:
    web_port, worker_port = free_port(), free_port()
    with collector() as received:
        environ = {
            "ONEHOUR_OTLP_URL": received.url,
            "ONEHOUR_METRICS_WEB_PORT": str(web_port),
            "ONEHOUR_METRICS_WORKER_PORT": str(worker_port),
            "ONEHOUR_METRICS_TOKEN": TOKEN,
            "ONEHOUR_LOG_FORMAT": "json",
        }
        folder = tmp_path_factory.mktemp("observed")
        async with RunningApp(folder, **environ) as running:
            yield ObservedApp(running, received, web_port, worker_port)


async def test_one_booking_is_a_trace_from_the_request_to_the_provider_and_to_the_worker(
    observed: ObservedApp,
) -> None:
    running = observed.running
    client, (_, profile) = await running.client(), await running.developer()
    start = await client.free_start(profile)
    observed.collector.spans.clear()

    await client.book(profile, start)

    request = await observed.span("POST /api/v1/bookings", "request")
    call = await observed.span("127.0.0.1", "call", request.trace)
    transaction = await observed.span("transaction", "transaction", request.trace)
    assert (request.parent, request.process) == ("", "web")
    assert request.attributes["http.response.status_code"] == 201
    assert (call.trace, call.parent) == (request.trace, request.id)
    assert call.attributes["server.address"] == "127.0.0.1"
    assert (transaction.trace, transaction.parent) == (request.trace, request.id)

    async def look() -> bool:
        return any(linked_to(request, span) for span in list(observed.collector.spans))

    await until(look, what="a message of the request", every_s=0.1)
    message = next(span for span in observed.collector.spans if linked_to(request, span))
    assert (message.process, message.attributes["onehour.kind"]) == ("worker", "message")
    assert message.attributes["onehour.outcome"] in ("done", "postponed")


async def test_the_provider_is_not_told_about_our_traces(observed: ObservedApp) -> None:
    """The simulator is below the site, so its requests would continue the trace in their spans."""
    call = await observed.span("127.0.0.1", "call")

    children = [span for span in observed.collector.spans if span.parent == call.id]

    assert children == []


async def test_web_and_worker_show_what_they_have_done(observed: ObservedApp) -> None:
    client = await observed.running.client()
    before = (await observed.scrape(observed.web_port)).all(REQUESTS)

    for _ in range(3):
        await client.http.get(ROUTE)

    async def all_jobs_have_run() -> Scrape | None:
        """At the start each is due, and a minute later some are due again."""
        worker = await observed.scrape(observed.worker_port)
        runs = worker.all("onehour_periodic_jobs_total")
        assert {outcome for _, outcome in runs} <= {"done"}
        mails = worker.all("onehour_outbox_messages_total").get(("accounts.mail", "done"), 0)
        return worker if mails and {name for name, _ in runs} == JOBS else None

    web = await observed.scrape(observed.web_port)
    worker: Scrape = await until(all_jobs_have_run, what="a run of each periodic job")
    route = ("GET", ROUTE, "2xx")
    assert web.all(REQUESTS)[route] == before.get(route, 0) + 3
    assert list(web.all("process_open_fds")) == [("web",)]
    assert list(worker.all("process_open_fds")) == [("worker",)]
    assert worker.all(REQUESTS) == {}
    for scrape in (web, worker):
        assert scrape.one("onehour_database_up") == 1
        assert scrape.one("onehour_outbox_dead") == 0
        assert scrape.one("onehour_outbox_lag_seconds") >= 0


async def test_the_metrics_are_behind_the_token_and_not_on_the_port_of_the_site(
    observed: ObservedApp,
) -> None:
    async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
        without = await http.get(f"http://127.0.0.1:{observed.worker_port}/metrics")
        site = await http.get(f"{observed.running.base_url}/metrics")

    assert (without.status_code, site.status_code) == (401, 404)


async def test_log_lines_of_processes_are_json_and_hold_no_secrets(observed: ObservedApp) -> None:
    running = observed.running
    client = await running.client()
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01", "X-Signature": "forged"}

    async def worker_is_ready() -> bool:
        return "worker ready" in running.log("worker")

    answer = await client.http.post(
        "/csp-reports",
        content=json.dumps({"csp-report": {"blocked-uri": "https://evil.example/?token=hush"}}),
        headers={**headers, "content-type": "application/csp-report"},
    )

    assert answer.status_code == 204
    await until(worker_is_ready, what="the line of the worker")
    lines = [json.loads(line) for name in ("web", "worker") for line in written(running, name)]
    (line,) = [line for line in lines if line.get("trace_id") == trace_id]
    assert (line["logger"].startswith("web."), line["process"]) == (True, "web")
    assert "https://evil.example" in line["message"]
    assert "worker ready" in {line["message"] for line in lines if line["process"] == "worker"}
    secret = (running.data / "secret-key").read_text()
    for name in ("web", "worker"):
        for private in (secret, TOKEN, "hush", client.token):
            assert private not in running.log(name)


async def test_a_scrape_of_two_web_processes_shows_both_also_after_one_was_killed(
    observed: ObservedApp, tmp_path: Path
) -> None:
    port = free_port()
    changed = {"ONEHOUR_METRICS_WEB_PORT": str(port)}
    async with web_processes(observed.running, tmp_path, changed) as site:
        for number in range(40):  # each on a connection of its own, which either may accept
            assert await status_of(f"{site.address}{ROUTE}") == 200
            if number % 10 == 9:
                shown = await observed.scrape(port)
                assert shown.all(REQUESTS)["GET", ROUTE, "2xx"] == number + 1
        assert list(shown.all("process_open_fds")) == [("web-1",), ("web-2",)]

        await site.kill(min(site.children()))

        async def look() -> bool:
            shows_both = len((await observed.scrape(port)).all("process_open_fds")) == 2
            return shows_both and site.all_serve()

        await until(look, what="metrics of the successor")
        assert await status_of(f"{site.address}{ROUTE}") == 200

        after = await observed.scrape(port)
        assert after.all(REQUESTS)["GET", ROUTE, "2xx"] == 41
        assert after.one("onehour_sockets_open") == 0


async def status_of(url: str) -> int:
    async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
        return (await http.get(url)).status_code


async def test_a_port_in_use_stops_the_start_with_one_sentence(
    observed: ObservedApp, tmp_path: Path
) -> None:
    taken = {"ONEHOUR_METRICS_WORKER_PORT": str(observed.worker_port)}
    environ = {**environ_of(observed.running), **taken}

    ended = await asyncio.to_thread(
        subprocess.run,
        (sys.executable, "-m", "onehour.cli", "worker"),
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
    )

    assert ended.returncode == 2
    assert ended.stderr.startswith("ONEHOUR_METRICS_HOST and ONEHOUR_METRICS_WORKER_PORT must be")


def environ_of(running: RunningApp) -> Mapping[str, str]:
    child = running.child("web")
    assert child is not None
    return {**os.environ, **child.environ()}


def written(running: RunningApp, name: str) -> list[str]:
    """Its lines, without one that is being written."""
    return running.log(name).split("\n")[:-1]


def linked_to(request: ReceivedSpan, span: ReceivedSpan) -> bool:
    """Whether the span leads back to the request: to one of its transactions, to be exact."""
    return request.trace in {trace for trace, _ in span.links}
