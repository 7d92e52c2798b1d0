"""HTTP calls to Razorpay: keys, time-out, size limit, and the meaning of errors."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from onehour.api import GatewayRefused, GatewayUnavailable, gateway_reason

log = logging.getLogger(__name__)

Entity = Mapping[str, Any]

SECONDS_PER_CALL = 10.0
BYTES_AT_MOST = 1024 * 1024
WRONG_KEY_STATUS = frozenset({401, 403})
TRY_AGAIN = frozenset({408, 409, 425, 429})
"""409: the first call with the same idempotency key is still being processed."""
NOT_FINAL = ("authentication failed", "api key", "enough balance")
"""Parts of the descriptions of errors that an operator can end: wrong keys, and a balance that does
not cover a refund. They are sent as HTTP 400, as final refusals are."""
PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Account:
    """An account of Razorpay. `base_url` is without `/v1`, `webhook_secrets` without the empty."""

    base_url: str
    key_id: str
    key_secret: str = field(repr=False)
    webhook_secrets: Sequence[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """A final answer: the entity of a success, or the error of a refusal."""

    entity: Entity | None
    error: Entity = field(default_factory=dict)

    def refusal(self) -> GatewayRefused:
        """The error to raise, with Razorpay's description for the operator, or else its code."""
        found = (self.error.get(name) for name in ("code", "reason", "description"))
        log.warning("Razorpay refused: %s", ", ".join(str(each) for each in found if each))
        said = (gateway_reason(self.error.get(name)) for name in ("description", "code"))
        return GatewayRefused(next(filter(None, said), ""))

    def needed(self) -> Entity:
        """The entity. Raises `GatewayRefused` without one."""
        if self.entity is None:
            raise self.refusal()
        return self.entity


class Wire:
    """The HTTP client of the gateway. `GatewayUnavailable` is raised if the outcome of a call is
    unknown or can change: no answer, 5xx, 429, wrong keys, an answer that is no JSON object."""

    def __init__(self, client: httpx.AsyncClient, account: Account) -> None:
        self._client = client
        self._account = account

    async def get(self, path: str, **params: str) -> Answer:
        return await self._call("GET", path, params=params)

    async def post(self, path: str, body: Entity, *, refund_key: str = "") -> Answer:
        """`refund_key` is the idempotency key, which Razorpay knows for refunds alone."""
        headers = {"X-Refund-Idempotency": refund_key} if refund_key else {}
        return await self._call("POST", path, body=body, headers=headers)

    async def listed(self, path: str, name: str = "items", **params: str) -> list[Entity]:
        """All entities of a list. Raises `GatewayUnavailable` if there are more than one page has:
        part of a list is never taken for the whole."""
        answer = await self.get(path, count=str(PER_PAGE), **params)
        found = answer.needed().get(name)
        if isinstance(found, list) and len(found) < PER_PAGE:
            entities: list[Entity] = [each for each in found if isinstance(each, dict)]
            if len(entities) == len(found):
                return entities
        log.error("Razorpay sent no complete list of %s for %s", name, path)
        raise GatewayUnavailable

    async def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Entity | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        request = self._client.build_request(
            method,
            f"{self._account.base_url}/v1{path}",
            params=params,
            json=body,
            headers={"Accept-Encoding": "identity", **(headers or {})},
            timeout=SECONDS_PER_CALL,
        )
        keys = httpx.BasicAuth(self._account.key_id, self._account.key_secret)
        try:
            # Time-outs of httpx are per read; this one is for the whole call.
            async with asyncio.timeout(SECONDS_PER_CALL):
                response = await self._client.send(
                    request, auth=keys, stream=True, follow_redirects=False
                )
                try:
                    raw = await _read(response)
                finally:
                    await response.aclose()
        except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
            log.warning("Razorpay did not answer %s %s: %r", method, path, error)
            raise GatewayUnavailable from error
        return _interpret(response.status_code, raw)


async def _read(response: httpx.Response) -> bytes:
    raw = bytearray()
    async for chunk in response.aiter_bytes():
        raw += chunk
        if len(raw) > BYTES_AT_MOST:
            raise httpx.DecodingError("the answer is longer than 1 MB", request=response.request)
    return bytes(raw)


def _interpret(status: int, raw: bytes) -> Answer:
    if status in WRONG_KEY_STATUS:
        log.error("Razorpay does not accept the key and its secret (HTTP %s)", status)
        raise GatewayUnavailable
    if status in TRY_AGAIN or not (200 <= status < 300 or 400 <= status < 500):
        log.warning("Razorpay answered HTTP %s", status)
        raise GatewayUnavailable
    parsed = _object(raw)
    if status < 300:
        if parsed is None:
            log.error("Razorpay answered HTTP %s without a JSON object", status)
            raise GatewayUnavailable
        return Answer(parsed)
    error = (parsed or {}).get("error")
    answer = Answer(None, error if isinstance(error, dict) else {})
    _raise_if_not_final(answer.error)
    return answer


def _raise_if_not_final(error: Entity) -> None:
    description = str(error.get("description", "")).lower()
    if any(part in description for part in NOT_FINAL):
        log.error("Razorpay needs the operator: %s", error.get("description"))
        raise GatewayUnavailable


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        parsed = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None
