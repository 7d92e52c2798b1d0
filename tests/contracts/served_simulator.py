"""The Cashfree simulator for tests: with its webhooks, and behind a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from socket import socket

import httpx
from hypercorn.asyncio import serve
from hypercorn.config import Config

from adapters.cashfree.simulator import Simulator, SimulatorSettings

CLIENT_ID = "shop"
CLIENT_SECRET = "a-secret-of-the-simulator"


@asynccontextmanager
async def simulator(
    folder: Path, url: str, took: list[httpx.Request], *, notify_url: str | None = None
) -> AsyncIterator[Simulator]:
    """A simulator with its own database, whose webhooks are put into `took`."""

    def take(request: httpx.Request) -> httpx.Response:
        took.append(request)
        return httpx.Response(200)

    settings = SimulatorSettings(
        folder / "books.db",
        url,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        notify_url=notify_url,
    )
    async with httpx.AsyncClient(transport=httpx.MockTransport(take)) as hooks:
        running = Simulator(settings, hooks)
        await running.start()
        try:
            yield running
        finally:
            await running.stop()


@asynccontextmanager
async def served(app: object) -> AsyncIterator[str]:
    """The app behind a real socket of this machine; its address."""
    listening = socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    config = Config()
    config.errorlog = None
    config.bind = [f"fd://{listening.detach()}"]
    done = asyncio.Event()
    serving = asyncio.create_task(serve(app, config, shutdown_trigger=done.wait))  # type: ignore[arg-type]
    try:
        yield address
    finally:
        done.set()
        await serving
