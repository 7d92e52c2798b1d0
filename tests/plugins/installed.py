"""Plugins as if their distributions were installed: found by entry points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from plugins import manager


@dataclass(frozen=True)
class Distribution:
    version: str
    name: str = "a-distribution"


class Installed:
    """An entry point whose plugin is here already."""

    def __init__(self, name: str, plugin: object, version: str = "") -> None:
        self.name, self.plugin = name, plugin
        self.dist = Distribution(version) if version else None

    def load(self) -> object:
        return self.plugin


def install(
    monkeypatch: pytest.MonkeyPatch,
    versions: Mapping[str, str] | None = None,
    **plugins: object,
) -> None:
    """`versions` are those of the distributions, by plugin."""
    points = [
        Installed(name, plugin, (versions or {}).get(name, "")) for name, plugin in plugins.items()
    ]
    monkeypatch.setattr(manager, "entry_points", lambda group: points)
