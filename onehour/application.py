"""The web application of one process: site, API, sockets, and local servers beside them."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import socketio
from hypercorn.middleware import ProxyFixMiddleware

from adapters.smtp.settings import SmtpOptions
from onehour.container import Container, build, checks, close
from onehour.local.mailcatcher import caught_mail
from onehour.local_servers import local_servers, mounted
from onehour.settings import Settings
from onehour.site_pages import site_pages
from onehour.telemetry import Asgi, Observation, observe
from onehour.unread_bodies import with_read_bodies
from web.app import create_app, records_of
from web.shared.context import Site, WebDependencies
from web.shared.files_host import with_files_host
from web.shared.headers import with_common_headers
from web.shared.live import PipelinedManager, subscribed
from web.shared.records import events_of, heard_by
from web.shared.sockets import create_sockets, with_observed_sockets

SOCKETS = "/socket.io"
"""The beginning of the paths of the socket server, which passes on what is not for it."""


class Application:
    """Serves `asgi`. `start` opens connections, `drain` closes the sockets, `stop` the rest."""

    def __init__(self, settings: Settings, observation: Observation | None = None) -> None:
        self._observation = observation or observe(settings, "web", metrics=False)
        telemetry = self._observation.telemetry
        self._container = build(settings, telemetry)
        self._local_servers = local_servers(settings, self._container.offers())
        added = self._container.plugins().web
        dependencies = _dependencies(self._container, settings)
        self.app = create_app(dependencies, added=added)
        site = dependencies.site
        records, services = records_of(dependencies, added), self._container.services()
        manager = self._container.socket_manager()
        if isinstance(manager, PipelinedManager):
            manager.heard = heard_by(records, services)
        self._sockets = create_sockets(
            manager, services, site=site, events=events_of(records), telemetry=telemetry
        )
        self._sweeping: asyncio.Task[None] | None = None
        both = socketio.ASGIApp(self._sockets.server, self.app.asgi_app)
        sockets = with_observed_sockets(with_common_headers(both, site), telemetry)
        inner = _beside_sockets(self.app.asgi_app, sockets)
        hosted = with_files_host(inner, settings.base_url, settings.files_url)
        served = with_read_bodies(mounted(hosted, self._local_servers))
        self.app.asgi_app = served  # type: ignore[method-assign]
        self.asgi: Any = self.app
        if settings.trusted_proxies:
            self.asgi = ProxyFixMiddleware(self.app, trusted_hops=settings.trusted_proxies)

    async def start(self) -> None:
        await self._container.store().ready()
        for server in self._local_servers:
            await server.start()
        self._sockets.server.listen()
        await subscribed(self._sockets.server.manager)
        self._sweeping = asyncio.create_task(self._sockets.run_sweeps())

    async def drain(self) -> None:
        await self._sockets.server.close_all()

    async def stop(self) -> None:
        if self._sweeping:
            self._sweeping.cancel()
        if self._sockets.server.eio.service_task_handle:
            await self._sockets.server.shutdown()
        for server in self._local_servers:
            await server.stop()
        await close(self._container)
        await self._observation.stop()

    @property
    def metrics(self) -> Asgi | None:
        """The ASGI application that shows metrics; None if they are off."""
        endpoint = self._observation.endpoint
        return endpoint(self._container.store(), self._container.clock()) if endpoint else None


def _beside_sockets(app: Any, sockets: Any) -> Any:
    """ASGI middleware: requests that cannot be for the socket server go straight to `app`, which
    sends all headers itself."""

    async def dispatch(scope: dict[str, Any], receive: Any, send: Any) -> None:
        of_app = scope["type"] == "http" and not scope["path"].startswith(SOCKETS)
        await (app if of_app else sockets)(scope, receive, send)

    return dispatch


def _dependencies(container: Container, settings: Settings) -> WebDependencies:
    catching = settings.section(SmtpOptions).url is not None and not settings.in_production
    return WebDependencies(
        services=container.services(),
        store=container.store(),
        clock=container.clock(),
        site=Site(
            base_url=settings.base_url,
            secret_key=settings.secret_key,
            checkouts={
                name: gateway.checkout
                for name, gateway in container.gateways().items()
                if gateway.checkout
            },
            caught_mail=partial(caught_mail, settings.caught_mail) if catching else None,
            support_email=settings.support_email,
            operator=settings.operator,
            pages=site_pages(settings),
        ),
        formats=container.formats(),
        checks=checks(container),
        telemetry=container.telemetry(),
    )
