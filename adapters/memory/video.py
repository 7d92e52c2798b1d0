"""Rooms for calls, in memory: with tokens, presence and news as a provider with a server."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from core.calls import RoomName
from ports.clock import Clock
from ports.video import (
    Admission,
    CallClient,
    ForgedNews,
    Guest,
    News,
    NewsKind,
    Present,
    Room,
    VideoProvider,
    VideoRefused,
    VideoUnavailable,
)

KEY = b"a key for news in tests"
SIGNATURE = "x-signature"


@dataclass
class MemoryVideo(VideoProvider):
    """`rooms` has who is in each room, by token; `down`: it does not respond. The module of its
    client does not exist."""

    clock: Clock
    name: str = "memory"
    client: CallClient = field(default=CallClient(Path(__file__).parent / "none", "none.js"))
    rooms: dict[RoomName, dict[str, Present]] = field(default_factory=dict)
    down: bool = False
    _admitted: dict[str, tuple[RoomName, str, datetime]] = field(default_factory=dict)

    async def prepare(self, room: Room) -> None:
        self._check()
        self.rooms.setdefault(room.name, {})

    async def admit(self, room: Room, guest: Guest, *, until: datetime) -> Admission:
        self._check()
        if room.name not in self.rooms:
            raise VideoRefused
        token = f"token_{len(self._admitted) + 1}"
        self._admitted[token] = room.name, guest.id, until
        return Admission("wss://video.test", token, (), until)

    async def present(self, room: Room) -> tuple[Present, ...] | None:
        self._check()
        return tuple(self.rooms.get(room.name, {}).values())

    async def remove(self, room: Room, guest_id: str) -> None:
        self._check()
        inside = self.rooms.get(room.name, {})
        for token in [token for token, one in inside.items() if one.guest == guest_id]:
            del inside[token]

    async def end(self, room: Room) -> None:
        self._check()
        self.rooms.pop(room.name, None)

    def parse_news(self, headers: Mapping[str, str], body: bytes) -> News:
        if not hmac.compare_digest(headers.get(SIGNATURE, ""), signature(body)):
            raise ForgedNews
        told = json.loads(body)
        return News(
            NewsKind(told["kind"]),
            RoomName(told["room"]),
            told["guest"],
            told["connection"],
            datetime.fromisoformat(told["at"]),
        )

    def enter(self, admission: Admission) -> bool:
        """As a browser with this admission; returns whether it is let in. An earlier connection of
        the same guest is put out."""
        room, guest, until = self._admitted[admission.token]
        if self.down or room not in self.rooms or self.clock.now() >= until:
            return False
        inside = self.rooms[room]
        for token in [token for token, one in inside.items() if one.guest == guest]:
            del inside[token]
        inside[admission.token] = Present(guest, f"con_{admission.token}")
        return True

    def _check(self) -> None:
        if self.down:
            raise VideoUnavailable


def signature(body: bytes) -> str:
    return hmac.new(KEY, body, hashlib.sha256).hexdigest()
