"""What a house open to the public must have, and a house for trying out need not."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from onehour.values import WrongSetting

if TYPE_CHECKING:
    from onehour.settings import Settings

SECRET_MINIMUM = 32
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def check_production(settings: Settings) -> None:
    """Raises `WrongSetting` for the first thing that is unsafe or a stand-in."""
    _check_keys(settings)
    _check_servers(settings)
    if settings.mail == "smtp":
        _check_mail(settings)
    if settings.payments == "cashfree":
        _check_cashfree(settings)


def _check_keys(settings: Settings) -> None:
    if len(settings.secret_key) < SECRET_MINIMUM:
        raise WrongSetting(
            f"In production ONEHOUR_SECRET_KEY must be {SECRET_MINIMUM} or more characters"
            " nobody can guess."
        )
    if urlsplit(settings.base_url).scheme != "https":
        raise WrongSetting(
            "In production ONEHOUR_BASE_URL must be the https:// address of the site."
        )


def _check_servers(settings: Settings) -> None:
    if not settings.mongo_url:
        raise WrongSetting(
            "In production ONEHOUR_MONGO_URL must be the mongodb:// address of a replica set."
        )
    if not settings.redis_url:
        raise WrongSetting("In production ONEHOUR_REDIS_URL must be the redis:// address to use.")


def _check_mail(settings: Settings) -> None:
    if not settings.smtp_url:
        raise WrongSetting("In production ONEHOUR_SMTP_URL must be the smtp:// server to use.")
    if "@localhost" in settings.mail_from:
        raise WrongSetting("In production ONEHOUR_MAIL_FROM must be a mail address of yours.")


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
    own_hosts = (*LOOPBACK, urlsplit(settings.base_url).hostname)
    if api.scheme != "https" or api.hostname in own_hosts:
        raise WrongSetting(
            "In production ONEHOUR_CASHFREE_BASE_URL must be Cashfree's own https:// address,"
            " not the simulator's."
        )
