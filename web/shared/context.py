"""What a request can ask for: the services, who is looking, and in which zone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, cast

from quart import current_app, g

from core.accounts import Account
from core.sessions import Session
from ports.clock import Clock
from ports.formats import Formats
from ports.payments import Checkout
from ports.store import Store
from services.bootstrap import Services


class CaughtMail(Protocol):
    """The development mail catcher, newest first: [{to, subject, text, html, at}]."""

    def __call__(self, to: str | None) -> list[dict[str, object]]: ...


@dataclass(frozen=True, slots=True)
class Site:
    """What the web layer knows of where it runs. `base_url` has no slash at its end."""

    base_url: str
    secret_key: str
    checkouts: Mapping[str, Checkout] = field(default_factory=dict)
    """What the checkout pages of payment providers need, by provider."""
    caught_mail: CaughtMail | None = None

    @property
    def secure(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def cookie(self) -> str:
        """`__Host-` binds the cookie to this very host; browsers take it over https alone."""
        return "__Host-onehour" if self.secure else "onehour"

    @property
    def device_cookie(self) -> str:
        """The cookie of a browser that has signed in before; it opens nothing."""
        return "__Host-known" if self.secure else "known"


@dataclass(frozen=True, slots=True)
class WebDependencies:
    """All the web layer stands on. `checks` are what /readyz asks: each returns a word about
    itself or raises `Unavailable`."""

    services: Services
    store: Store
    clock: Clock
    site: Site
    formats: Formats
    checks: Mapping[str, Callable[[], Awaitable[object]]] = field(default_factory=dict)


def dependencies() -> WebDependencies:
    return cast(WebDependencies, current_app.extensions["dependencies"])


def services() -> Services:
    return dependencies().services


def site() -> Site:
    return dependencies().site


def locale() -> str:
    """The language tag of what the viewer reads: the site's, until accounts keep their own.

    The header Accept-Language is not asked: all texts are in the site's language, and amounts
    and times in another one would not fit into their sentences.
    """
    return dependencies().formats.locale


def formats() -> Formats:
    """The formats of the viewer's locale; a page asks for them many times."""
    if "formats" not in g:
        g.formats = dependencies().formats.in_locale(locale())
    return cast(Formats, g.formats)


def now() -> datetime:
    """One moment for the whole request, so that a page does not contradict itself."""
    if "now" not in g:
        g.now = dependencies().clock.now()
    return cast(datetime, g.now)


def viewer() -> Account | None:
    return cast(Account | None, g.get("viewer"))


def session() -> Session:
    """The session of the signed-in account; only on routes that declare one."""
    return cast(Session, g.session)


def pending() -> tuple[Account, Session]:
    """Who still owes the second factor; only on routes that declare it."""
    return cast(tuple[Account, Session], g.pending)


def me() -> Account:
    """The signed-in account; only on routes that declare one."""
    account = viewer()
    assert account is not None
    return account
