"""Spans arrive at a real collector, and a collector that is away or slow stops nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

import pytest

from adapters.otlp.settings import OtlpOptions
from adapters.otlp.traces import SPANS_AT_MOST, Traces
from core.accounts_messages import ResetEmail
from core.traces import Trace
from ports.telemetry import Kind, Telemetry, current_trace
from tests.app import MemoryApp
from tests.collector import Collector, collector
from tests.patience import PATIENCE_S
from tests.servers import free_port
from tests.web.site import Browser, app_of

CALLER = Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", sampled=True)
SERVER, CLIENT, CONSUMER, INTERNAL = 2, 3, 5, 1
"""Kinds of spans in the protocol."""
BATCH = 512
"""Spans of one delivery, by the default of the library."""


@pytest.fixture
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """For deliveries that must arrive, however slow the machine is."""
    monkeypatch.setattr("adapters.otlp.traces.SEND_S", PATIENCE_S)
    monkeypatch.setattr("adapters.otlp.traces.STOP_S", PATIENCE_S)


@pytest.fixture
def received(no_hurry: None) -> Iterator[Collector]:
    with collector() as listening:
        yield listening


def traces_to(url: str, **options: object) -> Traces:
    return Traces(
        OtlpOptions.model_validate({"url": url, **options}), process="web-1", version="1.2.3"
    )


async def test_a_request_continues_the_trace_of_its_caller_and_shows_nothing_private(
    received: Collector,
) -> None:
    traces = traces_to(received.url, headers="x-team=hours,x-key=hush")
    app = MemoryApp(telemetry=Telemetry((traces,)))
    path = "/api/v1/bookings/bkg_1?secret=hush"

    answer = await Browser(app_of(app)).ask("GET", path, headers={"traceparent": CALLER.header})
    await traces.stop()

    (span,) = received.spans
    assert (span.name, span.kind) == ("GET /api/v1/bookings/<booking_id>", SERVER)
    assert (span.trace, span.parent) == (CALLER.trace_id, CALLER.span_id)
    assert (await answer.get_json())["trace_id"] == span.trace
    assert span.attributes == {
        "http.request.method": "GET",
        "http.route": "/api/v1/bookings/<booking_id>",
        "http.response.status_code": 401,
        "onehour.kind": "request",
        "onehour.outcome": "401",
    }
    assert (span.process, span.failed) == ("web-1", False)
    assert b"hush" not in received.raw
    assert b"bkg_1" not in received.raw
    assert received.headers[0]["x-key"] == "hush"


async def test_a_failed_request_is_marked_and_its_exception_is_left_out(
    received: Collector,
) -> None:
    traces = traces_to(received.url)
    app = MemoryApp(telemetry=Telemetry((traces,)))

    await Browser(app_of(app)).ask("GET", "/broken")
    await traces.stop()

    (span,) = received.spans
    assert span.failed
    assert b"a secret that must not be shown" not in received.raw


async def test_a_message_has_a_trace_with_a_link_to_the_request_that_added_it(
    received: Collector,
) -> None:
    traces = traces_to(received.url)
    app = MemoryApp(telemetry=Telemetry((traces,)))
    browser = Browser(app_of(app))
    await browser.ask("POST", "/api/v1/auth/password/forgot", json={"email": "gita@example.com"})
    await app.run()
    await traces.stop()

    (request,) = received.named("POST /api/v1/auth/password/forgot")
    (message,) = received.named(ResetEmail.kind)
    assert (message.kind, message.parent) == (CONSUMER, "")
    assert message.links == ((request.trace, request.id),)
    assert message.trace != request.trace
    assert message.attributes["onehour.outcome"] == "done"
    assert message.attributes["onehour.attempt"] == 1


async def test_parts_of_a_request_are_its_children(received: Collector) -> None:
    traces = traces_to(received.url)
    telemetry = Telemetry((traces,))

    with telemetry.operation(Kind.REQUEST, "POST /bookings") as request:
        with telemetry.operation(Kind.SETTLEMENT, "cashfree"):
            with telemetry.operation(Kind.CALL, "pay.example") as call:
                call.outcome = "2xx"
            with telemetry.operation(Kind.TRANSACTION):
                pass
        assert current_trace() == request.trace
    with telemetry.operation(Kind.TRANSACTION):
        pass  # of a start or a check, which belongs to nothing
    with telemetry.operation(Kind.CONNECTION):
        pass
    await traces.stop()

    (root,) = received.named("POST /bookings")
    (settlement,) = received.named("cashfree")
    (call_span,) = received.named("pay.example")
    (transaction,) = received.named("transaction")
    assert settlement.parent == root.id
    assert (call_span.parent, transaction.parent) == (settlement.id, settlement.id)
    assert {span.trace for span in received.spans} == {root.trace}
    assert [settlement.kind, call_span.kind] == [INTERNAL, CLIENT]
    assert len(received.spans) == 4


async def test_a_caller_that_does_not_sample_is_not_recorded(received: Collector) -> None:
    traces = traces_to(received.url)
    telemetry = Telemetry((traces,))
    unsampled = Trace(CALLER.trace_id, CALLER.span_id, sampled=False)

    with telemetry.operation(Kind.REQUEST, parent=unsampled):
        inside = current_trace()
        with telemetry.operation(Kind.TRANSACTION):
            pass
    await traces.stop()

    assert received.spans == []
    assert inside is not None
    assert inside.trace_id == CALLER.trace_id


async def test_a_share_of_the_traces_is_recorded_whole(received: Collector) -> None:
    traces = traces_to(received.url, sample=0.5)
    telemetry = Telemetry((traces,))
    sampled = 0

    for _ in range(100):
        with (
            telemetry.operation(Kind.REQUEST, "GET /") as request,
            telemetry.operation(Kind.TRANSACTION),
        ):
            pass
        assert request.trace is not None
        sampled += request.trace.sampled
    await traces.stop()

    assert 0 < sampled < 100
    assert len(received.named("GET /")) == len(received.named("transaction")) == sampled


async def test_a_collector_that_does_not_answer_delays_no_work_and_fills_no_memory(
    no_hurry: None,
) -> None:
    with collector(answers=False) as slow:
        traces = traces_to(slow.url)
        telemetry = Telemetry((traces,))
        with telemetry.operation(Kind.REQUEST, "GET /first"):
            pass
        await asyncio.to_thread(slow.asked.wait, PATIENCE_S)

        for _ in range(3 * SPANS_AT_MOST):  # all while the first delivery is waiting
            with telemetry.operation(Kind.REQUEST, "GET /"):
                pass
        assert slow.spans == []
        slow.answers.set()
        await traces.stop()

    assert len(slow.named("GET /first")) == 1
    assert 0 < len(slow.named("GET /")) <= SPANS_AT_MOST + BATCH


async def test_the_process_ends_while_the_collector_does_not_answer() -> None:
    with collector(answers=False) as slow:
        traces = traces_to(slow.url)
        with Telemetry((traces,)).operation(Kind.REQUEST, "GET /"):
            pass

        async with asyncio.timeout(PATIENCE_S):
            await traces.stop()

        assert not slow.answers.is_set()
        assert slow.spans == []
        # The thread that still sends would log later, in another test, that nobody listens.
        assert await asyncio.to_thread(slow.asked.wait, PATIENCE_S)


async def test_without_a_collector_work_goes_on_and_the_log_has_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    traces = traces_to(f"http://127.0.0.1:{free_port()}")
    telemetry = Telemetry((traces,))
    app = MemoryApp(telemetry=telemetry)

    answer = await Browser(app_of(app)).ask("GET", "/healthz")

    def levels() -> list[int]:
        return [e.levelno for e in caplog.records if e.name.startswith("opentelemetry")]

    async with asyncio.timeout(PATIENCE_S):
        await traces.stop()
        while not levels():  # noqa: ASYNC110 - of a thread of the library
            await asyncio.sleep(0.05)

    assert answer.status_code == 200
    (level,) = levels()
    assert level >= logging.WARNING
