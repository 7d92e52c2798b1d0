"""Reads the root certificates of the machine once for all HTTP clients of a run.

Each `httpx` client reads them anew, which takes many times as long as the requests that a test then
makes, and nearly all of these go to servers without TLS.
"""

from __future__ import annotations

from functools import cache

from httpx._transports import default


def share() -> None:
    """For all clients that are created from now on. Nothing changes their TLS context later."""
    default.create_ssl_context = cache(default.create_ssl_context)  # type: ignore[attr-defined]
