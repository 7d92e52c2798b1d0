"""Settings of the traces, which are off unless a URL is set."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from ports.settings import url

HEADER = re.compile(r"\s*([\w-]+)=([!-+\--~][ -+\--~]*?)\s*", re.ASCII)


def _headers(given: object) -> object:
    if not isinstance(given, str):
        return given
    found = [HEADER.fullmatch(part) for part in given.split(",") if part.strip()]
    if not all(found):
        raise ValueError("NAME=VALUE pairs separated by commas")
    return tuple((each[1], each[2]) for each in found if each)


CollectorUrl = Annotated[str, AfterValidator(url("http", "https"))]


class OtlpOptions(BaseSettings):
    """The settings section `ONEHOUR_OTLP_…`. The headers may contain a secret."""

    model_config = SettingsConfigDict(
        env_prefix="ONEHOUR_OTLP_", frozen=True, hide_input_in_errors=True
    )

    url: CollectorUrl | None = Field(default=None, repr=False)
    headers: Annotated[tuple[tuple[str, str], ...], NoDecode, BeforeValidator(_headers)] = Field(
        default=(), repr=False
    )
    sample: float = Field(default=1.0, gt=0, le=1)
