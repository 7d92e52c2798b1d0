"""Settings of Redis, which transports wake-ups between processes."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from ports.settings import Deployment, WrongSetting, url

RedisUrl = Annotated[str, AfterValidator(url("redis", "rediss", "unix"))]


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
