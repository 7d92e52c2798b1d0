"""For the tests of plugins: a plugin enabled as the application does it, with all checks."""

from __future__ import annotations

from collections.abc import Mapping

from onehour.plugins import check_names, reading
from plugins.manager import Plugins

__all__ = ["Plugins", "enabled"]


def enabled(
    plugin: object, name: str = "a_plugin", *, settings: Mapping[str, str] | None = None
) -> Plugins:
    """The plugin alone, under this name, with settings given by their full names.

    Raises `WrongPlugin` and `WrongSetting`, as the start of the application does.
    """
    texts = dict(settings or {})
    plugins = reading(texts)
    plugins.add(plugin, name)
    check_names(plugins, texts)
    _ = plugins.context
    return plugins
