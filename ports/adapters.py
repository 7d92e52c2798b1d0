"""How an adapter offers itself by name, to be chosen by a setting such as ONEHOUR_PAYMENTS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, TypeVar

from ports.clock import Clock
from ports.settings import Deployment

S = TypeVar("S")
A = TypeVar("A")

PortName = Literal["payments", "video", "storage", "mail"]
"""The ports whose adapter is chosen by name: each by the setting ONEHOUR_<PORT>."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What the application lends to the adapters it builds."""

    deployment: Deployment
    http: Any
    """The shared `httpx.AsyncClient`; ports import no library, so its type stands here."""
    clock: Clock


class LocalServer(Protocol):
    """Takes a provider's place on this machine, for trying out: served by the web server, below
    `path` of the site and without that prefix in the paths it sees."""

    @property
    def path(self) -> str:
        """Such as `/simulator/bank`, without a slash at its end."""
        ...

    @property
    def app(self) -> Any:
        """An ASGI application."""
        ...

    async def start(self) -> None:
        """Begin what it does on its own, in the process that serves it."""
        ...

    async def stop(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalServerOffer(Generic[S]):
    """A local server for when no address of the real one is set. Building it opens no port."""

    build: Callable[[S, Deployment], LocalServer]
    replaced_by: str
    """The setting that brings the real one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterOffer(Generic[S, A]):
    """An adapter of `port`, chosen by the setting ONEHOUR_<PORT> being `name`.

    `settings` is its section: a frozen pydantic model (see `ports/settings.py`), whose
    `check_production`, if it has one, is asked when the adapter is chosen. `build` makes the
    adapter without any I/O; it raises `WrongSetting` for what it cannot do without.
    `configured` says whether the real provider can be reached with these settings: a payment
    gateway that can is built also while another one is chosen, so that what was paid with it is
    still settled and refunded. `local_server` is used when the adapter is chosen and not
    configured.

    An offer is imported at every start: import what is slow inside the functions.
    """

    port: PortName
    name: str
    settings: type[S]
    build: Callable[[S, Resources], A]
    configured: Callable[[S], bool]
    local_server: LocalServerOffer[S] | None = None
