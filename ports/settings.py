"""Settings of adapters and plugins: what a section may promise, and the error of a wrong one.

A section is a pydantic model defined beside the adapter or plugin it configures. A validator of
one field raises `ValueError` with the words that complete "ONEHOUR_… must be …"; a validator of
the whole model raises it with a whole sentence. No message may repeat a value: it may be a secret.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

from core.errors import Invalid


class WrongSetting(Invalid):
    """One sentence for the operator: which setting is wrong or missing, and what is wanted."""

    code = "wrong_setting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Where and how the application runs. URLs have no slash at their end.

    `base_url` is what people type, `own_url` is where processes of this machine reach the web
    server. `checkout_path` and `webhook_path` lead to the pages and webhooks of payment
    providers: the provider's name follows. `data_dir` is an absolute path.
    """

    in_production: bool
    base_url: str
    own_url: str
    checkout_path: str
    webhook_path: str
    data_dir: Path
    mail_from: str
    """The From line of every mail, such as `1HourDeveloper <hello@example.com>`."""


@runtime_checkable
class ChecksProduction(Protocol):
    """A section that is checked further when the application is open to the public."""

    def check_production(self, deployment: Deployment) -> None:
        """Raises `WrongSetting` for the first thing that is unsafe or missing. Asked only when
        the adapter is in use."""
        ...


def url(*schemes: str) -> Callable[[str], str]:
    """A validator: a URL with a host and one of these schemes; slashes at its end are dropped."""

    def check(given: str) -> str:
        if not _is_url(given, schemes):
            raise ValueError(f"a URL that begins with {either(f'{one}://' for one in schemes)}")
        return given.rstrip("/")

    return check


def _is_url(given: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(given)
    except ValueError:  # its message repeats the value
        return False
    return parts.scheme in schemes and bool(parts.netloc or (parts.scheme == "unix" and parts.path))


def either(names: Iterable[str]) -> str:
    """'a', 'a or b', 'a, b or c'."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def is_loopback(host: str) -> bool:
    """Whether `host` is a loopback address or `localhost`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
