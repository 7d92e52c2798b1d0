"""Plugins as if their distributions were installed: found by entry points."""

from __future__ import annotations

import pytest

from plugins import manager


class Installed:
    """An entry point whose plugin is here already."""

    dist = None

    def __init__(self, name: str, plugin: object) -> None:
        self.name, self.plugin = name, plugin

    def load(self) -> object:
        return self.plugin


def install(monkeypatch: pytest.MonkeyPatch, **plugins: object) -> None:
    points = [Installed(name, plugin) for name, plugin in plugins.items()]
    monkeypatch.setattr(manager, "entry_points", lambda group: points)
