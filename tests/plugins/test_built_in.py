"""The plugins that come with OneHour are loaded like those of others, and use the same API."""

from __future__ import annotations

import ast
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from onehour.plugins import check_names, reading
from onehour.testing.plugins import enabled
from tests.plugins.site import app_with, site_with

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
POINTS: dict[str, str] = PROJECT["entry-points"]["onehour.plugins"]
OURS = {"core", "ports", "services", "adapters", "web", "onehour", "plugins"}


def plugin(name: str) -> object:
    module, _, found = POINTS[name].partition(":")
    return getattr(import_module(module), found)


@pytest.mark.parametrize("name", POINTS)
def test_each_can_be_enabled_alone(name: str) -> None:
    plugins = enabled(plugin(name), name)

    assert site_with(app_with(plugins), plugins)


def test_all_can_be_enabled_together() -> None:
    plugins = reading({})
    for name in POINTS:
        plugins.add(plugin(name), name)
    check_names(plugins, {})

    assert site_with(app_with(plugins), plugins)


@pytest.mark.parametrize("name", POINTS)
def test_each_imports_only_the_api_and_itself(name: str) -> None:
    package = POINTS[name].partition(":")[0]
    files = (ROOT / package.replace(".", "/")).rglob("*.py")

    imported = {
        node.module
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module
    }

    others = {each for each in imported if each.split(".")[0] in OURS}
    assert {each for each in others if not f"{each}.".startswith(f"{package}.")} == {"plugins.api"}
