"""Calls of the RoomService API of LiveKit: Twirp with JSON over HTTPS.

Source: LiveKit's reference of the RoomService API, and the status codes of Twirp.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import httpx
import orjson

from adapters.openvidu.tokens import Tokens
from ports.clock import Clock
from ports.video import VideoRefused, VideoUnavailable

log = logging.getLogger(__name__)

TIMEOUT = 10.0
"""Seconds for a whole call, from connecting to the last byte of the response."""
BYTES_AT_MOST = 256 * 1024
"""Two participants with their tracks have less than 10 kilobytes."""
NOT_FOUND = 404
WRONG_KEYS = (401, 403)
TRY_AGAIN = (408, 429)


class RoomService:
    """Every call may be repeated. Raises `VideoUnavailable` and `VideoRefused`."""

    def __init__(self, client: httpx.AsyncClient, url: str, tokens: Tokens, clock: Clock) -> None:
        self._client, self._url, self._tokens, self._clock = client, url, tokens, clock

    async def create_room(self, room: str, *, seconds: int, people: int) -> None:
        """Without effect on a room that exists. An empty one is removed after `seconds`."""
        await self._call(
            "CreateRoom",
            {
                "name": room,
                "empty_timeout": seconds,
                "departure_timeout": seconds,
                "max_participants": people,
            },
            {"roomCreate": True},
        )

    async def participants(self, room: str) -> list[dict[str, Any]]:
        """None in an unknown room."""
        answer = await self._call("ListParticipants", {"room": room}, _admin(room))
        found = answer.get("participants")
        return [each for each in found if isinstance(each, dict)] if found else []

    async def remove_participant(self, room: str, identity: str) -> None:
        """Without effect if the participant, or the room, is not there."""
        wanted = {"room": room, "identity": identity}
        await self._call("RemoveParticipant", wanted, _admin(room), may_be_missing=True)

    async def delete_room(self, room: str) -> None:
        """Without effect if there is none."""
        await self._call("DeleteRoom", {"room": room}, {"roomCreate": True}, may_be_missing=True)

    async def _call(
        self,
        method: str,
        wanted: Mapping[str, object],
        grants: Mapping[str, object],
        *,
        may_be_missing: bool = False,
    ) -> dict[str, Any]:
        token = self._tokens.for_call(grants, now=self._clock.now())
        try:
            status, raw = await self._post(method, token, orjson.dumps(wanted))
        except (httpx.HTTPError, httpx.StreamError, TimeoutError) as error:
            log.warning("the video server did not respond to %s: %r", method, error)
            raise VideoUnavailable from error
        if status == NOT_FOUND and may_be_missing:
            return {}
        if status != 200:
            raise _failure(method, status)
        return _parsed(method, raw)

    async def _post(self, method: str, token: str, body: bytes) -> tuple[int, bytes]:
        request = self._client.build_request(
            "POST",
            f"{self._url}/twirp/livekit.RoomService/{method}",
            headers={
                "accept-encoding": "identity",  # compression would circumvent the size limit
                "authorization": f"Bearer {token}",
                "content-type": "application/json",
            },
            content=body,
            timeout=TIMEOUT,
        )
        # Time-outs of httpx are per read; this one is for the whole call.
        async with asyncio.timeout(TIMEOUT):
            response = await self._client.send(request, stream=True, follow_redirects=False)
            try:
                return response.status_code, await _read(response)
            finally:
                await response.aclose()


def _admin(room: str) -> dict[str, object]:
    return {"roomAdmin": True, "room": room}


async def _read(response: httpx.Response) -> bytes:
    raw = bytearray()
    async for chunk in response.aiter_bytes():
        raw += chunk
        if len(raw) > BYTES_AT_MOST:
            raise httpx.DecodingError("the response is too long", request=response.request)
    return bytes(raw)


def _failure(method: str, status: int) -> VideoUnavailable | VideoRefused:
    """The status says more than the body, which may be plain text."""
    if status in WRONG_KEYS:
        log.error(
            "the video server does not accept ONEHOUR_OPENVIDU_KEY and ONEHOUR_OPENVIDU_SECRET:"
            " HTTP %s",
            status,
        )
        return VideoUnavailable()
    log.error("the video server answered %s with HTTP %s", method, status)
    if status in TRY_AGAIN or status >= 500 or status < 400:
        return VideoUnavailable()
    return VideoRefused()


def _parsed(method: str, raw: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(raw)
    except orjson.JSONDecodeError:
        answer = None
    if not isinstance(answer, dict):
        log.error("the video server answered %s with something else than an object", method)
        raise VideoUnavailable
    return answer
