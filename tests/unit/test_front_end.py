"""Templates, scripts and style sheets have no long lines."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.source_files import files_below

ROOT = Path(__file__).parents[2]
FOLDERS = ("web", "adapters", "onehour", "plugins", "services", "examples")
ENDINGS = {".css", ".js", ".html"}
FOREIGN = {"vendor", "node_modules", "build"}
LONGEST = 120


def ours() -> list[Path]:
    files = (file for folder in FOLDERS for file in files_below(ROOT / folder))
    return sorted(
        file
        for file in files
        if file.suffix in ENDINGS and not FOREIGN & set(file.relative_to(ROOT).parts)
    )


@pytest.mark.parametrize("file", ours(), ids=lambda file: str(file.relative_to(ROOT)))
def test_no_line_is_long(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [n for n, line in enumerate(lines, 1) if len(line) > LONGEST] == []


def test_only_colours_depend_on_the_colour_scheme() -> None:
    """So tests in the browser examine pages in the dark scheme by the rules for colours alone."""
    pages = [file for file in ours() if file.is_relative_to(ROOT / "web")]
    texts = {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in pages}
    assert [name for name, text in texts.items() if "prefers-color-scheme" in text] == []
    assert [name for name, text in texts.items() if re.search(r"light-dark\([^;]*url", text)] == []


def test_the_files_of_every_kind_are_found() -> None:
    assert {file.suffix for file in ours()} == ENDINGS


def test_a_wheel_contains_every_template_and_static_file() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["*"]
    packages = [init.parent for init in (ROOT / "web").rglob("__init__.py")]

    packaged = {
        file for one in packages for pattern in patterns for file in one.glob(pattern + "/*")
    }

    assert {file for file in ours() if "web" in file.relative_to(ROOT).parts} <= packaged
