"""Who may call a route. A route that does not say so keeps the application from starting."""

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
    """The declared callers; `PARTY` is signed in, and the service finds the thing only for
    those who have a part in it. `PENDING` has given the right password and owes the second
    factor. `GATEWAY` proves itself by signature."""

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
    """A route does not say who may call it."""


@dataclass(frozen=True, slots=True)
class Access:
    """What a route declares. `fresh`: a one-time code must have been entered a short while ago.
    `cookies` False: it neither reads nor sets any, so it needs no form token."""

    who: Who
    step_up: bool = False
    cookies: bool = True


def allow(who: Who, *, step_up: bool = False, cookies: bool = True) -> Callable[[View], View]:
    """Declare who may call the route; `fresh` asks for a one-time code of the last minutes,
    `cookies=False` is for programs that prove themselves in the request itself."""

    def declare(view: View) -> View:
        view.access = Access(who, step_up, cookies and who is not Who.GATEWAY)  # type: ignore[attr-defined]
        return view

    return declare


def access_of(app: Quart, endpoint: str) -> Access | None:
    known: dict[str, Access] = app.extensions.setdefault("access", {})
    if endpoint not in known:
        access = getattr(app.view_functions.get(endpoint), "access", None)
        if access is None:
            return None
        known[endpoint] = access
    return known[endpoint]


def require_declarations(app: Quart, *, open_to_anyone: frozenset[str]) -> None:
    """Raises `Undeclared` for the first route nobody has thought about."""
    app.extensions["access"] = {
        endpoint: Access(Who.ANYONE) for endpoint in open_to_anyone & app.view_functions.keys()
    }
    for rule in app.url_map.iter_rules():
        if access_of(app, rule.endpoint) is None:
            raise Undeclared(f"{rule.rule} ({rule.endpoint}) does not declare who may call it.")


def check(who: Who, viewer: Account | None, *, pending: bool = False) -> None:
    """Raises `SignInFirst` or `Forbidden` for a caller the route is not for."""
    if who in (Who.ANYONE, Who.GATEWAY) or (who is Who.PENDING and pending):
        return
    if viewer is None or who is Who.PENDING:
        raise SignInFirst
    role = REQUIRED_ROLE.get(who)
    if role and role not in viewer.roles:
        raise Forbidden(f"This is for {role.value} accounts.")
