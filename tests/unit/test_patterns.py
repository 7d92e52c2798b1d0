"""Requirement 32: no regular expression of ours takes more than one pass over input."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

parser = importlib.import_module("re._parser")
ROOT = Path(__file__).parents[2]
FOLDERS = ("core", "ports", "services", "adapters", "web", "plugins", "onehour")
USED = re.compile(r"\bre\.")
CALLS = {"compile", "fullmatch", "match", "search", "sub", "findall", "finditer", "split"}


def patterns() -> Iterator[tuple[str, str]]:
    """Every pattern that is passed to `re`, with its file."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            source = path.read_text(encoding="utf-8")
            # Each worker does this when it collects the tests: other files need not be parsed.
            for node in ast.walk(ast.parse(source)) if USED.search(source) else ():
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr in CALLS
                    and isinstance(node.func.value, ast.Name)
                    and node.func.value.id == "re"
                    and node.args
                    and isinstance(node.args[0], ast.Constant)
                ):
                    yield str(path.relative_to(ROOT)), str(node.args[0].value)


def repeats_within(parsed: object, depth: int = 0) -> int:
    """How deep unbounded repeats are nested."""
    deepest = depth
    for operation, argument in parsed:  # type: ignore[attr-defined]
        name = str(operation)
        if name in ("MAX_REPEAT", "MIN_REPEAT"):
            _, most, inner = argument
            further = depth + (1 if str(most) == "MAXREPEAT" else 0)
            deepest = max(deepest, repeats_within(inner, further))
        elif name == "SUBPATTERN":
            deepest = max(deepest, repeats_within(argument[-1], depth))
        elif name == "BRANCH":
            deepest = max(deepest, *(repeats_within(way, depth) for way in argument[1]))
    return deepest


@pytest.mark.parametrize(("file", "pattern"), sorted(set(patterns())))
def test_requirement_32_no_repeat_is_nested_in_another(file: str, pattern: str) -> None:
    assert repeats_within(parser.parse(pattern)) <= 1, file


def test_the_check_would_see_one() -> None:
    assert repeats_within(parser.parse(r"(a+)+$")) == 2
    assert len(set(patterns())) > 5
