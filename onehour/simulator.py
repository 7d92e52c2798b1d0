"""`onehour simulator`: runs only the Cashfree simulator, for teams that test against it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from hypercorn.asyncio import serve
from hypercorn.config import Config

from adapters.cashfree.offer import NAME, simulator_settings
from adapters.cashfree.settings import CashfreeOptions
from adapters.cashfree.simulator import Simulator
from onehour.settings import Settings

PORT = 8010


def main(settings: Settings, port: int | None) -> None:
    """Serves until SIGINT or SIGTERM. The simulator stores its data in the data directory."""
    port = port or PORT
    base = f"http://{settings.host}:{port}"
    deployment, options = settings.deployment, settings.section(CashfreeOptions)
    simulator = Simulator(
        replace(
            simulator_settings(options, deployment),
            public_url=base,
            notify_url=f"{deployment.base_url}{deployment.webhook_path}/{NAME}",
        )
    )
    print(f"The Cashfree simulator is running at {base}/pg (client id {options.keys[0]}).")
    asyncio.run(_serve(simulator, settings.host, port))


async def _serve(simulator: Simulator, host: str, port: int) -> None:
    config = Config()
    config.bind = [f"{host}:{port}"]
    await simulator.start()
    try:
        await serve(simulator.app, config)
    finally:
        await simulator.stop()
