"""Settings: the keys that sign access tokens."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

WANTED = "name:secret pairs separated by commas, each secret with 32 or more characters"
NAME = re.compile(r"[\w.-]{1,32}", re.ASCII)
SECRET_MINIMUM = 32


def _pairs(given: object) -> object:
    """(name, secret) pairs in order. A secret cannot contain a comma."""
    if not isinstance(given, str):
        return given
    parts = [part.strip().partition(":") for part in given.split(",") if part.strip()]
    found = tuple((name, secret) for name, _, secret in parts)
    fit = all(NAME.fullmatch(name) and len(key) >= SECRET_MINIMUM for name, key in found)
    if not fit or len(dict(found)) < len(found):
        raise ValueError(WANTED)
    return found


class TokenOptions(BaseSettings):
    """The settings section `ONEHOUR_TOKEN_…`. The first key signs, all are accepted. Without keys
    one is derived from the secret key of the application."""

    model_config = SettingsConfigDict(
        env_prefix="ONEHOUR_TOKEN_", frozen=True, hide_input_in_errors=True
    )

    keys: Annotated[tuple[tuple[str, str], ...], NoDecode, BeforeValidator(_pairs)] = Field(
        default=(), repr=False
    )
