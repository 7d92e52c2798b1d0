"""The context of a request: dependencies, services, account, session and time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, cast

from quart import current_app, g
from quart.globals import app_ctx

from core.accounts import Account
from core.gst import Operator
from core.sessions import Session
from ports.clock import Clock
from ports.formats import Formats
from ports.payments import Checkout
from ports.store import Store
from ports.telemetry import NO_TELEMETRY, Telemetry
from services.bootstrap import Services
from web.shared.site_pages import SitePage


class CaughtMail(Protocol):
    """The development mail catcher, newest first: [{to, subject, text, html, at, files}]. `files`,
    the attachments, are [{name, type, text?}]."""

    def __call__(self, to: str | None) -> list[dict[str, object]]: ...


@dataclass(frozen=True, slots=True)
class Site:
    """The deployment of the site. `base_url` has no trailing slash."""

    base_url: str
    secret_key: str
    checkouts: Mapping[str, Checkout] = field(default_factory=dict)
    """The checkout data of payment gateways, by provider."""
    caught_mail: CaughtMail | None = None
    support_email: str = ""
    """Where people ask for help. Without one, the help page is linked instead."""
    operator: Operator = field(default_factory=Operator)
    """Who runs the site, for documents."""
    pages: Mapping[str, SitePage] = field(default_factory=dict)
    """The pages of the operator, by name (`web/site_pages`). Empty for those of the software."""

    @property
    def secure(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def cookie(self) -> str:
        """The name of the session cookie. `__Host-` binds it to this host and requires HTTPS."""
        return "__Host-onehour" if self.secure else "onehour"

    @property
    def device_cookie(self) -> str:
        """The name of the cookie with the known-device token; it gives no access."""
        return "__Host-known" if self.secure else "known"


@dataclass(frozen=True, slots=True)
class WebDependencies:
    """The dependencies of the web layer. `checks` are the readiness checks: each returns a status
    or raises `Unavailable`."""

    services: Services
    store: Store
    clock: Clock
    site: Site
    formats: Formats
    checks: Mapping[str, Callable[[], Awaitable[object]]] = field(default_factory=dict)
    telemetry: Telemetry = NO_TELEMETRY


def dependencies() -> WebDependencies:
    return cast(WebDependencies, current_app.extensions["dependencies"])


def services() -> Services:
    return dependencies().services


def site() -> Site:
    return dependencies().site


def locale() -> str:
    """The locale of the response: that of the site.

    Accept-Language is ignored, because all texts are in the site's language, and amounts and
    times must fit them.
    """
    return dependencies().formats.locale


def formats() -> Formats:
    """The formats of the viewer's locale, cached for the request."""
    if "formats" not in g:
        g.formats = dependencies().formats.in_locale(locale())
    return cast(Formats, g.formats)


def now() -> datetime:
    """The time of the request in UTC; constant, so that a page is consistent."""
    seen = app_ctx.g
    if "now" not in seen:
        seen.now = dependencies().clock.now()
    return cast(datetime, seen.now)


def viewer() -> Account | None:
    """The signed-in account, or None."""
    return cast(Account | None, g.get("viewer"))


def session() -> Session:
    """The session of the signed-in account; only on routes that declare one."""
    return cast(Session, g.session)


def pending() -> tuple[Account, Session]:
    """The account and session that await the second factor; only on routes that declare it."""
    return cast(tuple[Account, Session], g.pending)


def me() -> Account:
    """The signed-in account; only on routes that declare one."""
    account = viewer()
    assert account is not None
    return account
