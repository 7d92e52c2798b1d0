"""JSON schemas of the API's models, as named components that operations share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NotRequired

from pydantic import TypeAdapter
from typing_extensions import TypedDict

Schema = dict[str, Any]
Model = Any
"""A pydantic model, a `TypedDict`, or another type that pydantic can describe."""

MODE: Literal["validation"] = "validation"
"""Of pydantic's two descriptions of a model that of its input: here both are the same, and with one
kind each has one name."""
REFERENCE = "#/components/schemas/{model}"


class Redirect(TypedDict):
    """Stands for a redirect in `document_response`: a Location header, no content."""


class Archive(TypedDict):
    """Stands for a ZIP in `document_response`."""


class CalendarFile(TypedDict):
    """Stands for an iCalendar file in `document_response`."""


class ProblemField(TypedDict):
    """What is wrong with one field. `field` is its path in the body, or its name in the query."""

    field: str
    message: str


class Problem(TypedDict):
    """An error, as in RFC 9457. `code` is stable, for programs; `detail` is a sentence for people;
    `trace_id` finds the request in the logs. `errors` is present with status 422."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    trace_id: str
    errors: NotRequired[list[ProblemField]]


def components(models: Iterable[Model]) -> tuple[dict[Model, Schema], dict[str, Schema]]:
    """The schema of each model, mostly a reference, and the named schemas they refer to."""
    wanted = list(dict.fromkeys(models))
    found, definitions = TypeAdapter.json_schemas(
        [(number, MODE, TypeAdapter(model)) for number, model in enumerate(wanted)],
        ref_template=REFERENCE,
    )
    named: dict[str, Schema] = definitions.get("$defs", {})
    names = _short_names(named)
    schemas = {model: _cleaned(found[number, MODE], names) for number, model in enumerate(wanted)}
    return schemas, {names[name]: _cleaned(schema, names) for name, schema in named.items()}


def referenced(used: Any, named: Mapping[str, Schema]) -> dict[str, Schema]:
    """The named schemas that `used` refers to, also indirectly, by name."""
    found: dict[str, Schema] = {}
    waiting = list(_references(used))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = named[name]
            waiting.extend(_references(named[name]))
    return dict(sorted(found.items()))


def resolved(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema, or the named one of the OpenAPI document it refers to."""
    if "$ref" not in schema:
        return schema
    found: Schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _references(each)
    elif isinstance(value, dict):
        for key, part in value.items():
            if key == "$ref":
                yield part.rpartition("/")[2]
            else:
                yield from _references(part)


def _short_names(named: Iterable[str]) -> dict[str, str]:
    """`BookingSchema` becomes `Booking`, a page of them `BookingList`. Models of the same name get
    that of their module, too: `core.bookings.Status` becomes `BookingsStatus`."""
    short = {name: _short(name) for name in named}
    counted = Counter(short.values())
    return {name: other if counted[other] == 1 else name for name, other in short.items()}


def _short(name: str) -> str:
    listed = re.fullmatch(r"Listed_(.+)_", name)
    if listed:
        return f"{_short(listed[1].rpartition('__')[2])}List"
    *modules, own = name.split("__")
    place = modules[-1].title().replace("_", "") if modules else ""
    return place + (own.removesuffix("Schema") or own)


def _cleaned(value: Any, names: Mapping[str, str]) -> Any:
    """With short names, and without the titles pydantic derives from the names of fields."""
    if isinstance(value, list):
        return [_cleaned(each, names) for each in value]
    if not isinstance(value, dict):
        return value
    cleaned = {
        key: _renamed(part, names) if key in ("$ref", "mapping") else _cleaned(part, names)
        for key, part in value.items()
        if not (key == "title" and isinstance(part, str))
    }
    for name, part in cleaned.get("properties", {}).items():
        cleaned["properties"][name] = _without_default(part)
    return cleaned


def _without_default(field: Schema) -> Schema:
    """With the default in words: generators make a field with a default a required one."""
    rest = {key: part for key, part in field.items() if key != "default"}
    default = field.get("default")
    if default in (None, "", []):
        return rest
    words = f"{str(default).lower() if isinstance(default, bool) else default} by default."
    return {**rest, "description": " ".join(filter(None, (field.get("description"), words)))}


def _renamed(reference: Any, names: Mapping[str, str]) -> Any:
    if isinstance(reference, dict):
        return {key: _renamed(part, names) for key, part in reference.items()}
    start, _, name = reference.rpartition("/")
    return f"{start}/{names[name]}"
