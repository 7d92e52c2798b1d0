"""`onehour worker`: runs outbox messages (deadlines, e-mails, refunds) and periodic jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from adapters.celery.worker import Relay, serve
from onehour.container import Container, build, close
from onehour.settings import Settings


def main(settings: Settings) -> None:
    """Runs until SIGTERM. Any number of workers can run, on any number of machines."""
    work(build(settings))


def work(container: Container) -> None:
    """Runs a worker on the services of this container. Raises `WrongSetting`."""
    container.services()  # fails here, before any work starts, if a setting is wrong
    serve(container.celery(), WorkerRelay(container))


class WorkerRelay(Relay):
    """Connects the Celery worker with the outbox and periodic services."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._periodic_jobs_exist = False

    async def start(self) -> None:
        """Does nothing: clients connect when they are first used."""

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
        await close(self._container)
