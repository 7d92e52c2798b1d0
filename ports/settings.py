"""Settings sections of adapters and plugins, their validators and their error.

A section is a pydantic model beside the adapter or plugin it configures. A validator of one field
raises `ValueError` with a text that completes "ONEHOUR_… must be …"; a validator of the whole
model raises it with a whole sentence. No message may contain a value, which may be a secret.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from socket import inet_aton
from typing import Protocol, runtime_checkable
from urllib.parse import urlsplit

from core.errors import Invalid

HOST = re.compile(r"[\w.:%-]+")
"""The characters of a host name or address; a URL has others only by mistake."""


class WrongSetting(Invalid):
    """One sentence for the operator: which setting is wrong or missing, and what is expected."""

    code = "wrong_setting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Where and how the application runs. URLs have no trailing slash.

    `base_url` is the public URL, and `files_url` that of links to files which the application
    serves; they are the same unless files have a host of their own. Processes on this machine reach
    the web server at `own_url`. `checkout_path`, `webhook_path` and
    `payout_webhook_path` are followed by a slash and the name of the provider. `data_dir` is an
    absolute path.
    """

    in_production: bool
    base_url: str
    files_url: str
    own_url: str
    checkout_path: str
    webhook_path: str
    data_dir: Path
    mail_from: str
    """The From header of every e-mail, such as `1HourDeveloper <hello@example.com>`."""
    payout_webhook_path: str = "/api/v1/webhooks/payouts"


@runtime_checkable
class ChecksProduction(Protocol):
    """A section with further checks for production."""

    def check_production(self, deployment: Deployment) -> None:
        """Raises `WrongSetting` for the first setting that is unsafe or missing. Called only if
        the adapter is in use."""
        ...


def check_folder(folder: Path, name: str) -> None:
    """Creates the folder that the setting `name` chooses if it is missing. Raises `WrongSetting` if
    this process cannot write files in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except (FileExistsError, NotADirectoryError):
        raise WrongSetting(f"{name} must be a folder, not a file.") from None
    except OSError as error:
        raise WrongSetting(
            f"{name} must be a folder in which files can be written ({error.strerror})."
        ) from None


def url(*schemes: str) -> Callable[[str], str]:
    """A validator for a URL with a host and one of these schemes; trailing slashes are removed."""

    def check(given: str) -> str:
        if not _is_url(given, schemes):
            raise ValueError(f"a URL that begins with {either(f'{one}://' for one in schemes)}")
        return given.rstrip("/")

    return check


def _is_url(given: str, schemes: tuple[str, ...]) -> bool:
    if re.search(r"\s", given):
        return False
    try:
        parts = urlsplit(given)
        hosts = [urlsplit(f"//{host}") for host in parts.netloc.rpartition("@")[2].split(",")]
        named = all(each.hostname and HOST.fullmatch(each.hostname) for each in hosts)
        _ = [each.port for each in hosts]  # raises for anything else than a port number
    except ValueError:  # its message contains the value
        return False
    socket_file = parts.scheme == "unix" and bool(parts.path)
    return parts.scheme in schemes and (socket_file or named)


def either(names: Iterable[str]) -> str:
    """'a', 'a or b', 'a, b or c'."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def is_this_machine(host: str) -> bool:
    """Whether the host of a URL is this machine: `localhost`, a loopback address, or the address
    that stands for all of them, in every spelling programs accept, such as `127.1`."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = _address(name)
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    return address is not None and (address.is_loopback or address.is_unspecified)


def _address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(name)
    except ValueError:
        pass
    try:
        return IPv4Address(inet_aton(name))  # short, octal, hexadecimal and plain numbers
    except OSError:
        return None
