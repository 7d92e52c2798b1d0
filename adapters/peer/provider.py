"""Calls from browser to browser: nothing to prepare, and credentials for the TURN server."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from ports.video import (
    Admission,
    CallClient,
    ForgedNews,
    Guest,
    IceServer,
    News,
    Present,
    Room,
    VideoProvider,
)

CLIENT = CallClient(Path(__file__).parent / "static", "peer.js")
RELAYED_FOR = timedelta(minutes=10)
"""How long TURN credentials outlive the admission: a TURN server may ask for them again."""


class PeerVideo(VideoProvider):
    """Who is in a call, and who may send to whom, is decided for each event of the sockets
    (`services/calls`), so that there is no room here, and no token."""

    name = "peer"
    client = CLIENT

    def __init__(
        self,
        *,
        stun_urls: tuple[str, ...] = (),
        turn_urls: tuple[str, ...] = (),
        turn_secret: bytes = b"",
    ) -> None:
        self._stun_urls = stun_urls
        self._turn_urls = turn_urls
        self._turn_secret = turn_secret

    async def prepare(self, room: Room) -> None:
        """Nothing to do."""

    async def admit(self, room: Room, guest: Guest, *, until: datetime) -> Admission:
        servers = [IceServer(self._stun_urls)] if self._stun_urls else []
        if self._turn_urls:
            username, credential = turn_credentials(
                self._turn_secret, guest.id, until + RELAYED_FOR
            )
            servers.append(IceServer(self._turn_urls, username, credential))
        return Admission("", "", tuple(servers), until)

    async def present(self, room: Room) -> tuple[Present, ...] | None:
        return None

    async def remove(self, room: Room, guest_id: str) -> None:
        """Nothing to do: the events of the guest are refused from now on."""

    async def end(self, room: Room) -> None:
        """Nothing to do: all events are refused from now on."""

    def parse_news(self, headers: Mapping[str, str], body: bytes) -> News:
        """There is no server that could send news."""
        raise ForgedNews


def turn_credentials(secret: bytes, guest_id: str, until: datetime) -> tuple[str, str]:
    """User name and password for coturn with `use-auth-secret`, until that time."""
    username = f"{int(until.timestamp())}:{guest_id}"
    digest = hmac.digest(secret, username.encode(), "sha1")
    return username, base64.b64encode(digest).decode()
