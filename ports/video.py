"""Video calls between the two parties of a booking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from core.calls import RoomName
from core.errors import Conflict, Forbidden, Unavailable


class VideoUnavailable(Unavailable):
    """The video service does not respond. Try again in a moment."""

    code = "video_unavailable"
    service = "the video service"


class VideoRefused(Conflict):
    """The video service refused this permanently."""

    code = "video_refused"


class ForgedNews(Forbidden):
    """This message is not from the video service."""

    code = "signature_invalid"


@dataclass(frozen=True, slots=True)
class Room:
    """A room for two people. `name` is used for one call only. It is needed until `closes_at`."""

    name: RoomName
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Guest:
    """A person who may enter. `id` names the person in the room: a second connection with the same
    id replaces the first. `name` is shown to the other person."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class IceServer:
    """A STUN or TURN server for the browser."""

    urls: tuple[str, ...]
    username: str = ""
    credential: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Admission:
    """What a browser needs to enter a room as one person, until `expires_at`.

    `url` and `token` are for the module of the provider (`CallClient`). Both are empty for a
    provider without a server of its own, whose module uses the sockets of the site.
    """

    url: str
    token: str = field(repr=False)
    ice_servers: tuple[IceServer, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CallClient:
    """The provider's part of the call page: an ES module, `entry` in `folder`, whose other files it
    may import. It exports `open(options)` (docs/adapters.md). `sources` are further origins for
    the page by CSP directive, separated by spaces."""

    folder: Path
    entry: str
    sources: Mapping[str, str] = field(default_factory=dict)


class NewsKind(StrEnum):
    """What has happened in a room. `TROUBLE`: somebody's connection failed. `OTHER` is of no
    interest here."""

    JOINED = "joined"
    LEFT = "left"
    TROUBLE = "trouble"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class News:
    """A verified message of the provider about a room. `connection` names one connection of the
    guest, `at` is the provider's time."""

    kind: NewsKind
    room: RoomName
    guest: str
    connection: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Present:
    """A connection of a guest that is in the room now."""

    guest: str
    connection: str


class VideoProvider(Protocol):
    """Rooms for calls of two people. Rules for every adapter (onehour/testing/video.py):

    - nobody enters a room without an admission to that room, and nobody after it has expired;
    - every method may be called again with the same arguments, also after a lost answer;
    - `VideoUnavailable` means that the outcome is unknown, or the provider does not respond: the
      caller tries again. `VideoRefused` is final.
    """

    @property
    def name(self) -> str:
        """Stored with calls, and the last part of the address of its webhook."""
        ...

    @property
    def client(self) -> CallClient: ...

    async def prepare(self, room: Room) -> None:
        """Make the room, if there is none of this name."""
        ...

    async def admit(self, room: Room, guest: Guest, *, until: datetime) -> Admission:
        """Let the guest enter a prepared room, at the latest at `until`. Who is in the room then
        may stay. A further admission of the same guest does not end the earlier one."""
        ...

    async def present(self, room: Room) -> tuple[Present, ...] | None:
        """Who is in the room now. None if the provider cannot know: then presence is what the pages
        report. An unknown room is empty."""
        ...

    async def remove(self, room: Room, guest_id: str) -> None:
        """Put the guest out of the room. Without effect if the guest is not there."""
        ...

    async def end(self, room: Room) -> None:
        """Put everybody out and remove the room: no admission to it is of use from now on. Without
        effect if there is none."""
        ...

    def parse_news(self, headers: Mapping[str, str], body: bytes) -> News:
        """A message that the provider has sent to our webhook. Raises `ForgedNews` unless its
        signature over the raw bytes is right. Header names are in lower case."""
        ...
