"""The Quart application: every door, behind the same checks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from quart import Quart, Request
from quart_schema import Info, QuartSchema, hide
from werkzeug.exceptions import BadRequest

from web import (
    accounts,
    bookings,
    checkout,
    clients,
    developers,
    development,
    errors,
    headers,
    home,
    jobs,
    reference,
    sessions,
    system,
    templating,
    webhooks,
)
from web.access import require_declarations
from web.api import API, BLUEPRINTS
from web.context import House

HERE = Path(__file__).parent
LARGEST_BODY = 1_000_000
PAGES = (accounts, bookings, checkout, clients, developers, home, jobs, reference, system, webhooks)


class StrictRequest(Request):
    """A body that is no JSON is the caller's mistake, whatever the parser calls it."""

    async def get_json(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return await super().get_json(*args, **kwargs)
        except (ValueError, RecursionError) as error:
            raise BadRequest from error


class Site(Quart):
    request_class = StrictRequest


def create_app(house: House) -> Quart:
    """Put the doors in. Raises `Undeclared` for a route that does not say who may call it."""
    app = Site("web", template_folder=str(HERE / "templates"), static_folder=str(HERE / "static"))
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.extensions["house"] = house
    QuartSchema(
        app,
        info=Info(title="OneHour", version="1"),
        openapi_path=f"{API}/openapi.json",
        redoc_ui_path=None,
        scalar_ui_path=None,
        swagger_ui_path=None,
        convert_casing=False,
        security_schemes={"cookie": {"type": "apiKey", "in_": "cookie", "name": house.site.cookie}},
    )
    headers.install(app)
    sessions.install(app)
    errors.install(app)
    templating.install(app)
    for module in PAGES:
        app.register_blueprint(module.blueprint)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    if house.site.caught_mail:
        app.register_blueprint(development.blueprint)
    leave_out_pages(app)
    return app


def leave_out_pages(app: Quart) -> None:
    """The API's description is about the API: pages are for people."""
    pages = {module.blueprint.name for module in (*PAGES, development)} - {webhooks.blueprint.name}
    for name, view in app.view_functions.items():
        if name.partition(".")[0] in pages:
            hide(view)


def seal(app: Quart) -> None:
    """After plugins have added theirs: no route may be without a declared caller."""
    require_declarations(app, open_to_anyone=frozenset({"static", "openapi", "openapi_json"}))
