"""Imports large libraries without the parts that the application does not use."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

UNUSED = ("requests", "websocket", "valkey", "opentelemetry.sdk.metrics", "rich")
"""What Engine.IO, Socket.IO, redis-py and HTTPX import where it is installed: for clients of
sockets, another server, metrics of their own and a command. It took a tenth of a start."""


def import_libraries() -> None:
    """For commands that use the application, before they import it. Without what is `UNUSED`:
    whoever needs it imports it later."""
    with _hidden(*UNUSED):
        import httpx  # noqa: F401
        import socketio  # noqa: F401


@contextmanager
def _hidden(*names: str) -> Iterator[None]:
    """Modules that cannot be imported meanwhile, apart from those that are already."""
    hidden: dict[str, Any] = dict.fromkeys(set(names) - sys.modules.keys())
    sys.modules.update(hidden)  # None means that there is no such module
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
