"""The OpenAPI document, version 3.1, made from the registered routes."""

from __future__ import annotations

import inspect
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from quart import Quart
from quart_schema.openapi import OpenAPIProvider

from core.errors import OneHourError
from core.policy import MINUTE
from web.shared.access import Who, access_of
from web.shared.api import KEY, is_idempotent
from web.shared.context import services, site
from web.shared.cookies import HEADER, SAFE
from web.shared.errors import RETRY_AFTER_S, TITLES
from web.shared.openapi.examples import add_example
from web.shared.openapi.links import add_links
from web.shared.openapi.models import (
    Archive,
    CalendarFile,
    Model,
    Problem,
    Redirect,
    Schema,
    components,
    referenced,
)
from web.shared.openapi.routes import PATH_VARIABLE, Route


class WrongDescription(OneHourError):
    """Two routes of the API have the same name."""

    code = "wrong_description"


class ApiDescription(OpenAPIProvider):
    """Builds the document; it differs from the base class in named components, in the problems,
    callers and ids of operations."""

    def routes(self) -> list[Route]:
        """The documented operations. Raises `WrongDescription` for two of the same id."""
        app = cast(Quart, self._app)  # a weak reference to it
        found = [
            Route(rule, method, app.view_functions[rule.endpoint], access)
            for rule in self.generate_rules()
            if (access := access_of(app, rule.endpoint))
            for method in sorted(self.generate_methods(rule))
        ]
        for name, count in Counter(route.id for route in found).items():
            if count > 1:
                raise WrongDescription(f"{count} operations of the API are called {name}.")
        return found

    def schema(self) -> dict[str, Any]:
        routes = self.routes()
        schemas, named = components([Problem, *(m for route in routes for m in route.models)])
        paths: dict[str, dict[str, Any]] = {}
        for route in routes:
            paths.setdefault(route.path, {})[route.method.lower()] = _operation(
                route, schemas, named
            )
        info = self._extension.info
        assert info is not None
        document = {
            "openapi": "3.1.0",
            "info": info.schema(camelize=True),
            "servers": [each.schema(camelize=True) for each in self._extension.servers or ()],
            "tags": list(_tags(routes)),
            "paths": paths,
            "components": {
                "schemas": referenced(paths, named),
                "securitySchemes": _security_schemes(site().cookie),
            },
        }
        add_links(document)
        return document


def api_routes(app: Quart) -> list[Route]:
    """The documented operations of an application."""
    provider: ApiDescription = app.extensions["QUART_SCHEMA"].openapi_provider
    return provider.routes()


def _tags(routes: list[Route]) -> Iterator[dict[str, str]]:
    """Each tag with the sentence that opens the module of its first route."""
    modules = {route.tag: sys.modules[route.view.__module__] for route in reversed(routes)}
    for tag, module in sorted(modules.items()):
        yield {"name": tag, "description": (module.__doc__ or tag).strip().split("\n\n")[0]}


def _operation(
    route: Route, schemas: Mapping[Model, Schema], named: Mapping[str, Schema]
) -> dict[str, Any]:
    summary, description = _texts(route.view)
    operation: dict[str, Any] = {
        "operationId": route.id,
        "tags": [route.tag],
        "summary": summary,
        "description": " ".join(filter(None, (description, _callers(route)))),
        "security": _security(route),
        "parameters": [*_path_variables(route), *_query(route, schemas, named), *_headers(route)],
    }
    if route.body:
        model, content_type = route.body
        content = {content_type: {"schema": schemas[model]}}
        operation["requestBody"] = {"required": True, "content": content}
    operation["responses"] = dict(
        sorted((str(status), answer) for status, answer in _responses(route, schemas))
    )
    add_example(route.id, operation)
    return operation


def _texts(view: Callable[..., Any]) -> tuple[str, str]:
    """The first sentence of the docstring without its full stop, and the rest."""
    text = " ".join((inspect.getdoc(view) or view.__name__).split())
    first, _, rest = text.partition(". ")
    return first.rstrip("."), rest


CALLERS = {
    Who.ANYONE: "Anyone may call it.",
    Who.SIGNED_IN: "For signed-in accounts.",
    Who.CLIENT: "For clients.",
    Who.DEVELOPER: "For developers.",
    Who.PARTY: "For the parties of the object.",
    Who.PENDING: "For a log-in that waits for its second factor.",
    Who.ADMIN: "For administrators.",
    Who.GATEWAY: "For the payment provider, by the signature of the body.",
}


def _callers(route: Route) -> str:
    minutes = services().passwords.policy.step_up_life // MINUTE
    fresh = f" A code must have been entered within {minutes} minutes (`POST /auth/step-up`)."
    return CALLERS[route.access.who] + (fresh if route.access.step_up else "")


def _security(route: Route) -> list[dict[str, list[str]]]:
    """Who may call it, and how: an access token, or the session cookie with the CSRF token."""
    who, safe = route.access.who, route.method in SAFE
    cookie: dict[str, list[str]] = {"cookie": []} if safe else {"cookie": [], "csrf": []}
    if not route.access.cookies or (who is Who.ANYONE and safe):
        return []
    if who is Who.PENDING:
        return [cookie]
    nothing: list[dict[str, list[str]]] = [{}] if route.access.programs else []
    return [*nothing, {"bearer": []}, cookie]


def _path_variables(route: Route) -> Iterator[dict[str, Any]]:
    for name in PATH_VARIABLE.findall(route.rule.rule):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query(
    route: Route, schemas: Mapping[Model, Schema], named: Mapping[str, Schema]
) -> Iterator[dict[str, Any]]:
    if route.query is None:
        return
    schema = schemas[route.query]
    schema = named[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    for name, part in schema.get("properties", {}).items():
        parameter = {"name": name, "in": "query", "schema": _without_null(part)}
        if "description" in parameter["schema"]:
            parameter["description"] = parameter["schema"].pop("description")
        if name in schema.get("required", ()):
            parameter["required"] = True
        yield parameter


def _without_null(schema: Schema) -> Schema:
    """A query parameter is absent instead of null."""
    variants = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    if len(variants) != 1:
        return dict(schema)
    return {**variants[0], **{key: part for key, part in schema.items() if key != "anyOf"}}


def _headers(route: Route) -> Iterator[dict[str, Any]]:
    if is_idempotent(route.view):
        yield {
            "name": KEY,
            "in": "header",
            "description": "A repeated request with the same key runs once and gets the same"
            " response.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        }


def _responses(
    route: Route, schemas: Mapping[Model, Schema]
) -> Iterator[tuple[int, dict[str, Any]]]:
    for status, model in route.answers.items():
        yield status, _answer(model, schemas)
    for status, codes in route.errors.items():
        yield status, _problem(status, codes, schemas[Problem])


def _answer(model: Model, schemas: Mapping[Model, Schema]) -> dict[str, Any]:
    if model is Redirect:
        location = {"schema": {"type": "string"}}
        return {"description": "Redirect", "headers": {"Location": location}}
    if model is Archive:
        archive = {"schema": {"type": "string", "format": "binary"}}
        return {"description": "A ZIP", "content": {"application/zip": archive}}
    if model is CalendarFile:
        calendar = {"schema": {"type": "string"}}
        return {"description": "An iCalendar file", "content": {"text/calendar": calendar}}
    return {"description": "Success", "content": {"application/json": {"schema": schemas[model]}}}


def _problem(status: int, codes: set[str], problem: Schema) -> dict[str, Any]:
    code = {"properties": {"code": {"enum": sorted(codes)}}}
    answer: dict[str, Any] = {
        "description": TITLES[status],
        "content": {"application/problem+json": {"schema": {"allOf": [problem, code]}}},
    }
    if status == 401:
        answer["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    if status in RETRY_AFTER_S:
        seconds = {"schema": {"type": "integer"}, "description": "Seconds"}
        answer["headers"] = {"Retry-After": seconds}
    return answer


def _security_schemes(cookie: str) -> dict[str, Any]:
    return {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The access token of `POST /auth/token`.",
        },
        "cookie": {
            "type": "apiKey",
            "in": "cookie",
            "name": cookie,
            "description": "The session cookie of the site, which a log-in sets.",
        },
        "csrf": {
            "type": "apiKey",
            "in": "header",
            "name": HEADER,
            "description": "The token of `GET /csrf`, beside the cookie.",
        },
    }
