"""Access checks of routes. The application does not start with an undeclared route."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from quart import Quart

from core.accounts import Account, Role
from core.errors import Forbidden, OneHourError

View = TypeVar("View", bound=Callable[..., Any])


class Who(StrEnum):
    """The callers that a route can declare.

    `PARTY` is signed in, and the service checks that the account is a party of the object.
    `PENDING` has entered the right password, but not yet the second factor. `GATEWAY`
    authenticates by a signature.
    """

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    CLIENT = "client"
    DEVELOPER = "developer"
    PARTY = "party"
    PENDING = "pending"
    ADMIN = "admin"
    GATEWAY = "gateway"


REQUIRED_ROLE = {Who.CLIENT: Role.CLIENT, Who.DEVELOPER: Role.DEVELOPER, Who.ADMIN: Role.ADMIN}


class SignInFirst(Forbidden):
    """Log in first."""

    code = "sign_in_first"


class Undeclared(OneHourError):
    """A route does not declare its callers."""


@dataclass(frozen=True, slots=True)
class Access:
    """The declaration of a route. `step_up`: a one-time code must have been entered within
    `policy.step_up_life`. `cookies` False: the route uses no cookies and needs no CSRF token."""

    who: Who
    step_up: bool = False
    cookies: bool = True


def allow(who: Who, *, step_up: bool = False, cookies: bool = True) -> Callable[[View], View]:
    """Declare the callers of a route. `step_up` requires a recent one-time code; `cookies=False`
    is for API clients that authenticate in the request itself."""

    def declare(view: View) -> View:
        view.access = Access(who, step_up, cookies and who is not Who.GATEWAY)  # type: ignore[attr-defined]
        return view

    return declare


def access_of(app: Quart, endpoint: str) -> Access | None:
    """The declaration of an endpoint, or None for an undeclared one."""
    cache: dict[str, Access] = app.extensions.setdefault("access", {})
    if endpoint not in cache:
        access = getattr(app.view_functions.get(endpoint), "access", None)
        if access is None:
            return None
        cache[endpoint] = access
    return cache[endpoint]


def require_declarations(app: Quart, *, open_to_anyone: frozenset[str]) -> None:
    """Raises `Undeclared` for the first undeclared route."""
    app.extensions["access"] = {
        endpoint: Access(Who.ANYONE) for endpoint in open_to_anyone & app.view_functions.keys()
    }
    for rule in app.url_map.iter_rules():
        if access_of(app, rule.endpoint) is None:
            raise Undeclared(f"{rule.rule} ({rule.endpoint}) does not declare who may call it.")


def check(who: Who, viewer: Account | None, *, pending: bool = False) -> None:
    """Raises `SignInFirst` or `Forbidden` for a caller without access."""
    if who in (Who.ANYONE, Who.GATEWAY) or (who is Who.PENDING and pending):
        return
    if viewer is None or who is Who.PENDING:
        raise SignInFirst
    role = REQUIRED_ROLE.get(who)
    if role and role not in viewer.roles:
        raise Forbidden(f"This is for {role.value} accounts.")
