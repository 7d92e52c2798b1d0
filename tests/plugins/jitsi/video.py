"""Rooms of a Jitsi server: a link with a token. The server has no API, and sends no news."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey
from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from onehour.api import (
    AdapterOffer,
    Clock,
    ForgedNews,
    Resources,
    VideoAdmission,
    VideoCallClient,
    VideoGuest,
    VideoNews,
    VideoPresent,
    VideoProvider,
    VideoRoom,
    WrongSetting,
    url,
)

HttpsUrl = Annotated[str, AfterValidator(url("https"))]


class JitsiOptions(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="ONEHOUR_PLUGIN_JITSI_", frozen=True, hide_input_in_errors=True
    )

    url: HttpsUrl | None = None
    app_id: str = "onehour"
    app_secret: str = Field(default="", repr=False)


@dataclass(frozen=True)
class JitsiVideo(VideoProvider):
    """`secret` is that of the server's token authentication, without which anybody who knows the
    name of a room could enter."""

    url: str
    app_id: str
    secret: OctKey
    clock: Clock
    name: str = "jitsi"

    @property
    def client(self) -> VideoCallClient:
        sources = {"frame-src": self.url}
        return VideoCallClient(Path(__file__).parent / "static", "jitsi.js", sources)

    async def prepare(self, room: VideoRoom) -> None:
        """A room comes into being with the first person who has a token for it."""

    async def admit(self, room: VideoRoom, guest: VideoGuest, *, until: datetime) -> VideoAdmission:
        until = until.replace(microsecond=0)
        claims = {
            "aud": "jitsi",
            "iss": self.app_id,
            "sub": urlsplit(self.url).hostname,
            "room": room.name,
            "nbf": int(self.clock.now().timestamp()),
            "exp": int(until.timestamp()),
            "context": {"user": {"id": guest.id, "name": guest.name}},
        }
        token = jwt.encode({"alg": "HS256"}, claims, self.secret)
        return VideoAdmission(f"{self.url}/{room.name}", token, (), until)

    async def present(self, room: VideoRoom) -> tuple[VideoPresent, ...] | None:
        """Nobody can be asked: presence is what the pages report."""
        return None

    async def remove(self, room: VideoRoom, guest_id: str) -> None:
        """Not possible from outside."""

    async def end(self, room: VideoRoom) -> None:
        """Tokens for the room end by themselves when it closes."""

    def parse_news(self, headers: Mapping[str, str], body: bytes) -> VideoNews:
        raise ForgedNews


def build(options: JitsiOptions, resources: Resources) -> JitsiVideo:
    if not options.url or not options.app_secret:
        missing = "APP_SECRET" if options.url else "URL"
        raise WrongSetting(f"ONEHOUR_PLUGIN_JITSI_{missing} must be set.")
    secret = OctKey.import_key(options.app_secret)
    return JitsiVideo(options.url, options.app_id, secret, resources.clock)


OFFER = AdapterOffer(
    port="video",
    name="jitsi",
    settings=JitsiOptions,
    build=build,
    configured=lambda options: bool(options.url and options.app_secret),
)
