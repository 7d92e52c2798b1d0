"""Settings of calls through OpenVidu 3 or LiveKit."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit, urlunsplit

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from ports.settings import Deployment, WrongSetting, url

SHORTEST_SECRET = 32
"""Characters. LiveKit warns about shorter ones: HS256 needs 256 bits."""
API_SCHEMES = {"ws": "http", "wss": "https"}

WsUrl = Annotated[str, AfterValidator(url("ws", "wss"))]
HttpUrl = Annotated[str, AfterValidator(url("http", "https"))]


def _long(given: str | None) -> str | None:
    if given is not None and len(given) < SHORTEST_SECRET:
        raise ValueError(f"the API secret, of at least {SHORTEST_SECRET} characters")
    return given


class OpenViduOptions(BaseSettings):
    """The settings section `ONEHOUR_OPENVIDU_…`.

    `url` is where browsers connect to, `api_url` where this application does, if that is another
    address of the same server. `key` and `secret` are `LIVEKIT_API_KEY` and `LIVEKIT_API_SECRET` of
    the server.
    """

    model_config = SettingsConfigDict(
        env_prefix="ONEHOUR_OPENVIDU_", frozen=True, hide_input_in_errors=True
    )

    url: WsUrl | None = None
    api_url: HttpUrl | None = None
    key: str | None = None
    secret: Annotated[str | None, AfterValidator(_long)] = Field(default=None, repr=False)

    def check_production(self, deployment: Deployment) -> None:
        if self.url and urlsplit(self.url).scheme != "wss":
            raise WrongSetting("In production ONEHOUR_OPENVIDU_URL must begin with wss://.")


def api_url_of(url: str) -> str:
    """The address of the API of a server whose address for browsers is `url`."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(scheme=API_SCHEMES[parts.scheme]))
