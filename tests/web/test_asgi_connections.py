"""How requests come in and answers go out."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from quart import Blueprint, request
from werkzeug.exceptions import BadRequest

from tests.patience import PATIENCE_S
from tests.web.site import build_site_with_booking
from web.shared.access import Who, allow
from web.shared.asgi_connections import RequestHeaders
from web.shared.capabilities import WebCapability

SCOPE: dict[str, Any] = {
    "type": "http", "http_version": "1.1", "scheme": "https", "method": "GET", "path": "/waiting",
    "raw_path": b"/waiting", "query_string": b"", "root_path": "", "client": ("203.0.113.9", 5),
    "server": ("testserver", 443), "headers": [(b"host", b"testserver")], "extensions": {},
}  # fmt: skip


def test_names_have_any_case_and_the_first_of_several_counts() -> None:
    headers = RequestHeaders([("Accept", "a"), ("X-One", "1"), ("Accept", "b")])

    assert (headers["accept"], headers.get("ACCEPT"), headers.getlist("Accept")) == (
        "a", "a", ["a", "b"],
    )  # fmt: skip
    assert headers.get("x-one", type=int) == 1
    assert headers.get("accept", 7, type=int) == 7
    assert ("x-ONE" in headers, "x-two" in headers, headers.get("x-two")) == (True, False, None)
    with pytest.raises(BadRequest):
        headers["x-two"]


def test_they_do_not_change() -> None:
    with pytest.raises(TypeError):
        RequestHeaders()["X-One"] = "1"


async def test_who_goes_away_cancels_the_handler() -> None:
    """And nothing is sent. The body has arrived, so that the handler has begun."""
    blueprint, ended, gone = Blueprint("waiting", __name__), list[str](), asyncio.Event()

    @blueprint.get("/waiting")
    @allow(Who.ANYONE)
    async def wait() -> str:
        gone.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(request.path)
        return "never"

    site = await build_site_with_booking(added=[WebCapability(name="waiting", pages=(blueprint,))])
    messages = [{"type": "http.request", "body": b"", "more_body": False}]
    sent = []

    async def receive() -> Any:
        if messages:
            return messages.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    async with asyncio.timeout(PATIENCE_S):
        await site.quart_app.asgi_app(SCOPE, receive, send)  # type: ignore[arg-type]

    assert (ended, sent) == (["/waiting"], [])


async def test_a_page_that_the_browser_has_stored_keeps_the_policy_with_its_nonce() -> None:
    site = await build_site_with_booking()

    async def answer(*headers: tuple[bytes, bytes]) -> tuple[int, dict[bytes, bytes]]:
        sent = list[Any]()

        async def receive() -> Any:
            return await asyncio.Event().wait()

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {**SCOPE, "path": "/api/v1/docs", "headers": [*SCOPE["headers"], *headers]}
        await site.quart_app.asgi_app(scope, receive, send)  # type: ignore[arg-type]
        return sent[0]["status"], {name.lower(): value for name, value in sent[0]["headers"]}

    first, found = await answer()
    again, stored = await answer((b"if-none-match", found[b"etag"]))

    assert (first, again) == (200, 304)
    assert b"'nonce-" in found[b"content-security-policy"]
    assert b"content-security-policy" not in stored
    assert stored[b"x-content-type-options"] == b"nosniff"
