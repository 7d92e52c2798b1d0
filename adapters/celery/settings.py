"""Settings of Redis, which transports wake-ups between processes."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from ports.settings import Deployment, WrongSetting, url


def _options(given: str) -> str:
    """Checked by the driver, which takes a database that is no number for none."""
    from redis.connection import parse_url  # of a large package that few commands need

    try:
        parsed = parse_url(given)  # type: ignore[no-untyped-call]
    except ValueError:  # its text may contain the value
        parsed = {}
    path = urlsplit(given).path.strip("/")
    numbered = given.startswith("unix:") or not path or "db" in parsed
    if not parsed or not numbered:
        raise ValueError("a URL with a database number and known options, such as redis://host/0")
    return given


RedisUrl = Annotated[str, AfterValidator(url("redis", "rediss", "unix")), AfterValidator(_options)]


class RedisOptions(BaseSettings):
    """The settings section `ONEHOUR_REDIS_…`. The URL may contain a password."""

    model_config = SettingsConfigDict(
        env_prefix="ONEHOUR_REDIS_", frozen=True, hide_input_in_errors=True
    )

    url: RedisUrl | None = Field(default=None, repr=False)

    def check_production(self, deployment: Deployment) -> None:
        if not self.url:
            raise WrongSetting(
                "In production ONEHOUR_REDIS_URL must be the redis:// address to use."
            )
