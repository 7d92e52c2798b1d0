"""Settings of the virus scanner clamd."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from ports.settings import Deployment, WrongSetting
from ports.storage import SIZE_MAXIMUM

PORT = 3310
NO_URL = "ONEHOUR_CLAMD_URL is missing: the clamd, tcp://host:3310 or unix:///path/of/its/socket."


def _url(given: str) -> str:
    try:
        parts = urlsplit(given)
        is_tcp = parts.scheme == "tcp" and parts.hostname and not parts.path.strip("/")
        is_unix = parts.scheme == "unix" and not parts.netloc and parts.path
        _ = parts.port  # raises ValueError for a wrong one
    except ValueError:  # its message contains the value
        is_tcp = is_unix = None
    if not (is_tcp or is_unix):
        raise ValueError("a URL such as tcp://scanner:3310 or unix:///run/clamav/clamd.ctl")
    return given


ClamdUrl = Annotated[str, AfterValidator(_url)]


class ClamdOptions(BaseSettings):
    """The settings section `ONEHOUR_CLAMD_…`. Files of more than `size_maximum` bytes are not sent;
    clamd has a limit of its own, StreamMaxLength."""

    model_config = SettingsConfigDict(
        env_prefix="ONEHOUR_CLAMD_", frozen=True, hide_input_in_errors=True
    )

    url: ClamdUrl | None = None
    timeout_s: float = Field(default=120.0, gt=0, le=600)
    size_maximum: int = Field(default=SIZE_MAXIMUM, ge=1)

    def check_production(self, deployment: Deployment) -> None:
        if not self.url:
            raise WrongSetting(NO_URL)
