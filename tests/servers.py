"""Local servers for tests, which speak the real protocols."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

MONGO_URL = "ONEHOUR_TEST_MONGO_URL"
"""Set in the environment, this server (a replica set) is tested instead of the embedded one."""
OPTIONS = "directConnection=true&retryWrites=false&journal=true&maxPoolSize=20"
START_S = 20.0
EMBEDDED = Path(__file__).with_name("embedded_mongo.py")


def start_mongo(folder: Path) -> tuple[subprocess.Popen[bytes] | None, str]:
    """A MongoDB with its data in `folder`, and its URL; no process if the environment names one."""
    given = os.environ.get(MONGO_URL)
    if given:
        return None, given
    port = free_port()
    options = ["--port", str(port), "--storage-path", str(folder)]
    process = subprocess.Popen(
        [sys.executable, "-P", EMBEDDED, *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for(process, port)
    return process, f"mongodb://127.0.0.1:{port}/?{OPTIONS}"


def stop(process: subprocess.Popen[bytes] | None) -> None:
    if process is not None:
        process.terminate()
        process.wait(timeout=10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def free_ports(count: int) -> list[int]:
    """All stay bound until the last is chosen, so that no two are equal."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    stop(process)
    raise RuntimeError("the server did not begin to listen")
