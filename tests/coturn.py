"""A coturn TURN server, where the Debian package `coturn` is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.servers import free_port, stop, wait_for

SECRET = "a secret that the site and the relay share"


class Coturn:
    """On the loopback address, with the settings of docs/adapters.md as far as they concern
    credentials."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("turnserver")
        if program is None:
            pytest.skip("turnserver is not installed: apt-get install coturn")
        port = free_port()
        self.urls = tuple(f"turn:127.0.0.1:{port}?transport={each}" for each in ("udp", "tcp"))
        config = folder / "turnserver.conf"
        config.write_text(
            f"use-auth-secret\nstatic-auth-secret={SECRET}\nrealm=turn.onehour.test\n"
        )
        with (folder / "turnserver.log").open("wb") as log:
            self.process = subprocess.Popen(
                [
                    *(program, "-c", config, "--fingerprint", "--no-multicast-peers"),
                    *("--listening-ip", "127.0.0.1", "--listening-port", str(port)),
                    *("--relay-ip", "127.0.0.1", "--allow-loopback-peers"),
                    *("--no-tls", "--no-dtls", "--no-cli", "--log-file", "stdout"),
                    *("--pidfile", folder / "turnserver.pid", "--userdb", folder / "turn.db"),
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_for(self.process, port)

    def stop(self) -> None:
        stop(self.process)
