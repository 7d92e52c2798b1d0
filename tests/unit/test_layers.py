"""The import rules in pyproject.toml cover every package there is."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import get_type_hints

import grimp
import pytest

from services.bootstrap import CAPABILITIES
from tests.app import MemoryApp

ROOT = Path(__file__).parents[2]
APART = {"bench", "tests"}
"""They import from everywhere, and nothing imports them."""


def test_every_top_level_package_has_its_place_in_the_layers() -> None:
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = set(rules["contracts"][0]["layers"])
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - APART

    assert set(rules["root_packages"]) == packages
    assert layers == packages - {"adapters"}, "adapters have contracts of their own"


@pytest.mark.parametrize("layer", ["services", "web"])
def test_a_capability_is_imported_only_through_its_package(layer: str) -> None:
    """`from services.payments import HeldMoney`, never from one of its modules."""
    assert [f"{importer} imports {module}" for importer, module in _deep_imports(layer)] == []


def _deep_imports(layer: str) -> Iterator[tuple[str, str]]:
    everything = grimp.build_graph("services", "web", "plugins", "onehour", "adapters")
    for importer in everything.modules:
        for module in everything.find_modules_directly_imported_by(importer):
            root, capability, *deeper = [*module.split("."), ""][:3]
            inside = importer == f"{root}.{capability}" or importer.startswith(
                f"{root}.{capability}."
            )
            if root == layer and capability != "shared" and any(deeper) and not inside:
                yield importer, module


MOST_PORTS = 7
"""A service that needs more does several things and is split."""


def test_no_service_needs_more_than_seven_ports(app: MemoryApp) -> None:
    for service in app.services.built:
        assert is_dataclass(service), service
        types = get_type_hints(type(service))
        ports = [each.name for each in fields(service) if "ports." in repr(types[each.name])]
        assert len(ports) <= MOST_PORTS, f"{type(service).__name__} needs {ports}"


def test_services_are_built_with_keyword_arguments_only(app: MemoryApp) -> None:
    for service in app.services.built:
        assert is_dataclass(service), service
        assert all(each.kw_only for each in fields(service)), type(service).__name__


def test_every_capability_is_a_package_of_the_same_name() -> None:
    named = {capability.name for capability in CAPABILITIES}
    packages = {path.parent.name for path in (ROOT / "services").glob("*/__init__.py")}

    assert packages - {"shared"} == named
