"""`onehour worker`: runs outbox messages (deadlines, e-mails, refunds) and periodic jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack

from adapters.celery.worker import Relay, serve
from adapters.prometheus.settings import MetricsOptions
from onehour.container import Container, build, close
from onehour.event_loops import new_event_loop
from onehour.metrics_server import metrics_socket, serve_metrics
from onehour.settings import Settings
from onehour.started import keep_what_started
from onehour.telemetry import Asgi, Observation, observe

NAME = "worker"


def main(settings: Settings) -> None:
    """Runs until SIGTERM. Any number of workers can run, on any number of machines. Raises
    `WrongSetting`, also when the port of the metrics is in use."""
    options = settings.section(MetricsOptions)
    with ExitStack() as opened:
        listener = metrics_socket(options, options.worker_port, "ONEHOUR_METRICS_WORKER_PORT")
        if listener:
            opened.enter_context(listener)
        observation = observe(settings, NAME, metrics=listener is not None)
        container = build(settings, observation.telemetry)
        endpoint = observation.endpoint
        shown = endpoint(container.store(), container.clock()) if endpoint else None
        metrics = MetricsTask(shown, listener.fileno()) if shown and listener else None
        work(container, observation, metrics)


def work(
    container: Container,
    observation: Observation | None = None,
    metrics: MetricsTask | None = None,
) -> None:
    """Runs a worker on the services of this container. Raises `WrongSetting`."""
    container.services()  # fails here, before any work starts, if a setting is wrong
    relay = WorkerRelay(container, observation, metrics)
    serve(container.celery(), relay, new_loop=new_event_loop)


class MetricsTask:
    """Serves metrics on the event loop of the worker."""

    def __init__(self, endpoint: Asgi, listening: int) -> None:
        self._endpoint, self._listening = endpoint, listening
        self._stopping = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._serving = asyncio.create_task(
            serve_metrics(self._endpoint, self._listening, self._stopping)
        )

    async def stop(self) -> None:
        self._stopping.set()
        if self._serving:
            await self._serving


class WorkerRelay(Relay):
    """Connects the Celery worker with the outbox and periodic services."""

    def __init__(
        self,
        container: Container,
        observation: Observation | None = None,
        metrics: MetricsTask | None = None,
    ) -> None:
        self._container = container
        self._observation, self._metrics = observation, metrics
        self._periodic_jobs_exist = False

    async def start(self) -> None:
        """Clients connect when they are first used; only the metrics are served from now on."""
        keep_what_started()
        if self._metrics:
            self._metrics.start()

    async def start_due(self, *, limit: int) -> Sequence[asyncio.Task[None]]:
        return await self._container.services().outbox.start_due(limit=limit)

    async def start_periodic(self) -> Sequence[asyncio.Task[None]]:
        """Starts the periodic jobs that are due. The first call creates their documents; `start`
        does not, because the database may be unavailable then."""
        runner = self._container.services().periodic
        if not self._periodic_jobs_exist:
            await runner.ensure()
            self._periodic_jobs_exist = True
        return await runner.start_due()

    async def run_due(self, *, limit: int, only: Sequence[str] = ()) -> int:
        return await self._container.services().outbox.run_due(limit=limit, only=only)

    async def stop(self) -> None:
        if self._metrics:
            await self._metrics.stop()
        await close(self._container)
        if self._observation:
            await self._observation.stop()
