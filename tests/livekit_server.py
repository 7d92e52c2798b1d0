"""A LiveKit server, the core of OpenVidu 3, where `make real-servers` has built it."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path

import httpx

from tests.patience import PATIENCE_S
from tests.real_servers import built
from tests.servers import free_ports, wait_for

KEY, SECRET = "APIonehourtest", "onehour-test-secret-0123456789abcdef0123"


class LiveKitServer:
    """Running on the loopback address. It makes no rooms by itself, and sends webhooks to `hook`
    if one is given."""

    def __init__(self, folder: Path, *, hook: str | None = None) -> None:
        port, tcp, udp = free_ports(3)
        config = {
            "port": port,
            "bind_addresses": ["127.0.0.1"],
            "keys": {KEY: SECRET},
            "rtc": {
                "tcp_port": tcp,
                "udp_port": udp,
                "use_external_ip": False,
                "node_ip": "127.0.0.1",
                "enable_loopback_candidate": True,
            },
            "room": {"auto_create": False},
            "webhook": {"api_key": KEY, "urls": [hook]} if hook else {},
            "logging": {"level": "warn"},
        }
        self.url, self.api_url = f"ws://127.0.0.1:{port}", f"http://127.0.0.1:{port}"
        program = built("livekit-server")
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [program, "--config-body", json.dumps(config)],  # JSON is YAML
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_for(self.process, port)

    async def until_ready(self) -> None:
        """It answers a moment after it listens."""
        async with asyncio.timeout(PATIENCE_S), httpx.AsyncClient(timeout=PATIENCE_S) as client:
            while (await client.get(self.api_url)).status_code != 200:  # noqa: ASYNC110 - a server
                await asyncio.sleep(0.1)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait(timeout=PATIENCE_S)
