"""The settings of the adapter."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from onehour.api import Deployment, WrongSetting, url

PREFIX = "ONEHOUR_PLUGIN_RAZORPAY_"
LIVE = "rzp_live_"

HttpsUrl = Annotated[str, AfterValidator(url("https"))]


class RazorpayOptions(BaseSettings):
    """The settings section `ONEHOUR_PLUGIN_RAZORPAY_…`. Without `key_id` the server on this machine
    takes Razorpay's place.

    `previous_webhook_secret` is accepted too: Razorpay signs repeats of older webhooks with the
    secret that was set when they were first sent.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, hide_input_in_errors=True)

    base_url: HttpsUrl = "https://api.razorpay.com"
    key_id: str | None = None
    key_secret: str = Field(default="", repr=False)
    webhook_secret: str = Field(default="", repr=False)
    previous_webhook_secret: str = Field(default="", repr=False)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        """A key without its secrets would be noticed only when the first client wants to pay."""
        if self.key_id:
            for name in ("key_secret", "webhook_secret"):
                if not getattr(self, name):
                    raise ValueError(f"{PREFIX}{name.upper()} must be set beside {PREFIX}KEY_ID.")
        return self

    def check_production(self, deployment: Deployment) -> None:
        if not (self.key_id or "").startswith(LIVE):
            raise WrongSetting(
                f"In production {PREFIX}KEY_ID must be the id of a live key, which begins with"
                f" {LIVE}."
            )
