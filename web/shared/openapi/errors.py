"""The errors of an operation: those every route of its kind has, and those it declares."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from core.errors import Conflict, Forbidden, Invalid, NotFound, OneHourError, Unavailable
from core.sessions import StepUpNeeded
from ports.idempotency_keys import KeyReused
from ports.payments import ForgedWebhook
from ports.store import Stale
from ports.tokens import TokenRefused
from web.shared.access import REQUIRED_ROLE, Access, SignInFirst, Who
from web.shared.api import is_idempotent
from web.shared.cookies import SAFE, ForgedRequest
from web.shared.errors import status_of_class

View = TypeVar("View", bound=Callable[..., Any])
Errors = dict[int, set[str]]
"""The codes of problems by status."""

HTTP_ERROR = "http_error"
"""The code of a problem that the web framework found."""


def document_errors(
    *errors: type[OneHourError], too_large: str = HTTP_ERROR
) -> Callable[[View], View]:
    """Declare the errors of a route beyond those that follow from its kind. `too_large` is the
    code for a body over the limit, where the route has one of its own."""

    def declare(view: View) -> View:
        view.documented_errors = errors  # type: ignore[attr-defined]
        view.too_large_code = too_large  # type: ignore[attr-defined]
        return view

    return declare


def errors_of(
    view: Callable[..., Any], access: Access, *, method: str, in_path: bool, query: bool, body: bool
) -> Errors:
    """Every problem an operation can answer. `in_path`, `query`, `body`: whether its path has
    variables, and whether it takes a query string or a body."""
    found: Errors = {500: {"internal"}}
    declared: tuple[type[OneHourError], ...] = getattr(view, "documented_errors", ())
    for error in (*_of_access(access, method), *_of_input(in_path, query, body), *declared):
        found.setdefault(status_of_class(error), set()).add(error.code)
    if is_idempotent(view):
        for error in (KeyReused, Invalid):
            found.setdefault(status_of_class(error), set()).add(error.code)
    if body:
        found[400] = {HTTP_ERROR}
        found[413] = {getattr(view, "too_large_code", HTTP_ERROR)}
    return found


def _of_access(access: Access, method: str) -> Iterator[type[OneHourError]]:
    yield Unavailable
    if access.who is Who.GATEWAY:
        yield ForgedWebhook
        return
    if access.cookies:
        yield TokenRefused
    if access.who is not Who.ANYONE:
        yield SignInFirst
    if access.who in REQUIRED_ROLE:
        yield Forbidden
    if access.step_up:
        yield StepUpNeeded
    if method not in SAFE:
        yield Conflict
        yield Stale
        if access.cookies:
            yield ForgedRequest


def _of_input(in_path: bool, query: bool, body: bool) -> Iterator[type[OneHourError]]:
    if in_path:
        yield NotFound
    if query or body:
        yield Invalid
