"""`onehour web --processes N` beside a running application: its child processes can be ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from tests.api_client import until
from tests.patience import PATIENCE_S
from tests.process.running import START_S, RunningApp
from tests.servers import free_port

CHILD = "--listening"
"""An argument by which each of several web processes is recognised."""
SERVES, SUCCEEDED = "Running on http", "; restarting in"
"""What is logged when a process begins to accept connections, and when one has ended."""


@dataclass
class WebProcesses:
    """The web processes at `address`; `log` is what they write."""

    address: str
    supervisor: psutil.Process
    log: Path
    count: int

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def children(self) -> set[int]:
        found = set()
        for child in self.supervisor.children():
            with suppress(psutil.Error):  # it has just ended
                if CHILD in child.cmdline():
                    found.add(child.pid)
        return found

    def all_serve(self) -> bool:
        """Whether each of them has begun to accept connections, also the successors of those that
        have ended. Before that a connection may wait for as long as a process takes to start."""
        log = self.log.read_text()
        return log.count(SERVES) >= self.count + log.count(SUCCEEDED)

    def memory(self) -> int:
        """The resident bytes of all of them; a single one has no supervisor."""
        pids = self.children() or {self.supervisor.pid}
        return sum(int(psutil.Process(pid).memory_info().rss) for pid in pids)

    def serving(self, port: int) -> int:
        """The process at the other end of a connection from this port."""
        for pid in self.children():
            for each in psutil.Process(pid).net_connections("tcp4"):
                if each.raddr and each.raddr.port == port:
                    return pid
        raise AssertionError(f"no web process has a connection from port {port}")

    async def restart(self, pid: int) -> None:
        """End one of them as an upgrade does, and wait for its successor."""
        await self._end(pid, signal.SIGTERM)

    async def kill(self, pid: int) -> None:
        """Kill one of them, and wait for its successor."""
        await self._end(pid, signal.SIGKILL)

    async def _end(self, pid: int, number: signal.Signals) -> None:
        others = self.children() - {pid}
        os.kill(pid, number)

        async def has_successor() -> bool:
            return pid not in self.children() and len(self.children() - others) == 1

        await until(has_successor, what="a new web process", every_s=0.05)


@asynccontextmanager
async def web_processes(
    running: RunningApp, folder: Path, changed: Mapping[str, str] | None = None, *, count: int = 2
) -> AsyncIterator[WebProcesses]:
    """With the settings of the running application, on another port: they are one site, and accept
    the same sessions and tokens. `changed` are other settings. They must end with status 0."""
    log, port = folder / "web.log", free_port()
    process = _start(running, log, port, count, changed or {})
    found = WebProcesses(f"http://127.0.0.1:{port}", psutil.Process(process.pid), log, count)
    try:
        await until(
            lambda: _is_ready(found),
            what="web processes",
            timeout_s=START_S,
            every_s=0.1,
            state=lambda: log.read_text()[-2000:],
        )
        yield found
    finally:
        process.terminate()
        status = process.wait(PATIENCE_S)
    assert status == 0, log.read_text()


async def _is_ready(web: WebProcesses) -> bool:
    if not web.all_serve():
        return False
    try:
        async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
            return (await http.get(f"{web.address}/readyz")).is_success
    except httpx.HTTPError:
        return False


def _start(
    running: RunningApp, log: Path, port: int, count: int, changed: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    child = running.child("web")
    assert child is not None
    environ = {**child.environ(), "ONEHOUR_PORT": str(port), "ONEHOUR_BASE_URL": running.base_url}
    command = (sys.executable, "-m", "onehour.cli", "web", "--processes", str(count))
    with log.open("wb") as output:
        return subprocess.Popen(
            command, cwd=log.parent, env={**environ, **changed}, stdout=output, stderr=output
        )
