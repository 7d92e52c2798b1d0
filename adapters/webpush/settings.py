"""Settings of Web Push."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from ports.settings import Deployment, WrongSetting

NO_KEY = "ONEHOUR_WEBPUSH_PRIVATE_KEY is missing; `onehour push-key` prints a new one."


class WebPushOptions(BaseSettings):
    """The settings section `ONEHOUR_WEBPUSH_…`. The key identifies the site to the push services of
    browsers; with another key all subscriptions end."""

    model_config = SettingsConfigDict(
        env_prefix="ONEHOUR_WEBPUSH_", frozen=True, hide_input_in_errors=True
    )

    private_key: str | None = Field(default=None, repr=False)

    def check_production(self, deployment: Deployment) -> None:
        if not self.private_key:
            raise WrongSetting(NO_KEY)
