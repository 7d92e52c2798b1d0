"""Settings of the MongoDB adapter."""

from __future__ import annotations

import re
import warnings
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from pymongo.errors import ConfigurationError, InvalidURI
from pymongo.uri_parser import parse_uri

from adapters.mongo.connection import Driver
from ports.settings import Deployment, WrongSetting, url


def _connection_string(given: str) -> str:
    """Checked by the driver, except where that needs DNS."""
    if given.startswith("mongodb+srv:"):
        return given
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # of an option that the driver does not know
        try:
            parse_uri(given)
        except (InvalidURI, ConfigurationError, ValueError, UserWarning):
            # The driver's text is left out: it may contain the value.
            raise ValueError(
                "a connection string with escaped password and known options, such as"
                " mongodb://user:password@host:27017/?replicaSet=rs0"
            ) from None
    return given


def _database(given: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,63}", given):
        raise ValueError("1 to 63 letters, digits, hyphens or underscores")
    return given


MongoUrl = Annotated[
    str, AfterValidator(url("mongodb", "mongodb+srv")), AfterValidator(_connection_string)
]


class MongoOptions(BaseSettings):
    """The settings section `ONEHOUR_MONGO_…`. The URL may contain a password."""

    model_config = SettingsConfigDict(
        env_prefix="ONEHOUR_MONGO_", frozen=True, hide_input_in_errors=True
    )

    url: MongoUrl | None = Field(default=None, repr=False)
    database: Annotated[str, AfterValidator(_database)] = "onehour"
    driver: Driver = Driver.PYMONGO

    def check_production(self, deployment: Deployment) -> None:
        if not self.url:
            raise WrongSetting(
                "In production ONEHOUR_MONGO_URL must be the mongodb:// address of a replica set."
            )
