"""The site on memory adapters, with plugins put in as `onehour/application.py` does it."""

from __future__ import annotations

from quart import Quart

from plugins.manager import Plugins
from tests.house import MemoryHouse
from web.app import create_app, seal
from web.shared.context import House, Site


def switched_on(plugin: object, name: str = "a_plugin") -> Plugins:
    plugins = Plugins()
    plugins.add(plugin, name)
    return plugins


def site_with(house: MemoryHouse, plugins: Plugins) -> Quart:
    app = create_app(
        House(
            services=house.services,
            store=house.store,
            clock=house.clock,
            site=Site(base_url="http://localhost", secret_key="a secret for tests"),
        )
    )
    for blueprint in plugins.blueprints():
        app.register_blueprint(blueprint)
    app.extensions["navigation"] = plugins.navigation()
    seal(app)
    return app
