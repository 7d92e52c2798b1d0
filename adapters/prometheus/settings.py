"""Settings of the metrics, which are off unless a port is set."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

TOKEN_MINIMUM = 16


def _token(given: str) -> str:
    if len(given) < TOKEN_MINIMUM or not given.isascii() or " " in given:
        raise ValueError(f"{TOKEN_MINIMUM} or more ASCII characters without spaces")
    return given


Port = Annotated[int, Field(ge=1, le=65535)]


class MetricsOptions(BaseSettings):
    """The settings section `ONEHOUR_METRICS_…`."""

    model_config = SettingsConfigDict(
        env_prefix="ONEHOUR_METRICS_", frozen=True, hide_input_in_errors=True
    )

    host: str = "127.0.0.1"
    web_port: Port | None = None
    worker_port: Port | None = None
    token: Annotated[str, AfterValidator(_token)] | None = Field(default=None, repr=False)
