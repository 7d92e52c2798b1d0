"""Links of the OpenAPI document: which operations take the ids that an answer contains."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from web.shared.openapi.models import resolved

VARIABLE = re.compile(r"{(\w+)}")
DEEPEST = 2
"""How many objects deep ids are looked for."""


def add_links(document: dict[str, Any]) -> None:
    """Adds to each successful answer links to the operations of the things in it: a `Booking` has
    the id of `/bookings/{booking_id}`, and in `job_id` that of `/jobs/{job_id}`."""
    targets = _targets(document)
    for methods in document["paths"].values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                if status.startswith("2") and "content" in answer:
                    links = dict(_links(answer, targets, document))
                    if links:
                        answer["links"] = links


def _targets(document: Mapping[str, Any]) -> dict[str, list[str]]:
    """The ids of the operations whose path has this variable and no other, by variable."""
    found: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        variables = VARIABLE.findall(path)
        if len(variables) == 1:
            for operation in methods.values():
                found.setdefault(variables[0], []).append(operation["operationId"])
    return found


def _links(
    answer: Mapping[str, Any], targets: Mapping[str, list[str]], document: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    schema = answer["content"].get("application/json", {}).get("schema", {})
    for variable, pointer in _ids(schema, "", document, DEEPEST):
        for operation_id in targets.get(variable, ()):
            parameters = {variable: f"$response.body#{pointer}"}
            yield operation_id, {"operationId": operation_id, "parameters": parameters}


def _ids(
    schema: Mapping[str, Any], pointer: str, document: Mapping[str, Any], depth: int
) -> Iterator[tuple[str, str]]:
    """The path variables a schema has values for, with the JSON pointer of each."""
    model = schema.get("$ref", "").rpartition("/")[2]
    kind = re.match(r"[A-Z][a-z]+", model)  # of `Developer`, `DeveloperCard`, `DeveloperProfile`
    for field, part in resolved(schema, document).get("properties", {}).items():
        if field == "id" and kind:
            yield f"{kind[0].lower()}_id", f"{pointer}/id"
        elif field.endswith("_id"):
            yield field, f"{pointer}/{field}"
        elif field == "items" and depth and part.get("type") == "array":
            yield from _ids(part["items"], f"{pointer}/items/0", document, depth - 1)
        elif depth and "$ref" in part:
            yield from _ids(part, f"{pointer}/{field}", document, depth - 1)
