"""Settings of the identity providers."""

from __future__ import annotations

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ports.settings import Deployment, WrongSetting, url

HttpUrl = Annotated[str, AfterValidator(url("http", "https"))]


class _Registration(BaseSettings):
    """Client id and secret, which must be set together."""

    model_config = SettingsConfigDict(frozen=True, hide_input_in_errors=True)

    client_id: str | None = None
    client_secret: str | None = Field(default=None, repr=False)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        prefix = self.model_config.get("env_prefix", "")
        wanted = {f"{prefix}{name}".upper(): bool(value) for name, value in self._parts().items()}
        given = [name for name, is_given in wanted.items() if is_given]
        missing = [name for name, is_given in wanted.items() if not is_given]
        if given and missing:
            raise ValueError(f"{missing[0]} must be set beside {given[0]}.")
        return self

    def _parts(self) -> dict[str, str | None]:
        return {"client_id": self.client_id, "client_secret": self.client_secret}


class GoogleOptions(_Registration):
    """The settings section `ONEHOUR_GOOGLE_…`."""

    model_config = SettingsConfigDict(env_prefix="ONEHOUR_GOOGLE_")


class GitHubOptions(_Registration):
    """The settings section `ONEHOUR_GITHUB_…`."""

    model_config = SettingsConfigDict(env_prefix="ONEHOUR_GITHUB_")


class OpenIdOptions(_Registration):
    """The settings section `ONEHOUR_OPENID_…`: another OpenID provider. `issuer` is its URL
    before `/.well-known/openid-configuration`, `label` the text on its button."""

    model_config = SettingsConfigDict(env_prefix="ONEHOUR_OPENID_")

    issuer: HttpUrl | None = None
    label: str = "OpenID"

    def check_production(self, deployment: Deployment) -> None:
        if urlsplit(self.issuer or "https:").scheme != "https":
            raise WrongSetting("In production ONEHOUR_OPENID_ISSUER must be an https:// address.")

    def _parts(self) -> dict[str, str | None]:
        return {"issuer": self.issuer, **super()._parts()}
