"""Examples of the operations: real exchanges, written by `python -m tests.web.examples`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson

FILE = Path(__file__).with_name("examples.json")
Examples = dict[str, dict[str, Any]]
"""By operation id: `status`, and `request` and `response` where they are JSON."""


@cache
def stored() -> Examples:
    found: Examples = orjson.loads(FILE.read_bytes())
    return found


def add_example(operation_id: str, operation: Mapping[str, Any]) -> None:
    """Adds the example of the operation to its request and to its successful answer."""
    example = stored().get(operation_id, {})
    if "request" in example and "requestBody" in operation:
        _of_json(operation["requestBody"])["example"] = example["request"]
    if "response" in example:
        _of_json(operation["responses"][str(example["status"])])["example"] = example["response"]


def _of_json(part: Mapping[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = part["content"].get("application/json", {})
    return content
