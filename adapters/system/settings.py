"""Settings of password hashing."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from ports.settings import Deployment, WrongSetting

MINIMUM = 10
"""Source: OWASP Password Storage Cheat Sheet."""


class BcryptOptions(BaseSettings):
    """The settings section `ONEHOUR_BCRYPT_…`. `rounds` is the base-2 logarithm of the cost."""

    model_config = SettingsConfigDict(
        env_prefix="ONEHOUR_BCRYPT_", frozen=True, hide_input_in_errors=True
    )

    rounds: int = Field(default=12, ge=4, le=16)

    def check_production(self, deployment: Deployment) -> None:
        if self.rounds < MINIMUM:
            raise WrongSetting(f"In production ONEHOUR_BCRYPT_ROUNDS must be {MINIMUM} or more.")
