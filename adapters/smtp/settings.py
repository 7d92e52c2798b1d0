"""Settings of the SMTP adapter."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from adapters.smtp.return_paths import LOCAL_LONGEST
from core.email_addresses import is_plain
from ports.settings import Deployment, WrongSetting, is_this_machine, url


def _options(given: str) -> str:
    options = parse_qs(urlsplit(given).query, keep_blank_values=True)
    if options not in ({}, {"starttls": ["0"]}, {"starttls": ["1"]}):
        raise ValueError("a URL whose only option is ?starttls=1 or ?starttls=0")
    return given


def _return_path(given: str) -> str:
    local, _, host = given.rpartition("@")
    if not (is_plain(given) and host and "+" not in local and len(local) <= LOCAL_LONGEST):
        raise ValueError(
            f"an e-mail address without + and with at most {LOCAL_LONGEST} characters before the @"
        )
    return given


SmtpUrl = Annotated[str, AfterValidator(url("smtp", "smtps")), AfterValidator(_options)]


class SmtpOptions(BaseSettings):
    """The settings section `ONEHOUR_SMTP_…`. The URL is
    `smtp://[user:password@]host[:port][?starttls=1]` or `smtps://…`; `return_path` is the address
    to which mail comes back."""

    model_config = SettingsConfigDict(
        env_prefix="ONEHOUR_SMTP_", frozen=True, hide_input_in_errors=True
    )

    url: SmtpUrl | None = Field(default=None, repr=False)
    return_path: Annotated[str, AfterValidator(_return_path)] | None = None

    def check_production(self, deployment: Deployment) -> None:
        if not self.url:
            raise WrongSetting("In production ONEHOUR_SMTP_URL must be the smtp:// server to use.")
        if not _is_safe(self.url):
            raise WrongSetting(
                "In production ONEHOUR_SMTP_URL must be smtps://… or end in ?starttls=1, unless"
                " the server is on this machine: mails carry codes and links."
            )


def _is_safe(url: str) -> bool:
    """Whether e-mails are encrypted, or sent to this machine only."""
    parts = urlsplit(url)
    starttls = parse_qs(parts.query).get("starttls") == ["1"]
    return parts.scheme == "smtps" or starttls or is_this_machine(parts.hostname or "")
