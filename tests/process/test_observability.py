"""Metrics, traces and logs of real processes: web, worker, and several web processes."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from tests.api_client import until
from tests.collector import Collector, ReceivedSpan, collector
from tests.process.running import RunningApp
from tests.scrapes import Scrape
from tests.servers import free_port

pytestmark = pytest.mark.process

TOKEN = "a-token-for-tests"
ROUTE = "/api/v1/skills"
REQUESTS = "onehour_http_request_duration_seconds_count"
CHILD = "--listening"
"""An argument by which each of several web processes is recognised."""


@dataclass
class ObservedApp:
    """The application with metrics, JSON logs, and a collector for its traces."""

    running: RunningApp
    collector: Collector
    web_port: int
    worker_port: int

    async def scrape(self, port: int) -> Scrape:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(timeout=10) as http:
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

        await until(look, what=f"the span {name}", timeout_s=30, every_s=0.1)
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

    await until(look, what="a message of the request", timeout_s=30, every_s=0.1)
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

    web = await observed.scrape(observed.web_port)
    worker = await observed.scrape(observed.worker_port)
    route = ("GET", ROUTE, "2xx")
    assert web.all(REQUESTS)[route] == before.get(route, 0) + 3
    assert list(web.all("process_open_fds")) == [("web",)]
    assert list(worker.all("process_open_fds")) == [("worker",)]
    assert worker.all(REQUESTS) == {}
    assert worker.all("onehour_outbox_messages_total")["accounts.mail", "done"] >= 1
    assert worker.all("onehour_periodic_jobs_total") == {
        ("outbox.watch", "done"): 1,
        ("files.sweep", "done"): 1,
        ("calls.poll", "done"): 1,
        ("developers.next_times", "done"): 1,
        ("reminders.complete", "done"): 1,
        ("reconciliation.daily", "done"): 1,
        ("reconciliation.intents", "done"): 1,
        ("settlements.daily", "done"): 1,
        ("withdrawals.balance", "done"): 1,
        ("payments.count_days", "done"): 1,
    }
    for scrape in (web, worker):
        assert scrape.one("onehour_database_up") == 1
        assert scrape.one("onehour_outbox_dead") == 0
        assert scrape.one("onehour_outbox_lag_seconds") >= 0


async def test_the_metrics_are_behind_the_token_and_not_on_the_port_of_the_site(
    observed: ObservedApp,
) -> None:
    async with httpx.AsyncClient() as http:
        without = await http.get(f"http://127.0.0.1:{observed.worker_port}/metrics")
        site = await http.get(f"{observed.running.base_url}/metrics")

    assert (without.status_code, site.status_code) == (401, 404)


async def test_log_lines_of_processes_are_json_and_hold_no_secrets(observed: ObservedApp) -> None:
    running = observed.running
    client = await running.client()
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01", "X-Signature": "forged"}

    answer = await client.http.post(
        "/csp-reports",
        content=json.dumps({"csp-report": {"blocked-uri": "https://evil.example/?token=hush"}}),
        headers={**headers, "content-type": "application/csp-report"},
    )

    assert answer.status_code == 204
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
    async with two_web_processes(observed.running, tmp_path, port) as site:
        for number in range(40):  # each on a connection of its own, which either may accept
            async with httpx.AsyncClient() as http:
                assert (await http.get(f"{site.base_url}{ROUTE}")).status_code == 200
            if number % 10 == 9:
                shown = await observed.scrape(port)
                assert shown.all(REQUESTS)["GET", ROUTE, "2xx"] == number + 1
        assert list(shown.all("process_open_fds")) == [("web-1",), ("web-2",)]

        await site.kill_one()

        async def look() -> bool:
            return len((await observed.scrape(port)).all("process_open_fds")) == 2

        await until(look, what="metrics of the successor", timeout_s=60, every_s=0.1)
        async with httpx.AsyncClient() as http:
            await http.get(f"{site.base_url}{ROUTE}")

        after = await observed.scrape(port)
        assert after.all(REQUESTS)["GET", ROUTE, "2xx"] == 41
        assert after.one("onehour_sockets_open") == 0


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


@dataclass
class TwoWebProcesses:
    base_url: str
    supervisor: psutil.Process

    def children(self) -> set[int]:
        found = set()
        for child in self.supervisor.children():
            with suppress(psutil.Error):  # it has just ended
                if CHILD in child.cmdline():
                    found.add(child.pid)
        return found

    async def is_ready(self) -> None:
        async def look() -> bool:
            try:
                async with httpx.AsyncClient() as http:
                    ready = (await http.get(f"{self.base_url}/readyz")).is_success
            except httpx.HTTPError:
                return False
            return ready and len(self.children()) == 2

        await until(look, what="two web processes", timeout_s=60, every_s=0.1)

    async def kill_one(self) -> None:
        """With SIGKILL; returns when its successor runs."""
        before = self.children()
        killed = psutil.Process(before.pop())
        killed.kill()

        async def look() -> bool:
            return killed.pid not in self.children() and len(self.children()) == 2

        await until(look, what="a successor", timeout_s=60, every_s=0.1)
        await self.is_ready()


@asynccontextmanager
async def two_web_processes(
    running: RunningApp, folder: Path, metrics_port: int
) -> AsyncIterator[TwoWebProcesses]:
    """`onehour web --processes 2`, beside the web process of the running application."""
    port = free_port()
    environ = {
        **environ_of(running),
        "ONEHOUR_PORT": str(port),
        "ONEHOUR_METRICS_WEB_PORT": str(metrics_port),
    }
    command = (sys.executable, "-m", "onehour.cli", "web", "--processes", "2")
    process = start(command, folder, environ)
    site = TwoWebProcesses(f"http://127.0.0.1:{port}", psutil.Process(process.pid))
    try:
        await site.is_ready()
        yield site
    finally:
        process.terminate()
        status = process.wait(20)
    assert status == 0, (folder / "web.log").read_text()


def start(
    command: tuple[str, ...], folder: Path, environ: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    with (folder / "web.log").open("wb") as log:
        return subprocess.Popen(command, cwd=folder, env=environ, stdout=log, stderr=log)


def environ_of(running: RunningApp) -> Mapping[str, str]:
    child = running.child("web")
    assert child is not None
    return {**os.environ, **child.environ()}


def written(running: RunningApp, name: str) -> list[str]:
    return running.log(name).splitlines()


def linked_to(request: ReceivedSpan, span: ReceivedSpan) -> bool:
    """Whether the span leads back to the request: to one of its transactions, to be exact."""
    return request.trace in {trace for trace, _ in span.links}
