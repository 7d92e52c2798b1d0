"""The processes of a measurement: started like in production, stopped at the end."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

import httpx
import psutil

from onehour.local import mongo, redis
from onehour.local.ports import choose_ports

TIMEOUT_S = 180.0

DRIVER = "ONEHOUR_MONGO_DRIVER"
"""The one setting that measurements take from the environment: they compare the drivers."""


class SystemUnderTest:
    """The application with embedded servers in `folder`, or with the MongoDB at `mongo_url`."""

    def __init__(self, folder: Path, mongo_url: str | None) -> None:
        self._folder = folder
        ports = choose_ports(("mongo", "redis", "web", "simulator"), remembered=folder / "p.json")
        self._ports = ports
        self._own_mongo = mongo_url is None
        self.simulator_port = ports["simulator"]
        self.base_url = f"http://127.0.0.1:{ports['web']}"
        self.environ = {
            **{k: v for k, v in os.environ.items() if not k.startswith("ONEHOUR_") or k == DRIVER},
            "ONEHOUR_DATA_DIR": str(folder),
            "ONEHOUR_PORT": str(ports["web"]),
            "ONEHOUR_MONGO_URL": mongo_url or mongo.mongo_url(ports["mongo"]),
            "ONEHOUR_MONGO_DATABASE": "onehour_bench",
            "ONEHOUR_REDIS_URL": redis.redis_url(ports["redis"]),
            "ONEHOUR_SMTP_URL": "smtp://127.0.0.1:9",
            "ONEHOUR_BCRYPT_ROUNDS": "4",
            "ONEHOUR_SECRET_KEY": "a key for measurements alone, 32 characters",
            "ONEHOUR_LOG_LEVEL": "error",
            "ONEHOUR_CASHFREE_BASE_URL": f"http://127.0.0.1:{ports['simulator']}/pg",
            "ONEHOUR_CASHFREE_CLIENT_ID": "simulator",
            "ONEHOUR_CASHFREE_CLIENT_SECRET": "simulator-secret",
        }
        self._children: list[asyncio.subprocess.Process] = []
        self.database: list[psutil.Process] = []
        """The embedded database; empty with another one."""

    async def __aenter__(self) -> Self:
        servers = [redis.redis_child(self._folder, self._ports["redis"])]
        if self._own_mongo:
            database = mongo.mongo_child(self._folder, self._ports["mongo"])
            pid = (await self._start_process(database.command)).pid
            self.database.append(psutil.Process(pid))
            servers.append(database)
        await self._start_process(servers[0].command)
        async with asyncio.timeout(TIMEOUT_S):
            for server in servers:
                while True:
                    if server.ready is None or await server.ready():
                        break
                    await asyncio.sleep(0.1)
        return self

    async def __aexit__(self, *_: object) -> None:
        for child in reversed(self._children):
            await _stop_process(child)

    async def run(self, *arguments: str) -> None:
        """Runs a command of the application to its end. Raises `RuntimeError` if it fails."""
        process = await self._spawn(self._cli(*arguments))
        if await process.wait() != 0:
            raise RuntimeError(f"onehour {' '.join(arguments)} failed")

    async def start(self, *arguments: str) -> psutil.Process:
        """Starts a command that runs until the measurement ends. The first argument is a label."""
        return psutil.Process((await self._start_process(self._cli(*arguments[1:]))).pid)

    @asynccontextmanager
    async def web(
        self,
        processes: int = 1,
        *,
        lags: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> AsyncIterator[list[psutil.Process]]:
        """The web server, with the processes whose CPU time counts; `settings` are changed
        for it; with `lags` its process writes the lags of its loop there (`bench/loop_lag.py`)."""
        command = self._cli("web", "--processes", str(processes))
        if lags:
            command = (sys.executable, "-m", "bench.loop_lag", str(lags))
        child = await self._spawn(command, settings)
        try:
            await self._until_ready()
            parent = psutil.Process(child.pid)
            yield parent.children() or [parent]
        finally:
            await _stop_process(child)

    async def _until_ready(self) -> None:
        async with httpx.AsyncClient(base_url=self.base_url) as client, asyncio.timeout(TIMEOUT_S):
            while True:
                try:
                    if (await client.get("/readyz")).status_code == 200:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.1)

    async def _start_process(self, command: tuple[str, ...]) -> asyncio.subprocess.Process:
        process = await self._spawn(command)
        self._children.append(process)
        return process

    async def _spawn(
        self, command: tuple[str, ...], settings: Mapping[str, str] | None = None
    ) -> asyncio.subprocess.Process:
        environ = {**self.environ, **(settings or {})}
        return await asyncio.create_subprocess_exec(
            *command, env=environ, stdout=asyncio.subprocess.DEVNULL
        )

    @staticmethod
    def _cli(*arguments: str) -> tuple[str, ...]:
        return (sys.executable, "-m", "onehour.cli", *arguments)


async def _stop_process(child: asyncio.subprocess.Process) -> None:
    if child.returncode is None:
        child.terminate()
        try:
            await asyncio.wait_for(child.wait(), 15)
        except TimeoutError:
            child.kill()
            await child.wait()
