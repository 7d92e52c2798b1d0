"""Compares every answer of the API in a test with what the API's description says about it."""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError
from quart import Quart, Response, request
from quart.signals import request_finished

from tests.decoding import decoded
from web.shared.access import access_of
from web.shared.openapi.models import Archive, CalendarFile
from web.shared.openapi.routes import Route

undocumented: list[str] = []
"""What the answers since the last check had that is not in the description."""


def watch() -> None:
    """Compare all answers from now on."""
    request_finished.connect(_compare)


async def _compare(app: Quart, *, response: Response, **_: Any) -> None:
    rule, access = request.url_rule, None
    if rule is not None and rule.rule.startswith("/api/"):
        access = access_of(app, rule.endpoint)
    if rule is None or access is None or request.method in ("HEAD", "OPTIONS"):
        return
    view = app.view_functions[rule.endpoint]
    if getattr(view, "_quart_schema_hidden", False):
        return
    route = Route(rule, request.method, view, access)
    if response.status_code == 304:
        return  # without a body, to a client that has it
    encoding = response.headers.get("Content-Encoding")
    body = decoded(encoding, await response.get_data(as_text=False))
    problem = _difference(route, response.status_code, body)
    if problem:
        undocumented.append(f"{route.id}: {problem}")


def _difference(route: Route, status: int, body: bytes) -> str:
    if not route.answers and status < 300:
        return ""  # a route of a plugin may leave its answers open
    if status in route.answers:
        return _wrong_body(route.answers[status], status, body)
    code = orjson.loads(body)["code"] if status >= 400 else None
    return "" if code in route.errors.get(status, ()) else f"{status} {code}"


def _wrong_body(model: Any, status: int, body: bytes) -> str:
    if status == 303:
        return ""
    if model is Archive:
        return "" if body.startswith(b"PK") else f"{status} is no ZIP"
    if model is CalendarFile:
        return "" if body.startswith(b"BEGIN:VCALENDAR") else f"{status} is no calendar"
    try:
        _adapter(model).validate_json(body)
    except ValidationError as error:
        return f"{status} {error}"
    return ""


@cache
def _adapter(model: Any) -> TypeAdapter[Any]:
    return TypeAdapter(model)
