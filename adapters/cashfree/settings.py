"""Settings of the Cashfree adapter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ports.payments import Checkout
from ports.settings import Deployment, WrongSetting, is_this_machine, url

ENVIRONMENTS = {"sandbox.cashfree.com": "sandbox", "api.cashfree.com": "production"}
HttpUrl = Annotated[str, AfterValidator(url("http", "https"))]


def _payments_api(given: str) -> str:
    if not given.endswith("/pg"):
        raise ValueError("a URL that ends with /pg, such as https://sandbox.cashfree.com/pg")
    return given


class CashfreeOptions(BaseSettings):
    """The settings section `ONEHOUR_CASHFREE_…`. Without `base_url` the local simulator is used."""

    model_config = SettingsConfigDict(
        env_prefix="ONEHOUR_CASHFREE_", frozen=True, hide_input_in_errors=True
    )

    base_url: Annotated[HttpUrl, AfterValidator(_payments_api)] | None = None
    client_id: str | None = None
    client_secret: str | None = Field(default=None, repr=False)
    api_version: str = "2025-01-01"
    sdk_url: HttpUrl | None = None
    mode: Literal["sandbox", "production"] = "sandbox"
    time_scale: float = Field(
        default=1.0, gt=0, le=1000, validation_alias="ONEHOUR_SIMULATOR_TIME_SCALE"
    )

    chaos: int | None = Field(default=None, ge=0, validation_alias="ONEHOUR_SIMULATOR_CHAOS")

    @property
    def keys(self) -> tuple[str, str]:
        """Client id and secret; those of the simulator if none are set."""
        return self.client_id or "simulator", self.client_secret or "simulator-secret"

    @model_validator(mode="after")
    def _one_environment(self) -> Self:
        """The checkout page and the API must be of the same environment."""
        host = (urlsplit(self.base_url or "").hostname or "").rstrip(".")
        of_host = ENVIRONMENTS.get(host, self.mode)
        if of_host != self.mode:
            raise ValueError(
                f"ONEHOUR_CASHFREE_MODE must be {of_host} beside Cashfree's {of_host} address."
            )
        return self

    def check_production(self, deployment: Deployment) -> None:
        if not self.client_id:
            raise WrongSetting(
                "In production ONEHOUR_CASHFREE_CLIENT_ID must be the id of your account."
            )
        if not self.client_secret:
            raise WrongSetting(
                "In production ONEHOUR_CASHFREE_CLIENT_SECRET must be the secret of your account."
            )
        self._check_addresses(deployment)

    def _check_addresses(self, deployment: Deployment) -> None:
        api = urlsplit(self.base_url or "")
        host = api.hostname or ""
        site = urlsplit(deployment.base_url).hostname
        ours = host.rstrip(".") == site or is_this_machine(host)
        if api.scheme != "https" or ours:
            raise WrongSetting(
                "In production ONEHOUR_CASHFREE_BASE_URL must be Cashfree's own https:// address,"
                " not the simulator's."
            )
        if urlsplit(self.sdk_url or "https:").scheme != "https":
            raise WrongSetting("In production ONEHOUR_CASHFREE_SDK_URL must begin with https://.")
        if "sandbox" not in host and self.mode != "production":
            raise WrongSetting(
                "ONEHOUR_CASHFREE_MODE must be production beside Cashfree's production address."
            )


@dataclass(frozen=True, slots=True)
class CashfreeSettings:
    """Keys and addresses of one Cashfree account in one environment.

    `base_url` ends with `/pg`. `checkout_base` is the URL of our checkout page, to which a slash
    and the payment session are appended. `notify_url` receives the webhooks (at most 250
    characters). `webhook_secrets` are all secrets that may sign a webhook while keys are rotated,
    by default the client secret.
    """

    base_url: str
    client_id: str
    client_secret: str = field(repr=False)
    checkout_base: str
    api_version: str = "2025-01-01"
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    notify_url: str | None = None
    checkout: Checkout | None = None
    """What our checkout page needs."""
    fallback_phone: str = "9999999999"
    """Sent for customers without a phone number, because Cashfree requires ten digits."""

    def __post_init__(self) -> None:
        if not self.base_url.endswith("/pg"):
            raise ValueError("the base URL of Cashfree Payments ends with /pg")
        if not self.client_id or not all(self.signing_secrets):
            raise ValueError("the Cashfree client id and every secret must be filled in")

    @property
    def signing_secrets(self) -> tuple[str, ...]:
        """The secrets a webhook may be signed with."""
        return self.webhook_secrets or (self.client_secret,)
