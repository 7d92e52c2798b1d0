"""`onehour worker`: deadlines, mails, refunds and everything else that is owed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from adapters.celery.worker import Relay, serve
from onehour.container import Container, build, close
from onehour.settings import Settings


def main(settings: Settings) -> None:
    """Work until SIGTERM. As many of these as wanted may run, on as many machines."""
    work(build(settings))


def work(container: Container) -> None:
    container.services()  # what is set up wrongly is told before the work begins
    serve(container.celery(), WorkerRelay(container))


class WorkerRelay(Relay):
    def __init__(self, container: Container) -> None:
        self._container = container
        self._periodic_jobs_exist = False

    async def start(self) -> None:
        """Nothing to open: clients connect when they are first used."""

    async def start_due(self, *, limit: int) -> Sequence[asyncio.Task[None]]:
        return await self._container.services().outbox.start_due(limit=limit)

    async def start_periodic(self) -> Sequence[asyncio.Task[None]]:
        """The rows are made here and not in `start`, which the database may be away for."""
        runner = self._container.services().periodic
        if not self._periodic_jobs_exist:
            await runner.ensure()
            self._periodic_jobs_exist = True
        return await runner.start_due()

    async def run_due(self, *, limit: int, only: Sequence[str] = ()) -> int:
        return await self._container.services().outbox.run_due(limit=limit, only=only)

    async def stop(self) -> None:
        await close(self._container)
