"""The site on memory adapters, with plugins added as `onehour/application.py` does it."""

from __future__ import annotations

from quart import Quart

from onehour.application import added_by
from plugins.manager import Plugins
from tests.app import MemoryApp
from web.app import create_app
from web.shared.context import Site, WebDependencies


def switched_on(plugin: object, name: str = "a_plugin") -> Plugins:
    plugins = Plugins()
    plugins.add(plugin, name)
    return plugins


def site_with(app: MemoryApp, plugins: Plugins) -> Quart:
    return create_app(
        WebDependencies(
            services=app.services,
            store=app.store,
            clock=app.clock,
            site=Site(base_url="http://localhost", secret_key="a secret for tests"),
            formats=app.formats,
        ),
        added=added_by(plugins),
    )
