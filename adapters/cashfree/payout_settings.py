"""Settings of the adapter of Cashfree Payouts, a product of its own with keys of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from adapters.cashfree.payout_signature import public_key
from adapters.cashfree.settings import HttpUrl
from ports.settings import Deployment, WrongSetting, is_this_machine


def _payouts_api(given: str) -> str:
    if not given.endswith("/payout"):
        raise ValueError(
            "a URL that ends with /payout, such as https://sandbox.cashfree.com/payout"
        )
    return given


def _older_api(given: str) -> str:
    if not given.endswith("/payout/v1"):
        raise ValueError("a URL that ends with /payout/v1")
    return given


def _key_file(given: str) -> str:
    try:
        public_key(Path(given).read_bytes())
    except (OSError, ValueError) as error:
        raise ValueError("the path of a file with the RSA public key of the account") from error
    return given


class CashfreePayoutOptions(BaseSettings):
    """The settings section `ONEHOUR_CASHFREE_PAYOUTS_…`. Without `base_url` the local simulator is
    used."""

    model_config = SettingsConfigDict(
        env_prefix="ONEHOUR_CASHFREE_PAYOUTS_", frozen=True, hide_input_in_errors=True
    )

    base_url: Annotated[HttpUrl, AfterValidator(_payouts_api)] | None = None
    client_id: str | None = None
    client_secret: str | None = Field(default=None, repr=False)
    balance_url: Annotated[HttpUrl, AfterValidator(_older_api)] | None = None
    """Where the balance is asked for; None: it is not."""
    public_key: Annotated[str, AfterValidator(_key_file)] | None = None
    """The path of a file with the public key of the account, for signed calls."""
    chaos: int | None = Field(default=None, ge=0, validation_alias="ONEHOUR_SIMULATOR_CHAOS")

    @property
    def keys(self) -> tuple[str, str]:
        """Client id and secret; those of the simulator if none are set."""
        return self.client_id or "simulator", self.client_secret or "simulator-secret"

    def check_production(self, deployment: Deployment) -> None:
        if not self.client_id or not self.client_secret:
            raise WrongSetting(
                "In production ONEHOUR_CASHFREE_PAYOUTS_CLIENT_ID and _CLIENT_SECRET must be those"
                " of your Payouts account; ONEHOUR_PAYOUTS=off turns withdrawals off."
            )
        api = urlsplit(self.base_url or "")
        host = (api.hostname or "").rstrip(".")
        ours = host == urlsplit(deployment.base_url).hostname or is_this_machine(host)
        if api.scheme != "https" or ours:
            raise WrongSetting(
                "In production ONEHOUR_CASHFREE_PAYOUTS_BASE_URL must be Cashfree's own https://"
                " address, not the simulator's."
            )


@dataclass(frozen=True, slots=True)
class CashfreePayoutSettings:
    """Keys and address of one Payouts account. `base_url` ends with `/payout`."""

    base_url: str
    client_id: str
    client_secret: str = field(repr=False)
    api_version: str = "2024-01-01"
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    balance_url: str = ""
    """The older version of the API, which tells the balance. Empty: it is not asked for."""
    public_key: RSAPublicKey | None = field(default=None, repr=False)
    """If set, each call is signed with it."""

    @property
    def signing_secrets(self) -> tuple[str, ...]:
        """The secrets a webhook may be signed with."""
        return self.webhook_secrets or (self.client_secret,)
