"""What a house open to the public must have, and a house for trying out need not."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from onehour.values import WrongSetting

if TYPE_CHECKING:
    from onehour.settings import Settings

SECRET_MINIMUM = 32
EXAMPLE = "change-me"
"""The key in the example of `deploy/`, which everybody can read."""
BCRYPT_MINIMUM = 10
"""OWASP Password Storage."""


def check_production(settings: Settings) -> None:
    """Raises `WrongSetting` for the first thing that is unsafe or a stand-in."""
    _check_keys(settings)
    _check_servers(settings)
    _check_mail(settings)
    if settings.payments == "cashfree":
        _check_cashfree(settings)
    if urlsplit(settings.openid_issuer or "https:").scheme != "https":
        raise WrongSetting("In production ONEHOUR_OPENID_ISSUER must be an https:// address.")


def _check_keys(settings: Settings) -> None:
    for name in ("secret_key", "lasting_key"):
        key = getattr(settings, name)
        if len(key) < SECRET_MINIMUM or EXAMPLE in key:
            raise WrongSetting(
                f"In production ONEHOUR_{name.upper()} must be {SECRET_MINIMUM} or more characters"
                " nobody can guess."
            )
    if urlsplit(settings.base_url).scheme != "https":
        raise WrongSetting(
            "In production ONEHOUR_BASE_URL must be the https:// address of the site."
        )
    if settings.bcrypt_rounds < BCRYPT_MINIMUM:
        raise WrongSetting(f"In production ONEHOUR_BCRYPT_ROUNDS must be {BCRYPT_MINIMUM} or more.")


def _check_servers(settings: Settings) -> None:
    if not settings.mongo_url:
        raise WrongSetting(
            "In production ONEHOUR_MONGO_URL must be the mongodb:// address of a replica set."
        )
    if not settings.redis_url:
        raise WrongSetting("In production ONEHOUR_REDIS_URL must be the redis:// address to use.")


def _check_mail(settings: Settings) -> None:
    if settings.mail == "smtp" and not settings.smtp_url:
        raise WrongSetting("In production ONEHOUR_SMTP_URL must be the smtp:// server to use.")
    if settings.mail == "smtp" and not _encrypted(settings.smtp_url or ""):
        raise WrongSetting(
            "In production ONEHOUR_SMTP_URL must be smtps://… or end in ?starttls=1, unless the"
            " server is on this machine: mails carry codes and links."
        )
    if settings.mail == "mailjet":
        _check_mailjet(settings)
    if "@localhost" in settings.mail_from:
        raise WrongSetting("In production ONEHOUR_MAIL_FROM must be a mail address of yours.")


def _check_mailjet(settings: Settings) -> None:
    if not settings.mailjet_api_key:
        raise WrongSetting("In production ONEHOUR_MAILJET_API_KEY must be the key of your account.")
    if not settings.mailjet_secret_key:
        raise WrongSetting(
            "In production ONEHOUR_MAILJET_SECRET_KEY must be the secret of your account."
        )
    if urlsplit(settings.mailjet_base_url).scheme != "https":
        raise WrongSetting("In production ONEHOUR_MAILJET_BASE_URL must begin with https://.")
    if settings.mailjet_sandbox:
        raise WrongSetting(
            "In production ONEHOUR_MAILJET_SANDBOX must be 0, for mail to be delivered."
        )


def _check_cashfree(settings: Settings) -> None:
    if not settings.cashfree_client_id:
        raise WrongSetting(
            "In production ONEHOUR_CASHFREE_CLIENT_ID must be the id of your account."
        )
    if not settings.cashfree_client_secret:
        raise WrongSetting(
            "In production ONEHOUR_CASHFREE_CLIENT_SECRET must be the secret of your account."
        )
    api = urlsplit(settings.cashfree_base_url or "")
    own = api.hostname == urlsplit(settings.base_url).hostname or _is_here(api.hostname or "")
    if api.scheme != "https" or own:
        raise WrongSetting(
            "In production ONEHOUR_CASHFREE_BASE_URL must be Cashfree's own https:// address,"
            " not the simulator's."
        )
    if urlsplit(settings.cashfree_sdk_url or "https:").scheme != "https":
        raise WrongSetting("In production ONEHOUR_CASHFREE_SDK_URL must begin with https://.")
    if "sandbox" not in (api.hostname or "") and settings.cashfree_mode != "production":
        raise WrongSetting(
            "ONEHOUR_CASHFREE_MODE must be production beside Cashfree's production address."
        )


def _encrypted(smtp_url: str) -> bool:
    """Or never on a wire."""
    parts = urlsplit(smtp_url)
    starttls = parse_qs(parts.query).get("starttls") == ["1"]
    return parts.scheme == "smtps" or starttls or _is_here(parts.hostname or "")


def _is_here(host: str) -> bool:
    """Whether that is this very machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
