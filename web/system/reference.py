"""The description of the API: OpenAPI, AsyncAPI for its sockets, and a page made from both. All
are made once per process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import orjson
from quart import Blueprint, Response, current_app, make_response, render_template

from web.shared.access import Who, allow
from web.shared.api import API
from web.shared.asyncapi import describe_sockets
from web.shared.caching import with_etag
from web.shared.compression import keep_compressed
from web.shared.context import now, site
from web.shared.headers import nonce
from web.shared.openapi import resolved
from web.shared.templating import iso

blueprint = Blueprint("reference", __name__, template_folder="templates", url_prefix=API)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API. `fields` are pairs of name and whether it is required."""

    method: str
    path: str
    words: str
    fields: tuple[tuple[str, bool], ...]
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """`document` is the OpenAPI description as JSON and `events` that of the sockets by AsyncAPI;
    `operations` is both as HTML."""

    document: bytes
    events: bytes
    operations: str


@blueprint.get("/openapi.json")
@allow(Who.ANYONE, cookies=False)
async def document() -> Response:
    return await _json((await _reference()).document)


@blueprint.get("/asyncapi.json")
@allow(Who.ANYONE, cookies=False)
async def events() -> Response:
    return await _json((await _reference()).events)


@blueprint.get("/docs")
@allow(Who.ANYONE)
async def show() -> Response:
    page = await render_template("reference/show.html", operations=(await _reference()).operations)
    response = cast(Response, await make_response(page))
    # The ETag is weak: the nonce and the time differ each time, and do not count.
    same = page.replace(nonce(), "").replace(iso(now()), "")
    return await with_etag(response, same.encode(), weak=True)


async def _json(content: bytes) -> Response:
    response = Response(content, content_type="application/json")
    response.headers["Cache-Control"] = "no-cache"  # asks each time whether it has changed
    keep_compressed()
    return await with_etag(response, content)


async def _reference() -> Reference:
    """Made at the first use, because the making takes longer than any other request."""
    made: Reference | None = current_app.extensions.get("reference")
    if made is None:
        made = current_app.extensions["reference"] = await _make()
    return made


async def _make() -> Reference:
    provider = current_app.extensions["QUART_SCHEMA"].openapi_provider
    document = provider.schema()
    groups: dict[str, list[Operation]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            group = groups.setdefault(operation["tags"][0], [])
            group.append(_operation(method, path, operation, document))
    events = describe_sockets(
        site=site(),
        title=document["info"]["title"],
        received=current_app.extensions["events"],
        sent=current_app.extensions["live_events"],
    )
    template = current_app.jinja_env.get_template("reference/_operations.html")
    return Reference(
        orjson.dumps(document),
        orjson.dumps(events),
        await template.render_async(groups=sorted(groups.items()), events=list(_events(events))),
    )


def _events(
    document: Mapping[str, Any],
) -> Iterator[tuple[str, Mapping[str, Any], list[str]]]:
    """Each event with its direction, its message and the fields of its value."""
    messages = document["components"]["messages"]
    directions = {"receive_": "to the server", "send_": "to the client"}
    for key, message in sorted(messages.items()):
        for prefix, direction in directions.items():
            if key.startswith(prefix):
                schema = resolved(message["payload"], document)
                yield direction, message, list(schema.get("properties", ()))


def _operation(
    method: str, path: str, operation: Mapping[str, Any], document: Mapping[str, Any]
) -> Operation:
    words = ". ".join(filter(None, (operation.get("summary"), operation.get("description"))))
    answers = tuple(sorted(operation.get("responses", {})))
    return Operation(
        method.upper(), path, words.strip(), tuple(_fields(operation, document)), answers
    )


def _fields(
    operation: Mapping[str, Any], document: Mapping[str, Any]
) -> Iterator[tuple[str, bool]]:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "query":
            yield parameter["name"], bool(parameter.get("required"))
    content = operation.get("requestBody", {}).get("content", {})
    for kind in content.values():
        schema = resolved(kind["schema"], document)
        for name in schema.get("properties", {}):
            yield name, name in schema.get("required", ())
