"""`onehour simulator`: the Cashfree simulator on its own, for teams that test against it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from hypercorn.asyncio import serve
from hypercorn.config import Config

from adapters.cashfree.simulator import Simulator, SimulatorSettings
from onehour.addresses import WEBHOOK_PATH
from onehour.settings import Settings

PORT = 8010


def main(settings: Settings, port: int | None) -> None:
    """Serve until SIGINT or SIGTERM; its books are kept in the data folder."""
    port = port or PORT
    base = f"http://{settings.host}:{port}"
    simulator = Simulator(
        replace(
            SimulatorSettings(
                database=settings.data_dir / "simulator.sqlite3",
                public_url=base,
                notify_url=f"{settings.base_url}{WEBHOOK_PATH}",
            ),
            client_id=settings.cashfree_client_id or "simulator",
            client_secret=settings.cashfree_client_secret or "simulator-secret",
            time_scale=settings.simulator_time_scale,
        )
    )
    print(f"Cashfree simulator: {base}/pg (client id {settings.cashfree_client_id or 'simulator'})")
    asyncio.run(_serve(simulator, settings.host, port))


async def _serve(simulator: Simulator, host: str, port: int) -> None:
    config = Config()
    config.bind = [f"{host}:{port}"]
    await simulator.start()
    try:
        await serve(simulator.app, config)
    finally:
        await simulator.stop()
