"""Local servers for tests, which speak the real protocols."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.patience import PATIENCE_S

MONGO_URL = "ONEHOUR_TEST_MONGO_URL"
"""Set in the environment, this server (a replica set) is tested instead of the embedded one."""
OPTIONS = "directConnection=true&retryWrites=false&journal=true&maxPoolSize=20"
OWN_PORTS = (15_000, 32_000)
"""Below those from which the kernel chooses for clients and for port 0."""
_reserved: list[socket.socket] = []
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
        process.wait(PATIENCE_S)


def free_port() -> int:
    """A port for a server that will start. The kernel gives it to no client meanwhile, and no other
    test gets it while this process runs."""
    while True:
        port = random.SystemRandom().randrange(*OWN_PORTS)
        if _is_free(port) and _reserve(port):
            return port


def free_ports(count: int) -> list[int]:
    return [free_port() for _ in range(count)]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _reserve(port: int) -> bool:
    """Holds a name that only one process of the machine can have; it leaves no file. Elsewhere than
    on Linux there are no such names, and chance must do."""
    if sys.platform != "linux":
        return True
    held = socket.socket(socket.AF_UNIX)
    try:
        held.bind(f"\0onehour tests {port}")
    except OSError:
        held.close()
        return False
    _reserved.append(held)
    return True


def wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
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
