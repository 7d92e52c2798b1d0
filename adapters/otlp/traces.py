"""Records operations as spans and sends them to a collector.

Spans wait in a bounded queue, which a thread of the library sends. When the collector is away or
slow, spans are dropped; the application does not wait.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from time import monotonic

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from adapters.otlp.settings import OtlpOptions
from core.traces import Trace
from ports.telemetry import FAILED, ROOTS, Detail, End, Kind, Observer, Operation, current_trace

SPANS_AT_MOST = 2048
"""Spans that wait; further ones are dropped."""
SENT_EVERY_MS = 2_000
SEND_S = 5.0
"""How long one delivery may take, with its retries."""
STOP_S = 2.0
"""How long the end of the process waits for the last spans."""
WARNED_EVERY_S = 60.0
LIBRARY_LOG = logging.getLogger("opentelemetry.exporter.otlp.proto.http.trace_exporter")
"""Gets one or more lines for each delivery that fails."""
KINDS: Mapping[Kind, SpanKind] = {
    Kind.REQUEST: SpanKind.SERVER,
    Kind.EVENT: SpanKind.SERVER,
    Kind.MESSAGE: SpanKind.CONSUMER,
    Kind.CALL: SpanKind.CLIENT,
    Kind.TRANSACTION: SpanKind.CLIENT,
}
"""All others are internal."""
ATTRIBUTES: Mapping[str, str] = {
    "method": "http.request.method",
    "route": "http.route",
    "status": "http.response.status_code",
    "host": "server.address",
}
"""The names of details in the semantic conventions; those of others begin with `onehour.`."""


class Traces(Observer):
    """The spans of this process. They contain kinds, names, outcomes and details of operations;
    exceptions are left out, because their texts may contain what users have typed."""

    def __init__(self, options: OtlpOptions, *, process: str, version: str) -> None:
        self._seldom = _Seldom()
        LIBRARY_LOG.addFilter(self._seldom)
        exporter = OTLPSpanExporter(
            endpoint=f"{options.url}/v1/traces", headers=dict(options.headers), timeout=SEND_S
        )
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(options.sample)),
            resource=Resource.create(
                {
                    "service.name": "onehour",
                    "service.version": version,
                    "service.instance.id": process,
                }
            ),
            span_limits=SpanLimits(max_attributes=32, max_attribute_length=200),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(
                exporter, max_queue_size=SPANS_AT_MOST, schedule_delay_millis=SENT_EVERY_MS
            )
        )
        self._tracer = self._provider.get_tracer("onehour", version)

    def begin(self, operation: Operation) -> End:
        above = operation.parent if operation.kind in ROOTS else current_trace()
        if operation.kind not in ROOTS and (above is None or not above.sampled):
            return _nothing
        if operation.kind is Kind.CONNECTION:  # may last for days
            return _nothing
        cause = operation.cause
        span = self._tracer.start_span(
            operation.name or operation.kind,
            _context(above) if above else Context(),
            KINDS.get(operation.kind, SpanKind.INTERNAL),
            links=[Link(_position(cause))] if cause else None,
        )
        operation.trace = _trace(span.get_span_context()).caused_by(cause)
        return partial(_end, span, operation)

    async def stop(self) -> None:
        """Send what waits, for `STOP_S` at most."""
        # A thread of our own, because the process would wait for one of the event loop.
        last = threading.Thread(target=self._provider.shutdown, daemon=True)
        last.start()
        await asyncio.to_thread(last.join, STOP_S)
        LIBRARY_LOG.removeFilter(self._seldom)


def _end(span: Span, operation: Operation) -> None:
    if span.is_recording():
        span.update_name(operation.name or operation.kind)
        span.set_attributes(_attributes(operation))
        if operation.outcome == FAILED or operation.outcome.startswith("5"):
            span.set_status(Status(StatusCode.ERROR))
    span.end()


def _attributes(operation: Operation) -> dict[str, Detail]:
    named: dict[str, Detail] = {
        ATTRIBUTES.get(name, f"onehour.{name}"): value for name, value in operation.details.items()
    }
    return {**named, "onehour.kind": operation.kind.value, "onehour.outcome": operation.outcome}


def _context(above: Trace) -> Context:
    return set_span_in_context(NonRecordingSpan(_position(above)), Context())


def _position(trace: Trace) -> SpanContext:
    flags = TraceFlags(TraceFlags.SAMPLED if trace.sampled else TraceFlags.DEFAULT)
    return SpanContext(int(trace.trace_id, 16), int(trace.span_id, 16), True, flags)


def _trace(position: SpanContext) -> Trace:
    return Trace(
        f"{position.trace_id:032x}", f"{position.span_id:016x}", position.trace_flags.sampled
    )


def _nothing() -> None:
    return


@dataclass
class _Seldom(logging.Filter):
    """Lets one line pass in `WARNED_EVERY_S`."""

    next_at: float = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        now = monotonic()
        passes = now >= self.next_at
        if passes:
            self.next_at = now + WARNED_EVERY_S
        return passes
