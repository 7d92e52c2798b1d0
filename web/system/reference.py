"""The API reference as a page, generated from the OpenAPI description."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from quart import Blueprint, Response, current_app, render_template

from web.shared.access import Who, allow
from web.shared.api import API

blueprint = Blueprint("reference", __name__, template_folder="templates", url_prefix=API)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API. `fields` are pairs of name and whether it is required."""

    method: str
    path: str
    words: str
    fields: tuple[tuple[str, bool], ...]
    answers: tuple[str, ...]


@blueprint.get("/docs")
@allow(Who.ANYONE)
async def show() -> str:
    describe: Any = current_app.view_functions["openapi"]
    described = await current_app.make_response(await describe())
    assert isinstance(described, Response)
    paths = orjson.loads(await described.get_data(as_text=True))["paths"]
    groups: dict[str, list[Operation]] = {}
    for path, operations in paths.items():
        for method, operation in operations.items():
            group = groups.setdefault(operation.get("tags", ["Other"])[0], [])
            group.append(_operation(method, path, operation))
    return await render_template("reference/show.html", groups=sorted(groups.items()))


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> Operation:
    words = " ".join(filter(None, (operation.get("summary"), operation.get("description"))))
    answers = tuple(sorted(operation.get("responses", {})))
    return Operation(method.upper(), path, words.strip(), tuple(_fields(operation)), answers)


def _fields(operation: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "query":
            yield parameter["name"], bool(parameter.get("required"))
    content = operation.get("requestBody", {}).get("content", {})
    for schema in (kind.get("schema", {}) for kind in content.values()):
        for name in schema.get("properties", {}):
            yield name, name in schema.get("required", ())
