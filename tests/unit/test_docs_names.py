"""Names of code in the documents exist in the code."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.source_files import files_below
from tests.unit.test_docs import DOCS, PAGES, ROOT


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_names_of_code_in_the_documents_exist(page: Path) -> None:
    """Classes, constants, calls, dotted and snake_case names, and methods of the form `A.b`."""
    spans = re.findall(r"`@?([A-Za-z_][\w.]*)(?:\(.*?\))?`", _without_blocks(page))
    names = {name for span in spans if CODE_NAME.search(span) for name in span.split(".")}

    known = _words_of_the_code() | _words_of_blocks(page) | WORDS_OF_OTHERS | REPLACED
    assert names - known == set()


def test_the_tour_names_functions_that_exist() -> None:
    spans = re.findall(r"`@?(?:\w+\.)*(\w+)(?:\([^`]*\))?`", _without_blocks(DOCS / "tour.md"))

    assert set(spans) - _words_of_the_code() - {"ports", "core"} == set()


CODE_NAME = re.compile(r"[A-Z]\w*[a-z]|[a-z]_[a-z]|\w\.\w")
"""Looks like a name of our code: `BookingService`, `poll_after`, `Who.CLIENT`."""
WORDS_OF_OTHERS = frozenset({"updateOne", "deleteOne", "proxy_set_header"})
"""Names of libraries and tools that our own code does not use."""
REPLACED = frozenset(
    "onehour_blueprints onehour_navigation onehour_gateways onehour_booking_news "
    "PluginMissing".split()
)
"""Names of 0.1.0, which the pages about moving to this version still mention."""


def _without_blocks(page: Path) -> str:
    return re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)


def _words_of_blocks(page: Path) -> set[str]:
    """The words of the page's examples, which the text around them explains."""
    blocks = re.findall(r"```.*?```", page.read_text(encoding="utf-8"), re.DOTALL)
    return set(re.findall(r"\w+", " ".join(blocks)))


@cache
def _words_of_the_code() -> set[str]:
    folders = "core ports services adapters web plugins onehour tests examples".split()
    files = [path for folder in folders for path in files_below(ROOT / folder)]
    read = (".py", ".js", ".html")
    sources = (path for path in files if path.suffix in read and path != Path(__file__))
    texts = (path.read_text(encoding="utf-8") for path in sources)
    words = {word for text in texts for word in re.findall(r"\w+", text)}
    return words | {name for path in files for name in (path.stem, path.parent.name)}
