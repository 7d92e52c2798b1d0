"""Metrics and traces of a process, as the settings ask for them.

Their libraries are imported only when they are used: without these settings they cost nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from adapters.otlp.settings import OtlpOptions
from adapters.prometheus.settings import MetricsOptions
from onehour.settings import Settings
from ports.clock import Clock
from ports.store import Store
from ports.telemetry import Observer, Telemetry

Asgi = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What observes this process. `endpoint` makes the ASGI application of the metrics, from the
    store and the clock; None without metrics. `stop` sends the last spans."""

    telemetry: Telemetry
    endpoint: Callable[[Store, Clock], Asgi] | None
    stop: Callable[[], Awaitable[None]]


def observe(
    settings: Settings, process: str, *, metrics: bool, shared: Path | None = None
) -> Observation:
    """Called once, when a process starts. `process` is its name; `metrics` says whether it has an
    endpoint. Several processes behind one endpoint have the folder `shared`."""
    observers: list[Observer] = []
    endpoint = _observe_with_metrics(settings, process, shared, observers) if metrics else None
    stop = _observe_with_traces(settings, process, observers)
    return Observation(telemetry=Telemetry(tuple(observers)), endpoint=endpoint, stop=stop)


def _observe_with_metrics(
    settings: Settings, process: str, shared: Path | None, observers: list[Observer]
) -> Callable[[Store, Clock], Asgi]:
    from adapters.prometheus.endpoint import MetricsEndpoint
    from adapters.prometheus.metrics import Metrics
    from adapters.prometheus.outbox import OutboxReader
    from adapters.prometheus.processes import Processes

    processes = Processes(process, shared)
    processes.join()
    metrics = Metrics()
    observers.append(metrics)
    token = settings.section(MetricsOptions).token

    def endpoint(store: Store, clock: Clock) -> Asgi:
        return MetricsEndpoint(metrics, processes, OutboxReader(store, clock), token)

    return endpoint


def _observe_with_traces(
    settings: Settings, process: str, observers: list[Observer]
) -> Callable[[], Awaitable[None]]:
    options = settings.section(OtlpOptions)
    if options.url is None:
        return _nothing
    from adapters.otlp.traces import Traces

    traces = Traces(options, process=process, version=version("onehour"))
    observers.append(traces)
    return traces.stop


async def _nothing() -> None:
    return
