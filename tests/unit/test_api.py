"""`onehour.api` and `onehour.testing` are all that authors import."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import onehour.api
import plugins.api

ROOT = Path(__file__).parents[2]
OURS = set(
    tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]
) | {"tests", "bench"}
PUBLIC = re.compile(r"onehour\.(?:api|testing(?:\.\w+)*)")
EXAMPLES = sorted((ROOT / "examples").rglob("*.py"))
PAGES = [ROOT / "docs" / name for name in ("plugins.md", "adapters.md")]


def test_it_has_the_names_of_the_list_for_built_in_plugins() -> None:
    names = plugins.api.__all__

    assert onehour.api.__all__ == names
    assert all(getattr(onehour.api, name) is getattr(plugins.api, name) for name in names)


def test_the_list_has_all_public_names_and_each_once() -> None:
    public = {name for name in vars(plugins.api) if not name.startswith("_")}

    assert sorted(public) == sorted(plugins.api.__all__)


def test_importing_it_loads_neither_the_application_nor_an_adapter() -> None:
    program = "import onehour.api, sys; print(*sys.modules)"

    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    loaded = [name for name in ran.stdout.split() if name.split(".")[0] in {"onehour", "adapters"}]
    assert sorted(loaded) == ["onehour", "onehour.api"]


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: str(file.relative_to(ROOT)))
def test_an_example_imports_nothing_else_of_the_application(file: Path) -> None:
    assert foreign_imports(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_pages_for_authors_show_no_other_import(page: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    imports = [line for line in lines if line.startswith(("import ", "from "))]

    assert imports
    assert foreign_imports("\n".join(imports)) == []


def test_another_import_would_be_seen() -> None:
    code = "import core.money\nfrom plugins.api import Money\nfrom onehour import settings"

    assert foreign_imports(code) == ["core.money", "plugins.api", "onehour"]
    assert len(EXAMPLES) > 3


def foreign_imports(code: str) -> list[str]:
    """The modules of ours that this code imports and authors should not."""
    modules = [name for node in ast.walk(ast.parse(code)) for name in imported(node)]
    return [name for name in modules if name.split(".")[0] in OURS and not PUBLIC.fullmatch(name)]


def imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module
