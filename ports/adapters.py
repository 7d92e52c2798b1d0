"""Adapter offers: adapters by name, chosen by a setting such as ONEHOUR_PAYMENTS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, Protocol, TypeVar

from ports.clock import Clock
from ports.settings import Deployment
from ports.telemetry import NO_TELEMETRY, Telemetry

S = TypeVar("S")
A = TypeVar("A")

PortName = Literal["payments", "payouts", "video", "storage", "mail", "push", "virus_scan"]
"""The ports whose adapter is chosen by the setting ONEHOUR_<PORT>."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What the application passes to every adapter it builds."""

    deployment: Deployment
    http: Any
    """The shared `httpx.AsyncClient`. Ports import no library, hence the type `Any`."""
    clock: Clock
    telemetry: Telemetry = NO_TELEMETRY
    """Calls by way of `http` are observed already; other work can be marked as an operation."""
    link_secret: bytes = field(default=b"", repr=False)
    """Signs links to files; the same in all processes, and used for nothing else."""
    return_secret: bytes = field(default=b"", repr=False)
    """Signs return paths of e-mails, and never changes: mails come back days later."""


class LocalServer(Protocol):
    """Simulates a provider on this machine, for development. The web server serves `app` below
    `path` and removes that prefix from the request paths."""

    @property
    def path(self) -> str:
        """Such as `/simulator/bank`, without a trailing slash."""
        ...

    @property
    def app(self) -> Any:
        """An ASGI application."""
        ...

    async def start(self) -> None:
        """Start background work in the process that serves it."""
        ...

    async def stop(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalServerOffer(Generic[S]):
    """The local server of an adapter, used when no real provider is configured. `build` does no
    I/O."""

    build: Callable[[S, Deployment], LocalServer]
    replaced_by: str
    """The setting that configures the real provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterOffer(Generic[S, A]):
    """An adapter of `port`, chosen by the setting ONEHOUR_<PORT> being `name`.

    `settings` is its settings section: a frozen pydantic model (see `ports/settings.py`). Its
    `check_production`, if there is one, is called when the adapter is chosen. `build` makes the
    adapter without any I/O and raises `WrongSetting` for a missing setting. `configured` says
    whether these settings are enough to reach the real provider. A configured payment gateway is
    also built while another one is chosen, so that its payments are still settled and refunded.
    `local_server` is used when the adapter is chosen and not configured.

    Offers are imported at every start, so import slow modules inside the functions.
    """

    port: PortName
    name: str
    settings: type[S]
    build: Callable[[S, Resources], A]
    configured: Callable[[S], bool]
    local_server: LocalServerOffer[S] | None = None
