"""What the Cashfree adapter must be told."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CashfreeSettings:
    """Keys and addresses of one Cashfree account in one environment.

    `base_url` ends with `/pg`. `checkout_base` is the page of our own site that starts the
    checkout script; the payment session is appended to it. `notify_url` is where this
    order's webhooks are to go (at most 250 characters). `webhook_secrets` lists every secret
    that may sign a webhook while keys are rotated; without it that is the client secret.
    """

    base_url: str
    client_id: str
    client_secret: str = field(repr=False)
    checkout_base: str
    api_version: str = "2025-01-01"
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    notify_url: str | None = None
    fallback_phone: str = "9999999999"
    """Cashfree demands ten digits; sent for customers who gave no number."""

    def __post_init__(self) -> None:
        if not self.base_url.endswith("/pg"):
            raise ValueError("the base URL of Cashfree Payments ends with /pg")
        if not self.client_id or not all(self.signing_secrets):
            raise ValueError("the Cashfree client id and every secret must be filled in")

    @property
    def signing_secrets(self) -> tuple[str, ...]:
        """The secrets a webhook may be signed with."""
        return self.webhook_secrets or (self.client_secret,)
