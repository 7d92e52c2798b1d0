"""Counts and measures operations."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from ports.telemetry import BREAKER_OPEN, End, Kind, Observer, Operation

RATE_LIMITED = "429"
REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
MESSAGE_S = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 25.0)
CALL_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
PLUGIN_S = (0.001, 0.005, 0.01, 0.05, 0.1, 0.2, 1.0, 10.0)
TRANSACTION_S = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0)

Record = Callable[[Operation, float], None]
"""Records an operation that has ended, with its duration in seconds."""


class Metrics(Observer):
    """The metrics of this process, in `registry`. docs/operations.md lists them: every label has
    few values, none of which users choose."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = registry = CollectorRegistry()
        self._requests = Histogram(
            "onehour_http_request_duration_seconds",
            "Requests, by method, route pattern and status class.",
            ["method", "route", "status"],
            buckets=REQUEST_S,
            registry=registry,
        )
        self._rate_limited = Counter(
            "onehour_rate_limited_total",
            "Requests answered with 429.",
            ["route"],
            registry=registry,
        )
        self._sockets = Gauge(
            "onehour_sockets_open", "Open sockets.", registry=registry, multiprocess_mode="sum"
        )
        self._sockets.set(0)  # with shared files, a process that was killed has left its number
        self._events = Counter(
            "onehour_socket_events_total",
            "Events of sockets.",
            ["event", "outcome"],
            registry=registry,
        )
        self._messages = Counter(
            "onehour_outbox_messages_total",
            "Attempts to handle an outbox message.",
            ["kind", "outcome"],
            registry=registry,
        )
        self._message_seconds = Histogram(
            "onehour_outbox_message_duration_seconds",
            "Attempts to handle an outbox message.",
            ["kind"],
            buckets=MESSAGE_S,
            registry=registry,
        )
        self._jobs = Counter(
            "onehour_periodic_jobs_total",
            "Runs of periodic jobs.",
            ["job", "outcome"],
            registry=registry,
        )
        self._settlements = Counter(
            "onehour_payment_settlements_total",
            "Settlements of payments, by the status of the payment after it.",
            ["provider", "outcome"],
            registry=registry,
        )
        self._calls = Counter(
            "onehour_provider_calls_total",
            "HTTP calls to providers, and those a circuit breaker has not made.",
            ["host", "outcome"],
            registry=registry,
        )
        self._call_seconds = Histogram(
            "onehour_provider_call_duration_seconds",
            "HTTP calls to providers.",
            ["host"],
            buckets=CALL_S,
            registry=registry,
        )
        self._plugins = Counter(
            "onehour_plugin_calls_total",
            "Calls of plugins, by hook.",
            ["plugin", "hook", "outcome"],
            registry=registry,
        )
        self._plugin_seconds = Histogram(
            "onehour_plugin_call_duration_seconds",
            "Calls of plugins.",
            ["plugin"],
            buckets=PLUGIN_S,
            registry=registry,
        )
        self._transactions = Histogram(
            "onehour_database_transaction_duration_seconds",
            "Database transactions with their retries.",
            ["outcome"],
            buckets=TRANSACTION_S,
            registry=registry,
        )
        self._records: dict[Kind, Record] = {
            Kind.REQUEST: self._request,
            Kind.EVENT: self._event,
            Kind.MESSAGE: self._message,
            Kind.JOB: self._job,
            Kind.SETTLEMENT: self._settlement,
            Kind.CALL: self._call,
            Kind.PLUGIN: self._plugin,
            Kind.TRANSACTION: self._transaction,
        }

    def begin(self, operation: Operation) -> End:
        if operation.kind is Kind.CONNECTION:
            self._sockets.inc()
            return self._sockets.dec
        return partial(self._end, operation, perf_counter())

    def _end(self, operation: Operation, began: float) -> None:
        self._records[operation.kind](operation, perf_counter() - began)

    def _request(self, operation: Operation, seconds: float) -> None:
        status, route = operation.outcome, str(operation.details.get("route", ""))
        method = str(operation.details.get("method", ""))
        self._requests.labels(method, route, status_class(status)).observe(seconds)
        if status == RATE_LIMITED:
            self._rate_limited.labels(route).inc()

    def _event(self, operation: Operation, seconds: float) -> None:
        self._events.labels(operation.name, operation.outcome).inc()

    def _message(self, operation: Operation, seconds: float) -> None:
        self._messages.labels(operation.name, operation.outcome).inc()
        self._message_seconds.labels(operation.name).observe(seconds)

    def _job(self, operation: Operation, seconds: float) -> None:
        self._jobs.labels(operation.name, operation.outcome).inc()

    def _settlement(self, operation: Operation, seconds: float) -> None:
        self._settlements.labels(operation.name, operation.outcome).inc()

    def _call(self, operation: Operation, seconds: float) -> None:
        self._calls.labels(operation.name, operation.outcome).inc()
        if operation.outcome != BREAKER_OPEN:
            self._call_seconds.labels(operation.name).observe(seconds)

    def _plugin(self, operation: Operation, seconds: float) -> None:
        plugin, _, hook = operation.name.partition(" ")
        self._plugins.labels(plugin, hook, operation.outcome).inc()
        self._plugin_seconds.labels(plugin).observe(seconds)

    def _transaction(self, operation: Operation, seconds: float) -> None:
        self._transactions.labels(operation.outcome).observe(seconds)


def status_class(outcome: str) -> str:
    """`2xx` for `200`; words such as `cancelled` (the client has gone) stay."""
    return f"{outcome[0]}xx" if outcome.isdigit() else outcome
