"""Settings of the Mailjet adapter."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from ports.settings import Deployment, WrongSetting, url

HttpUrl = Annotated[str, AfterValidator(url("http", "https"))]


class MailjetOptions(BaseSettings):
    """The settings section `ONEHOUR_MAILJET_…`. With `sandbox`, e-mails are validated and never
    delivered."""

    model_config = SettingsConfigDict(
        env_prefix="ONEHOUR_MAILJET_", frozen=True, hide_input_in_errors=True
    )

    api_key: str | None = None
    secret_key: str | None = Field(default=None, repr=False)
    sandbox: bool = False
    events_secret: str | None = Field(default=None, repr=False, min_length=16)
    base_url: HttpUrl = "https://api.mailjet.com"

    def check_production(self, deployment: Deployment) -> None:
        if not self.api_key:
            raise WrongSetting(
                "In production ONEHOUR_MAILJET_API_KEY must be the key of your account."
            )
        if not self.secret_key:
            raise WrongSetting(
                "In production ONEHOUR_MAILJET_SECRET_KEY must be the secret of your account."
            )
        if urlsplit(self.base_url).scheme != "https":
            raise WrongSetting("In production ONEHOUR_MAILJET_BASE_URL must begin with https://.")
        if self.sandbox:
            raise WrongSetting(
                "In production ONEHOUR_MAILJET_SANDBOX must be 0, for mail to be delivered."
            )
