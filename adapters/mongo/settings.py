"""Settings of the MongoDB adapter."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from ports.settings import Deployment, WrongSetting, url

MongoUrl = Annotated[str, AfterValidator(url("mongodb", "mongodb+srv"))]


class MongoOptions(BaseSettings):
    """The settings section `ONEHOUR_MONGO_…`. The URL may contain a password."""

    model_config = SettingsConfigDict(
        env_prefix="ONEHOUR_MONGO_", frozen=True, hide_input_in_errors=True
    )

    url: MongoUrl | None = Field(default=None, repr=False)
    database: str = "onehour"

    def check_production(self, deployment: Deployment) -> None:
        if not self.url:
            raise WrongSetting(
                "In production ONEHOUR_MONGO_URL must be the mongodb:// address of a replica set."
            )
