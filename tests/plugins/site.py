"""The application on memory adapters, with plugins added as `onehour/application.py` does it."""

from __future__ import annotations

from collections.abc import Mapping

from onehour.testing.plugins import application as app_with
from onehour.testing.plugins import enabled
from onehour.testing.plugins import site as site_with
from plugins.manager import Plugins

__all__ = ["app_with", "site_with", "switched_on"]


def switched_on(
    plugin: object, name: str = "a_plugin", settings: Mapping[str, str] | None = None
) -> Plugins:
    return enabled(plugin, name, settings=settings)
