"""Rooms of OpenVidu 3, which speaks the LiveKit protocol.

The server must not make rooms by itself when somebody enters (`room.auto_create: false`), because
tokens outlive a room that has ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from math import ceil
from pathlib import Path
from urllib.parse import urlsplit

from adapters.openvidu import news
from adapters.openvidu.room_service import RoomService
from adapters.openvidu.settings import api_url_of
from adapters.openvidu.tokens import NotOfTheServer, Tokens
from ports.clock import Clock
from ports.video import (
    Admission,
    CallClient,
    ForgedNews,
    Guest,
    News,
    Present,
    Room,
    VideoProvider,
)

STATIC = Path(__file__).parent / "static"
PEOPLE = 2
SHORTEST = 60
"""Seconds that an empty room is kept at least."""
ACTIVE = "ACTIVE"
"""The state of a participant with whom pictures and sound can flow."""


class OpenViduVideo(VideoProvider):
    """`url` is the address of the server for browsers."""

    name = "openvidu"

    def __init__(self, url: str, api: RoomService, tokens: Tokens, clock: Clock) -> None:
        self._url, self._api, self._tokens, self._clock = url, api, tokens, clock

    @property
    def client(self) -> CallClient:
        return CallClient(STATIC, "openvidu.js", {"connect-src": _origins(self._url)})

    async def prepare(self, room: Room) -> None:
        """The server keeps the empty room as long as it is needed, also if nobody ends it."""
        left = (room.closes_at - self._clock.now()).total_seconds()
        await self._api.create_room(room.name, seconds=max(SHORTEST, ceil(left)), people=PEOPLE)

    async def admit(self, room: Room, guest: Guest, *, until: datetime) -> Admission:
        until = until.replace(microsecond=0)
        token = self._tokens.for_guest(
            room.name, guest.id, guest.name, now=self._clock.now(), until=until
        )
        return Admission(self._url, token, (), until)

    async def present(self, room: Room) -> tuple[Present, ...] | None:
        found = await self._api.participants(room.name)
        return tuple(
            Present(str(each.get("identity")), str(each.get("sid")))
            for each in found
            if each.get("state") == ACTIVE
        )

    async def remove(self, room: Room, guest_id: str) -> None:
        await self._api.remove_participant(room.name, guest_id)

    async def end(self, room: Room) -> None:
        await self._api.delete_room(room.name)

    def parse_news(self, headers: Mapping[str, str], body: bytes) -> News:
        try:
            token = headers.get("authorization", "")
            self._tokens.check_webhook(token, body, now=self._clock.now())
        except NotOfTheServer as error:
            raise ForgedNews from error
        return news.parse(body)


def _origins(url: str) -> str:
    """The browser library asks by HTTP, too, why a connection was refused."""
    parts = urlsplit(url)
    other = urlsplit(api_url_of(url))
    return f"{parts.scheme}://{parts.netloc} {other.scheme}://{other.netloc}"
