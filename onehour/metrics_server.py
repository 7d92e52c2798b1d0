"""Serves metrics on a port of their own, so that the port of the site never shows them."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from ipaddress import ip_address
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config

from adapters.prometheus.settings import MetricsOptions
from onehour.local.ports import listening_socket

log = logging.getLogger(__name__)

STOP_S = 1.0
"""How long a running scrape may take after a stop."""


def metrics_socket(options: MetricsOptions, port: int | None, name: str) -> socket.socket | None:
    """The listening socket, None if no port is set. `name` is the setting of the port. Raises
    `WrongSetting` when the address is in use."""
    if port is None:
        return None
    listener = listening_socket(options.host, port, names=("ONEHOUR_METRICS_HOST", name))
    if options.token is None and not _is_loopback(listener):
        log.warning(
            "the metrics at %s:%d need no token: other machines can read them",
            options.host,
            port,
        )
    return listener


async def serve_metrics(endpoint: Any, listening: int, stop: asyncio.Event) -> None:
    """Serve until `stop`. A failure is logged: the process goes on with its work."""
    config = Config()
    config.bind = [f"fd://{os.dup(listening)}"]  # Hypercorn closes the descriptor it gets
    config.graceful_timeout = STOP_S
    config.include_server_header = False
    config.errorlog = logging.getLogger("hypercorn")
    try:
        await serve(endpoint, config, shutdown_trigger=stop.wait)
    except Exception:
        log.exception("the metrics are no longer served")


def _is_loopback(listener: socket.socket) -> bool:
    return ip_address(listener.getsockname()[0]).is_loopback
