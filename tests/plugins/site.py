"""The application on memory adapters, with plugins added as `onehour/application.py` does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quart import Quart

from onehour.testing.plugins import enabled
from plugins.manager import Plugins
from tests.app import MemoryApp
from web.app import create_app
from web.shared.context import Site, WebDependencies


def switched_on(
    plugin: object, name: str = "a_plugin", settings: Mapping[str, str] | None = None
) -> Plugins:
    return enabled(plugin, name, settings=settings)


def app_with(plugins: Plugins, **criteria: Any) -> MemoryApp:
    """With what plugins add to the services."""
    app = MemoryApp(extensions=plugins, added=plugins.capabilities, **criteria)  # type: ignore[arg-type]
    plugins.connect(app.services.built)
    return app


def site_with(app: MemoryApp, plugins: Plugins) -> Quart:
    return create_app(
        WebDependencies(
            services=app.services,
            store=app.store,
            clock=app.clock,
            site=Site(base_url="http://localhost", secret_key="a secret for tests"),
            formats=app.formats,
        ),
        added=plugins.web,
    )
