"""The event loop of web processes and workers."""

from __future__ import annotations

import asyncio
from contextlib import suppress


def new_event_loop() -> asyncio.AbstractEventLoop:
    """One of uvloop where it is installed, which is not on Windows."""
    with suppress(ImportError):
        import uvloop

        return uvloop.new_event_loop()
    return asyncio.new_event_loop()
