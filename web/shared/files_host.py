"""A host of its own for files (ONEHOUR_FILES_URL): nothing people upload comes from the host of the
site, and nothing but files comes from the host for files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from ports.storage_links import LINK_PATH

Asgi = Callable[[Any, Any, Any], Awaitable[None]]
NOTHING_HERE = b"There is nothing here.\n"
HEADERS = [
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"content-length", str(len(NOTHING_HERE)).encode()),
    (b"content-security-policy", b"default-src 'none'"),
    (b"x-content-type-options", b"nosniff"),
]


def with_files_host(inner: Asgi, base_url: str, files_url: str) -> Asgi:
    """ASGI middleware. Without a `files_url`, or with that of the site itself, everything comes
    from one host."""
    host = urlsplit(files_url).netloc.lower()
    if not host or host == urlsplit(base_url).netloc.lower():
        return inner

    async def middleware(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await inner(scope, receive, send)
            return
        of_files = scope["path"].startswith(f"{LINK_PATH}/")
        if of_files == (_host(scope["headers"]) == host):
            await inner(scope, receive, send)
        elif scope["type"] == "http":
            await send({"type": "http.response.start", "status": 404, "headers": HEADERS})
            await send({"type": "http.response.body", "body": NOTHING_HERE})
        else:
            await send({"type": "websocket.close", "code": 1008})

    return middleware


def _host(headers: list[tuple[bytes, bytes]]) -> str:
    found = [value for name, value in headers if name.lower() in (b"host", b":authority")]
    return found[0].decode("latin-1").lower() if len(found) == 1 else ""
