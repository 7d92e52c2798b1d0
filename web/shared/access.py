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


class RoleNeeded(Forbidden):
    """This is for accounts of another role."""

    def __init__(self, role: Role) -> None:
        super().__init__(f"This is for {role.value} accounts.")
        self.role = role


class Undeclared(OneHourError):
    """A route does not declare its callers."""


@dataclass(frozen=True, slots=True)
class Access:
    """The declaration of a route. `step_up`: a one-time code must have been entered within
    `policy.step_up_life`. `cookies` False: the route uses no cookies and needs no CSRF token.
    `programs`: a program without cookies needs no CSRF token either, and gets no cookie.

    For the route of a form: `page` is the endpoint of the page with the form, `label` says what
    sending it does, and `keeps` False means that its input is never kept.

    `lasting`: a route of a plugin that answers also while the plugin is switched off.
    """

    who: Who
    step_up: bool = False
    cookies: bool = True
    page: str = ""
    label: str = ""
    keeps: bool = True
    programs: bool = False
    lasting: bool = False


def allow(
    who: Who,
    *,
    step_up: bool = False,
    cookies: bool = True,
    page: str = "",
    label: str = "",
    keeps: bool = True,
    programs: bool = False,
    lasting: bool = False,
) -> Callable[[View], View]:
    """Declare the callers of a route. `step_up` requires a recent one-time code; `cookies=False`
    is for API clients that authenticate in the request itself; `programs` is for routes of the API
    that a program without cookies calls before it has a token. `lasting` is for what a plugin owes
    to people also while it is switched off, such as the links in mails that it has sent.

    The rest is for forms whose sender must log in or enter a code first; they return to the form
    with what they typed. `page` is the endpoint of its page, needed where the page has another path
    than the form; it gets those variables of the path that it has itself. `label` is shown where
    the code is asked for, and on the button that repeats a form without input. `keeps=False`: there
    is nothing to return to.
    """

    def declare(view: View) -> View:
        view.access = Access(  # type: ignore[attr-defined]
            who, step_up, cookies and who is not Who.GATEWAY, page, label, keeps, programs, lasting
        )
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
    """Raises `SignInFirst` or `RoleNeeded` for a caller without access."""
    if who in (Who.ANYONE, Who.GATEWAY) or (who is Who.PENDING and pending):
        return
    if viewer is None or who is Who.PENDING:
        raise SignInFirst
    role = REQUIRED_ROLE.get(who)
    if role and role not in viewer.roles:
        raise RoleNeeded(role)
