"""The Quart application, with the web records of all capabilities."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from inspect import CO_COROUTINE
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import SplitResult, urlsplit

from quart import Quart, Request, Response, Websocket, request
from quart.typing import ResponseTypes
from quart.wrappers import BaseRequestWebsocket
from quart_schema import Info, QuartSchema, Server, hide
from werkzeug.exceptions import BadRequest
from werkzeug.routing import MapAdapter

from core.errors import NotFound, Unavailable
from core.traces import Trace
from ports.telemetry import Kind
from services.shared.capabilities import WrongCapability
from web import (
    accounts,
    administration,
    avatars,
    billing,
    bookings,
    calendars,
    calls,
    chargebacks,
    chats,
    clients,
    developers,
    discovery,
    disputes,
    extensions,
    files,
    home,
    jobs,
    notifications,
    pads,
    payments,
    reminders,
    reschedules,
    settlements,
    site_pages,
    system,
    withdrawals,
)
from web.shared import (
    asgi_connections,
    assets,
    compression,
    cookies,
    errors,
    headers,
    kept_forms,
    navigation,
    panels,
    preloads,
    redirects,
    templating,
)
from web.shared.access import access_of, require_declarations
from web.shared.added_routes import check_added_routes
from web.shared.capabilities import RouteFunction, WebCapability, always
from web.shared.context import WebDependencies, services
from web.shared.openapi import ApiDescription
from web.shared.records import (
    activity_wording,
    check_names,
    events_of,
    live_events_of,
    notice_wording,
    static_folders,
    timeline_wording,
)
from web.shared.request_limits import SizedRequest
from web.shared.rules import LazyRule

TEMPLATES = Path(__file__).parent / "shared" / "templates"
LARGEST_BODY = 1_000_000
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Clients may invent others, which are not told apart."""
NO_ROUTE = "none"
"""Stands for the route of a request that fits none."""
OPEN_ENDPOINTS = frozenset({"static"})
"""Endpoints that cannot declare their callers. They are public."""
ABOUT_THE_API = """Book and pay software developers by the hour.

Amounts are whole minor units of their currency, times RFC 3339 in UTC. Errors are problems as in
RFC 9457 with a stable `code`. Lists have `items`, and in `next` the cursor of the next page or
null."""
WEB: tuple[WebCapability, ...] = (
    accounts.WEB,
    administration.WEB,
    avatars.WEB,
    billing.WEB,
    bookings.WEB,
    calls.WEB,
    reschedules.WEB,
    withdrawals.WEB,
    reminders.WEB,
    calendars.WEB,
    chats.WEB,
    clients.WEB,
    developers.WEB,
    discovery.WEB,
    files.WEB,
    disputes.WEB,
    chargebacks.WEB,
    extensions.WEB,
    home.WEB,
    jobs.WEB,
    notifications.WEB,
    pads.WEB,
    payments.WEB,
    settlements.WEB,
    site_pages.WEB,
    system.WEB,
)


class StrictRequest(SizedRequest):
    """Answers malformed JSON with 400, whatever exception the parser raises."""

    async def get_json(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return await super().get_json(*args, **kwargs)
        except (ValueError, RecursionError) as error:
            raise BadRequest from error


class WebApplication(Quart):
    request_class = StrictRequest
    url_rule_class = LazyRule
    asgi_http_class = asgi_connections.Connection

    def create_url_adapter(self, request: BaseRequestWebsocket | None) -> MapAdapter | None:
        """The router of a request. It redirects (`//path`) within our base URL: the client chooses
        the header `Host`, which can also be malformed."""
        if request is None:
            return super().create_url_adapter(request)
        base = _parts(self.extensions["dependencies"].site.base_url)
        return self.url_map.bind(
            base.netloc,
            script_name=request.root_path,
            url_scheme=base.scheme,
            default_method=request.method,
            path_info=request.path,
            query_args=request.query_string.decode("utf-8", "replace"),
        )

    def ensure_async(self, func: Any) -> Any:
        """Most functions are coroutine functions, which one look at their flags shows."""
        code = getattr(func, "__code__", None)
        if code is not None and code.co_flags & CO_COROUTINE:
            return func
        return super().ensure_async(func)

    async def handle_request(self, request: Request) -> ResponseTypes:
        """Answer a request, as an operation that goes on with the trace of the caller."""
        telemetry = self.extensions["dependencies"].telemetry
        parent = Trace.parse(request.headers.get("traceparent"))
        with telemetry.operation(Kind.REQUEST, parent=parent) as operation:
            try:
                response = await super().handle_request(request)
                operation.outcome = str(response.status_code)
                operation.describe(status=response.status_code)
                return response
            finally:
                rule = request.url_rule.rule if request.url_rule else NO_ROUTE
                method = request.method if request.method in METHODS else "other"
                operation.describe(method=method, route=rule)
                operation.name = f"{method} {rule}"

    async def handle_websocket(self, websocket: Websocket) -> Response:
        """No route is a websocket; those at `/socket.io` do not come here."""
        return Response(status=404)


@lru_cache(maxsize=8)
def _parts(url: str) -> SplitResult:
    return urlsplit(url)


def _without_conversion(app: Quart) -> None:
    """Answers that are made already pass by the conversion of QuartSchema."""
    convert = app.make_response

    async def make_response(result: Any) -> ResponseTypes:
        return result if isinstance(result, Response) else await convert(result)

    app.make_response = make_response  # type: ignore[method-assign]


def create_app(dependencies: WebDependencies, *, added: Sequence[WebCapability] = ()) -> Quart:
    """Create the application with all capabilities; `added` are the records of plugins.

    Raises `Undeclared` for a route that does not declare who may call it, `WrongCapability` for
    conflicting records, `WrongStaticFolder` for its static files.
    """
    records = records_of(dependencies, added)
    check_names(records)
    app = WebApplication(
        "web",
        template_folder=str(TEMPLATES),
        static_folder=None,  # `web/shared/assets.py` serves them, from several folders
    )
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.request_class = _request_class(records, dependencies)
    app.extensions["dependencies"] = dependencies
    panels.install(app, records)
    navigation.install(app, records)
    capabilities = dependencies.services.built.records
    app.extensions["timeline"] = timeline_wording(records, capabilities)
    app.extensions["activity"] = activity_wording(records, capabilities)
    app.extensions["notices"] = notice_wording(records, capabilities)
    app.extensions["events"] = events_of(records)
    app.extensions["live_events"] = live_events_of(records)
    app.extensions["live_scripts"] = [path for record in records for path in record.live_scripts]
    QuartSchema(
        app,
        info=Info(title="1HourDeveloper", version="1", description=ABOUT_THE_API),
        servers=[Server(url=dependencies.site.base_url)],
        openapi_provider_class=ApiDescription,
        openapi_path=None,  # `web/system/reference.py` serves it
        redoc_ui_path=None,
        scalar_ui_path=None,
        swagger_ui_path=None,
        convert_casing=False,
    )
    _without_conversion(app)
    for module in (
        compression, headers, cookies, kept_forms, redirects, errors, templating, preloads,
    ):  # fmt: skip
        module.install(app)
    assets.install(app, (*static_folders(records), _call_client(dependencies)))
    _register(app, records)
    templating.without_threads(app)
    _refuse_switched_off(app, records)
    assets.assets(app).bundle()
    require_declarations(app, open_to_anyone=OPEN_ENDPOINTS)
    check_added_routes(app, records, added)
    app.extensions["QUART_SCHEMA"].openapi_provider.routes()  # checks their names
    return app


def records_of(
    dependencies: WebDependencies, added: Sequence[WebCapability] = ()
) -> tuple[WebCapability, ...]:
    """The records of all capabilities, in the order of registration."""
    mail_catcher = (system.MAIL_CATCHER,) if dependencies.site.caught_mail else ()
    return (*WEB, *mail_catcher, *added)


def _call_client(dependencies: WebDependencies) -> assets.StaticFolder:
    """The files of the video provider for the page of calls."""
    video = dependencies.services.calls.video
    return assets.StaticFolder(calls.client_prefix(video.name), video.client.folder)


def _register(app: Quart, records: Sequence[WebCapability]) -> None:
    """Register the blueprints; pages are hidden in the API description."""
    for record in records:
        for blueprint in (*record.pages, *record.api):
            before = _of_all_pages(app)
            app.register_blueprint(blueprint)
            if record.on is not always and _of_all_pages(app) != before:
                raise WrongCapability(
                    f"The blueprint {blueprint.name} of the capability {record.name} acts on all "
                    "pages: before_request is allowed, before_app_request and the like are not."
                )
            if record.within:
                _wrap(app, blueprint.name, record.within)
    pages = {blueprint.name for record in records for blueprint in record.pages}
    for endpoint, view in app.view_functions.items():
        if endpoint.partition(".")[0] in pages:
            hide(view)


def _wrap(app: Quart, blueprint: str, within: Callable[[RouteFunction], RouteFunction]) -> None:
    for endpoint, function in app.view_functions.items():
        if endpoint.startswith(f"{blueprint}."):
            app.view_functions[endpoint] = within(function)


def _of_all_pages(app: Quart) -> tuple[int, ...]:
    """How many functions act on every page: a blueprint of a plugin may add none."""
    handlers = app.error_handler_spec[None]
    return (
        len(app.before_request_funcs[None]),
        len(app.after_request_funcs[None]),
        len(app.teardown_request_funcs[None]),
        len(app.template_context_processors[None]),
        len(app.url_value_preprocessors[None]),
        len(app.before_websocket_funcs[None]),
        len(app.before_serving_funcs),
        len(app.jinja_env.filters),
        len(app.jinja_env.globals),
        sum(len(found) for found in handlers.values()),
    )


def _refuse_switched_off(app: Quart, records: Sequence[WebCapability]) -> None:
    """The pages of a plugin that is switched off are not found, its API is not available, apart
    from routes that are declared as lasting."""
    owners, of_api = dict[str, Callable[[], bool]](), set[str]()
    for record in records:
        if record.on is not always:
            owners |= {blueprint.name: record.on for blueprint in (*record.pages, *record.api)}
            of_api |= {blueprint.name for blueprint in record.api}

    async def refuse() -> None:
        await services().plugin_states.refresh()
        access = access_of(app, request.endpoint or "")
        if not owners.get(request.blueprint or "", always)() and not (access and access.lasting):
            raise Unavailable if request.blueprint in of_api else NotFound

    if owners:
        app.before_request(refuse)


def _request_class(
    records: Sequence[WebCapability], dependencies: WebDependencies
) -> type[StrictRequest]:
    """The request class with the larger body limits of some paths."""
    limits = {
        path: limit(dependencies.services)
        for record in records
        for path, limit in record.body_limits.items()
    }

    class LimitedRequest(StrictRequest):
        path_limits: ClassVar[Mapping[str, int]] = limits

    return LimitedRequest
