"""The Quart application: every door, behind the same checks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from quart import Quart
from quart_schema import Info, QuartSchema, hide
from werkzeug.exceptions import BadRequest

from web.accounts.api import accounts as api_accounts
from web.accounts.api import activity as api_activity
from web.accounts.api import administration as api_administration
from web.accounts.api import factors as api_factors
from web.accounts.api import identities as api_identities
from web.accounts.api import passwords as api_passwords
from web.accounts.api import sessions as api_sessions
from web.accounts.api import tokens as api_tokens
from web.accounts.pages import (
    activity,
    administration,
    passwords,
    personal_data,
    registration,
    security,
    sessions,
)
from web.avatars import api as api_avatars
from web.avatars import pages as avatars
from web.bookings import api as api_bookings
from web.bookings import pages as bookings
from web.clients import api as api_clients
from web.clients import pages as clients
from web.developers import api as api_developers
from web.developers import pages as developers
from web.home import pages as home
from web.jobs import api as api_jobs
from web.jobs import pages as jobs
from web.payments import api as api_payments
from web.payments import checkout, webhooks
from web.shared import cookies, errors, headers, templating
from web.shared.access import require_declarations
from web.shared.api import API
from web.shared.context import WebDependencies
from web.shared.request_limits import SizedRequest
from web.system import health, mail_catcher, reference, reports

HERE = Path(__file__).parent
LARGEST_BODY = 1_000_000
AROUND_A_PICTURE = 100_000
"""What a form adds to the picture it brings."""
PAGES = (
    registration,
    sessions,
    passwords,
    security,
    personal_data,
    activity,
    administration,
    avatars,
    bookings,
    checkout,
    clients,
    developers,
    home,
    jobs,
    reference,
    reports,
    health,
    webhooks,
)
APIS = (
    api_accounts,
    api_activity,
    api_sessions,
    api_factors,
    api_passwords,
    api_tokens,
    api_identities,
    api_administration,
    api_avatars,
    api_bookings,
    api_clients,
    api_developers,
    api_jobs,
    api_payments,
)


class StrictRequest(SizedRequest):
    """A body that is no JSON is the caller's mistake, whatever the parser calls it."""

    async def get_json(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return await super().get_json(*args, **kwargs)
        except (ValueError, RecursionError) as error:
            raise BadRequest from error


class Site(Quart):
    request_class = StrictRequest


def create_app(dependencies: WebDependencies) -> Quart:
    """Put the doors in. Raises `Undeclared` for a route that does not say who may call it."""
    app = Site(
        "web",
        template_folder=str(HERE / "shared" / "templates"),
        static_folder=str(HERE / "static"),
    )
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.request_class = with_room_for_pictures(dependencies)
    app.extensions["house"] = dependencies
    QuartSchema(
        app,
        info=Info(title="OneHour", version="1"),
        openapi_path=f"{API}/openapi.json",
        redoc_ui_path=None,
        scalar_ui_path=None,
        swagger_ui_path=None,
        convert_casing=False,
        security_schemes={
            "cookie": {"type": "apiKey", "in_": "cookie", "name": dependencies.site.cookie}
        },
    )
    headers.install(app)
    cookies.install(app)
    errors.install(app)
    templating.install(app)
    for module in (*PAGES, *APIS):
        app.register_blueprint(module.blueprint)
    if dependencies.site.caught_mail:
        app.register_blueprint(mail_catcher.blueprint)
    leave_out_pages(app)
    return app


def with_room_for_pictures(dependencies: WebDependencies) -> type[StrictRequest]:
    most = dependencies.services.avatars.policy.avatar_bytes_maximum + AROUND_A_PICTURE

    class RoomyRequest(StrictRequest):
        room: ClassVar[Mapping[str, int]] = {avatars.PATH: most, f"{API}/me/avatar": most}

    return RoomyRequest


def leave_out_pages(app: Quart) -> None:
    """The API's description is about the API: pages are for people."""
    pages = {module.blueprint.name for module in (*PAGES, mail_catcher)} - {webhooks.blueprint.name}
    for name, view in app.view_functions.items():
        if name.partition(".")[0] in pages:
            hide(view)


def seal(app: Quart) -> None:
    """After plugins have added theirs: no route may be without a declared caller."""
    require_declarations(app, open_to_anyone=frozenset({"static", "openapi", "openapi_json"}))
