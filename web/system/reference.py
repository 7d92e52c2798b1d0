"""The API's description as a page people can read, made from the description programs read."""

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
    """One thing a program can ask for. `fields` are (name, whether it must be given)."""

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
        for method, told in operations.items():
            group = groups.setdefault(told.get("tags", ["Other"])[0], [])
            group.append(_operation(method, path, told))
    return await render_template("reference/show.html", groups=sorted(groups.items()))


def _operation(method: str, path: str, told: Mapping[str, Any]) -> Operation:
    words = " ".join(filter(None, (told.get("summary"), told.get("description"))))
    answers = tuple(sorted(told.get("responses", {})))
    return Operation(method.upper(), path, words.strip(), tuple(_fields(told)), answers)


def _fields(told: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    for parameter in told.get("parameters", ()):
        if parameter["in"] == "query":
            yield parameter["name"], bool(parameter.get("required"))
    content = told.get("requestBody", {}).get("content", {})
    for schema in (kind.get("schema", {}) for kind in content.values()):
        for name in schema.get("properties", {}):
            yield name, name in schema.get("required", ())
