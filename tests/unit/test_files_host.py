"""A host of its own for files: which requests each of the two hosts answers."""

from __future__ import annotations

from typing import Any

import pytest

from web.shared.files_host import with_files_host

SITE, FILES = "https://hours.example", "https://files.example:8443"
ANSWERED = {"type": "http.response.start", "status": 200, "headers": []}


async def inner(scope: Any, receive: Any, send: Any) -> None:
    await send(ANSWERED)


async def ask(path: str, host: str, *, files_url: str = FILES, kind: str = "http") -> Any:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": kind, "path": path, "headers": [(b"host", host.encode())]}
    await with_files_host(inner, SITE, files_url)(scope, None, send)
    return sent[0].get("status", sent[0]["type"])


@pytest.mark.parametrize(
    ("path", "host", "status"),
    [
        ("/storage/token", "files.example:8443", 200),
        ("/storage/token", "FILES.example:8443", 200),
        ("/storage/token", "hours.example", 404),
        ("/", "hours.example", 200),
        ("/", "files.example:8443", 404),
        ("/storage", "files.example:8443", 404),
        ("/storagex/token", "files.example:8443", 404),
        ("/login", "files.example:8443", 404),
        ("/", "elsewhere.example", 200),
    ],
)
async def test_each_host_has_its_own(path: str, host: str, status: int) -> None:
    assert await ask(path, host) == status


async def test_no_sockets_on_the_host_for_files() -> None:
    refused = await ask("/socket.io/", "files.example:8443", kind="websocket")

    assert refused == "websocket.close"


@pytest.mark.parametrize("files_url", ["", SITE])
async def test_one_host_for_everything(files_url: str) -> None:
    assert await ask("/storage/token", "hours.example", files_url=files_url) == 200
    assert await ask("/", "hours.example", files_url=files_url) == 200
