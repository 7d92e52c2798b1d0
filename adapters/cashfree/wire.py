"""HTTP calls to Cashfree: headers, time-out, size limit and error handling."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import httpx
import orjson

from adapters.cashfree.amounts import parse_json
from adapters.cashfree.breaker import Breaker
from core.payments_facts import gateway_reason
from ports.payments import GatewayRefused, GatewayUnavailable
from ports.telemetry import BREAKER_OPEN, NO_TELEMETRY, Kind, Telemetry

log = logging.getLogger(__name__)

SECONDS_PER_CALL = 10.0
BYTES_AT_MOST = 1024 * 1024
EXTENSIONS = {"timeout": httpx.Timeout(SECONDS_PER_CALL).as_dict()}
WRONG_KEYS = frozenset({401, 403})
TRY_AGAIN = frozenset({408, 425, 429})


class WireSettings(Protocol):
    """Keys and address of one product of Cashfree."""

    @property
    def base_url(self) -> str: ...
    @property
    def api_version(self) -> str: ...
    @property
    def client_id(self) -> str: ...
    @property
    def client_secret(self) -> str: ...


class ReplayedFailure(GatewayUnavailable):
    """The payment provider repeats an old error. Try again in a moment."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A final response: 2xx, or a 4xx that will be the same after a retry."""

    status: int
    body: object

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def unknown(self) -> bool:
        return self.status == 404

    def entity(self) -> Mapping[str, object]:
        """The JSON object of a successful response. Raises `GatewayUnavailable` if it is none."""
        if not isinstance(self.body, dict):
            log.error("Cashfree answered HTTP %s without a JSON object", self.status)
            raise GatewayUnavailable
        return self.body

    def entities(self) -> list[Mapping[str, object]]:
        """The JSON objects of a successful response. Raises `GatewayUnavailable` without a list."""
        if not isinstance(self.body, list) or not all(isinstance(e, dict) for e in self.body):
            log.error("Cashfree answered HTTP %s without a list of JSON objects", self.status)
            raise GatewayUnavailable
        return self.body

    def refusal(self) -> GatewayRefused:
        """The error for a refusal. Cashfree's message is logged for the operator."""
        error = self.body if isinstance(self.body, dict) else {}
        log.warning(
            "Cashfree refused: %s %s: %s", self.status, error.get("code"), error.get("message")
        )
        return GatewayRefused(gateway_reason(error.get("message") or error.get("code")))


class Wire:
    """The HTTP client of the gateway. `sign` makes further headers for each call. Methods raise
    `GatewayUnavailable` if the outcome of a call is unknown or can change later: no response, 5xx,
    429, wrong keys."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        settings: WireSettings,
        breaker: Breaker,
        telemetry: Telemetry = NO_TELEMETRY,
        sign: Callable[[], Mapping[str, str]] | None = None,
    ) -> None:
        self._sign = sign
        self._client = client
        self._settings = settings
        self._breaker = breaker
        self._telemetry = telemetry
        self._host = httpx.URL(settings.base_url).host
        self._own_headers = dict(client.headers)

    async def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        key: str = "",
        more: Mapping[str, str] | None = None,
    ) -> Answer:
        """One call. `path` is relative to `base_url`, `key` is the idempotency key, and `more` are
        further headers."""
        raw = None if body is None else orjson.dumps(body)
        return await self._call(method, path, raw, {**self._headers(key), **(more or {})})

    async def upload(self, path: str, content_type: str, body: bytes, *, key: str) -> Answer:
        """A POST of a form with a file."""
        return await self._call("POST", path, body, self._headers(key), content_type=content_type)

    async def _call(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
        *,
        content_type: str = "application/json",
    ) -> Answer:
        if self._breaker.open:
            with self._telemetry.operation(Kind.CALL, self._host) as unmade:
                unmade.outcome = BREAKER_OPEN
            raise GatewayUnavailable
        try:
            response, raw = await self._send(method, path, body, headers, content_type)
        except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
            self._breaker.record(failed=True)
            # A query can contain the number of an account.
            log.warning("Cashfree did not answer %s %s: %r", method, path.partition("?")[0], error)
            raise GatewayUnavailable from error
        self._breaker.record(failed=response.status_code >= 500 or response.status_code == 429)
        return _interpret(response, raw)

    async def create(self, path: str, body: Mapping[str, object], *, key: str) -> Answer:
        """A POST that is sent again without the idempotency key if Cashfree replays a stored 5xx,
        which it does for a day. Our id in the body is unique there, so the call stays
        idempotent."""
        try:
            return await self.call("POST", path, body, key=key)
        except ReplayedFailure:
            return await self.call("POST", path, body)

    async def _send(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
        content_type: str,
    ) -> tuple[httpx.Response, bytes]:
        request = httpx.Request(
            method,
            _url(self._settings.base_url + path),
            headers={**self._own_headers, **headers, "content-type": content_type},
            content=body,
            extensions=EXTENSIONS,
        )
        # Time-outs of httpx are per read; this one is for the whole call.
        async with asyncio.timeout(SECONDS_PER_CALL):
            response = await self._client.send(request, stream=True)
            try:
                return response, await _read(response)
            finally:
                await response.aclose()

    def _headers(self, key: str) -> dict[str, str]:
        headers = {
            "accept": "application/json",
            "accept-encoding": "identity",  # compression would circumvent the size limit
            "x-api-version": self._settings.api_version,
            "x-client-id": self._settings.client_id,
            "x-client-secret": self._settings.client_secret,
        }
        signed = dict(self._sign()) if self._sign else {}
        return headers | signed | ({"x-idempotency-key": key} if key else {})


@lru_cache(maxsize=256)
def _url(text: str) -> httpx.URL:
    """Most calls are to a few paths."""
    return httpx.URL(text)


async def _read(response: httpx.Response) -> bytes:
    raw = bytearray()
    async for chunk in response.aiter_bytes():
        raw += chunk
        if len(raw) > BYTES_AT_MOST:
            raise httpx.DecodingError("the response is longer than 1 MB", request=response.request)
    return bytes(raw)


def _interpret(response: httpx.Response, raw: bytes) -> Answer:
    status = response.status_code
    if status in WRONG_KEYS:
        log.error("Cashfree does not accept the client id and secret (HTTP %s)", status)
        raise GatewayUnavailable
    if status >= 500 and response.headers.get("x-idempotency-replayed") == "true":
        raise ReplayedFailure
    if status in TRY_AGAIN or not (200 <= status < 300 or 400 <= status < 500):
        log.warning("Cashfree answered HTTP %s", status)
        raise GatewayUnavailable
    return Answer(status, _parse(status, raw))


def _parse(status: int, raw: bytes) -> object:
    try:
        return parse_json(raw)
    except ValueError as error:
        if status >= 400:  # the status is enough for a refusal
            return {}
        log.error("Cashfree answered HTTP %s with invalid JSON", status)
        raise GatewayUnavailable from error
