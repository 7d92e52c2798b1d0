"""Settings of the S3 storage."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from ports.settings import Deployment, WrongSetting, is_this_machine, url


def _bucket(given: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", given):
        raise ValueError("the name of a bucket: 3 to 63 lower-case letters, digits, dots, dashes")
    return given


def _region(given: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", given):
        raise ValueError("a region, such as ap-south-1")
    return given


def _server(given: str) -> str:
    parts = urlsplit(given)
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        raise ValueError("a URL without path, query, user and password")
    return given


ServerUrl = Annotated[str, AfterValidator(url("http", "https")), AfterValidator(_server)]


class S3Options(BaseSettings):
    """The settings section `ONEHOUR_S3_…`."""

    model_config = SettingsConfigDict(
        env_prefix="ONEHOUR_S3_", frozen=True, hide_input_in_errors=True
    )

    url: ServerUrl | None = None
    public_url: ServerUrl | None = None
    region: Annotated[str, AfterValidator(_region)] = "us-east-1"
    bucket: Annotated[str, AfterValidator(_bucket)] | None = None
    access_key: str | None = None
    secret_key: str | None = Field(default=None, repr=False)
    path_style: bool | None = None

    @property
    def endpoint(self) -> str:
        return self.url or f"https://s3.{self.region}.amazonaws.com"

    @property
    def public_endpoint(self) -> str:
        """The server as browsers reach it."""
        return self.public_url or self.endpoint

    @property
    def has_bucket_in_path(self) -> bool:
        return self.url is not None if self.path_style is None else self.path_style

    @property
    def origin(self) -> str:
        """The origin of links."""
        parts = urlsplit(self.public_endpoint)
        host = parts.netloc if self.has_bucket_in_path else f"{self.bucket}.{parts.netloc}"
        return f"{parts.scheme}://{host}"

    def check_keys(self) -> None:
        """Raises `WrongSetting`."""
        if bool(self.access_key) != bool(self.secret_key):
            missing = "SECRET_KEY" if self.access_key else "ACCESS_KEY"
            raise WrongSetting(f"ONEHOUR_S3_{missing} is missing: the two keys go together.")

    def check_production(self, deployment: Deployment) -> None:
        if not self.bucket:
            raise WrongSetting("In production ONEHOUR_S3_BUCKET must be the bucket for files.")
        self.check_keys()
        parts = urlsplit(self.public_endpoint)
        if parts.scheme != "https" or is_this_machine(parts.hostname or ""):
            raise WrongSetting(
                "In production ONEHOUR_S3_PUBLIC_URL must be the https:// address of the S3 server"
                " for browsers."
            )
