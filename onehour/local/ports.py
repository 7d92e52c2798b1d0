"""Free loopback ports that stay the same at each start unless another program uses them."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from pathlib import Path

from ports.settings import WrongSetting

LOOPBACK = "127.0.0.1"
BACKLOG = 1024
"""How many connections can wait until they are accepted."""


def reachable(host: str) -> str:
    """The address at which programs on this machine reach a server that listens on `host`."""
    return {"0.0.0.0": LOOPBACK, "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound


def listening_socket(
    host: str, port: int, *, names: tuple[str, str] = ("ONEHOUR_HOST", "ONEHOUR_PORT")
) -> socket.socket:
    """A listening socket, of the web server unless `names` are other settings of host and port.
    Raises `WrongSetting` when the address is in use."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise WrongSetting(
            f"{names[0]} and {names[1]} must be an address this process can listen on;"
            f" {host}:{port} is not ({_reason(error)})."
        ) from error


def _reason(error: OSError) -> str:
    """In words. The number of a failed name look-up is none of the operating system's."""
    if isinstance(error, socket.gaierror):
        return "no such host"
    return os.strerror(error.errno or 0)


def choose_ports(names: Iterable[str], *, remembered: Path) -> dict[str, int]:
    """A free port for each name. `remembered` is the JSON file that stores the choice."""
    before = _read(remembered)
    chosen: dict[str, int] = {}
    with ExitStack() as held:  # all stay bound until the last is chosen, so that no two are equal
        for name in names:
            probe = held.enter_context(_bound(before.get(name, 0)))
            chosen[name] = probe.getsockname()[1]
    remembered.write_text(json.dumps(before | chosen, indent=1))
    return chosen


def _read(remembered: Path) -> dict[str, int]:
    with suppress(FileNotFoundError, ValueError):
        return {name: int(port) for name, port in json.loads(remembered.read_text()).items()}
    return {}


def _bound(port: int) -> socket.socket:
    probe = socket.socket()
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind((LOOPBACK, port))
    except OSError:
        probe.bind((LOOPBACK, 0))
    return probe
