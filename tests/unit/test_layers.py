"""The import rules in pyproject.toml cover every package there is."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
APART = {"bench", "tests"}
"""They import from everywhere, and nothing imports them."""


def test_every_top_level_package_has_its_place_in_the_layers() -> None:
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = set(rules["contracts"][0]["layers"])
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - APART

    assert set(rules["root_packages"]) == packages
    assert layers == packages - {"adapters"}, "adapters have contracts of their own"
