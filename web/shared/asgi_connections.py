"""Requests from the server to the application, and answers back, with little work for each.

As Quart does it, with one more task for a request instead of four, with headers that are found by
an index, and with an answer that is in memory sent as one message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache, partial
from typing import Any, cast
from urllib.parse import urlparse

from hypercorn.typing import ASGIReceiveCallable, ASGISendCallable
from quart import Request, Response
from quart.asgi import ASGIHTTPConnection, _handle_exception, _normalise_path
from quart.typing import ResponseTypes
from quart.utils import encode_headers
from quart.wrappers.response import DataBody
from werkzeug.datastructures import Headers
from werkzeug.datastructures.mixins import ImmutableHeadersMixin
from werkzeug.exceptions import BadRequestKeyError

from web.shared.headers import POLICY, completed
from web.shared.streamed_bodies import StreamedBody

POLICY_OF_STORED = frozenset({POLICY.lower().encode()})
"""A page that the client has stored keeps the policy with the nonce of its own."""


class RequestHeaders(ImmutableHeadersMixin, Headers):  # type: ignore[misc]
    """Headers that do not change. Werkzeug looks for a name by comparing all, and makes an
    exception for each that is missing: most of those that we ask for are."""

    def __init__(self, lines: Iterable[tuple[str, str]] = ()) -> None:
        self._list = list(lines)
        self._first = {name.lower(): value for name, value in reversed(self._list)}

    def get(  # type: ignore[override]
        self, key: str, default: Any = None, type: Any = None
    ) -> Any:
        found = self._first.get(key.lower())
        if found is None:
            return default
        return found if type is None else super().get(key, default, type)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.lower() in self._first

    def _get_key(self, key: str) -> str:
        found = self._first.get(key.lower())
        if found is None:
            raise BadRequestKeyError(key)
        return found


class Connection(ASGIHTTPConnection):
    """One request and its answer."""

    async def __call__(self, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """The handler is cancelled when the client goes away before it has its answer."""
        request = self._create_request_from_scope(send)
        receiving = asyncio.create_task(self.handle_messages(request, receive))
        try:
            async with asyncio.timeout(None) as connected:
                stop = partial(_stop, connected)
                receiving.add_done_callback(stop)
                try:
                    await self.handle_request(request, send)
                finally:
                    receiving.remove_done_callback(stop)
        except TimeoutError:
            if not connected.expired():
                raise
            receiving.result()
        finally:
            receiving.cancel()

    async def handle_messages(self, request: Request, receive: ASGIReceiveCallable) -> None:
        """Ends when the client has gone away."""
        body = cast(StreamedBody, request.body)
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            if message["type"] == "http.request":
                body.append(message.get("body", b""))
                if message.get("more_body", False):
                    await body.room()
                else:
                    body.set_complete()

    async def handle_request(self, request: Request, send: ASGISendCallable) -> None:
        try:
            response = await self.app.handle_request(request)
        except Exception as error:
            response = await _handle_exception(self.app, error)
        own = response.timeout if isinstance(response, Response) else Ellipsis
        limit = self.app.config["RESPONSE_TIMEOUT"] if own is Ellipsis else own
        with suppress(TimeoutError):
            async with asyncio.timeout(limit):
                await self._send_response(send, response)

    async def _send_response(self, send: ASGISendCallable, response: ResponseTypes) -> None:
        is_stored_page = response.status_code == 304 and response.mimetype == "text/html"
        lines = completed(
            encode_headers(response.headers),
            self.app.extensions["dependencies"].site,
            without=POLICY_OF_STORED if is_stored_page else frozenset(),
        )
        await send(
            {"type": "http.response.start", "status": response.status_code, "headers": lines}
        )
        body = response.response
        if isinstance(body, DataBody):
            data = body.data[body.begin : body.end]
            await send({"type": "http.response.body", "body": data, "more_body": False})
            return
        if isinstance(response, Response):
            async with response.response as parts:
                async for part in parts:
                    await _send_part(send, part)
        else:
            for part in response.response:
                await _send_part(send, part)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _create_request_from_scope(self, send: ASGISendCallable) -> Request:
        scope, config = self.scope, self.app.config
        lines = [("Remote-Addr", (scope.get("client") or ["<local>"])[0])]
        lines += [(_name(name), value.decode("latin1")) for name, value in scope["headers"]]
        headers = RequestHeaders(lines)
        if scope["http_version"] < "1.1" and "Host" not in headers:
            headers = RequestHeaders([*lines, ("Host", config["SERVER_NAME"] or "")])
        root = scope.get("root_path", "")
        path = scope["path"] if scope["path"].startswith("/") else urlparse(scope["path"]).path
        return self.app.request_class(
            scope["method"],
            scope["scheme"],
            _normalise_path(path, root) if root else path,
            scope["query_string"],
            headers,
            root,
            scope["http_version"],
            max_content_length=config["MAX_CONTENT_LENGTH"],
            body_timeout=config["BODY_TIMEOUT"],
            send_push_promise=partial(self._send_push_promise, send),
            scope=scope,
        )


async def _send_part(send: ASGISendCallable, part: str | bytes) -> None:
    body = part.encode() if isinstance(part, str) else part
    await send({"type": "http.response.body", "body": body, "more_body": True})


def _stop(connected: asyncio.Timeout, _: object) -> None:
    connected.reschedule(0)  # a time in the past


@lru_cache(maxsize=256)
def _name(name: bytes) -> str:
    return name.decode("latin1").title()
