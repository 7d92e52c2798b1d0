"""The web application of one process: site, API, sockets, and the simulator beside them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

import socketio
from hypercorn.middleware import ProxyFixMiddleware

from adapters.cashfree.simulator import Simulator, SimulatorSettings
from onehour.addresses import SIMULATOR_PATH, notify_url, sdk_url, simulated, simulator_url
from onehour.container import Container, build, checks, close
from onehour.local.mailcatcher import caught_mail
from onehour.settings import Settings
from plugins.manager import Plugins
from web.app import create_app, events_of, records_of
from web.shared.capabilities import Link, WebCapability
from web.shared.context import CheckoutPage, Site, WebDependencies
from web.shared.headers import on_every_answer
from web.shared.sockets import create_sockets


class Application:
    """Serves `asgi`. `start` opens connections, `drain` says goodbye to sockets, `stop` closes."""

    def __init__(self, settings: Settings) -> None:
        self._container = build(settings)
        self._simulator = simulator_of(settings) if simulated(settings) else None
        added, dependencies = (
            added_by(self._container.plugins()),
            _dependencies(self._container, settings),
        )
        self.app = create_app(dependencies, added=added)
        site = dependencies.site
        self._sockets = create_sockets(
            self._container.socket_manager(),
            self._container.services().sessions,
            site=site,
            events=events_of(records_of(dependencies, added)),
        )
        self._sweeping: asyncio.Task[None] | None = None
        inner = on_every_answer(socketio.ASGIApp(self._sockets.server, self.app.asgi_app), site)
        self.app.asgi_app = beside(inner, self._simulator)  # type: ignore[method-assign]
        self.asgi: Any = self.app
        if settings.trusted_proxies:
            self.asgi = ProxyFixMiddleware(self.app, trusted_hops=settings.trusted_proxies)

    async def start(self) -> None:
        await self._container.store().ready()
        if self._simulator:
            await self._simulator.start()
        self._sweeping = asyncio.create_task(self._sockets.keep_sweeping())

    async def drain(self) -> None:
        server = self._sockets.server
        sids = [sid for sid, _ in list(server.manager.get_participants("/", None))]
        await asyncio.gather(*(server.disconnect(sid, ignore_queue=True) for sid in sids))

    async def stop(self) -> None:
        if self._sweeping:
            self._sweeping.cancel()
        if self._sockets.server.eio.service_task_handle:
            await self._sockets.server.shutdown()
        if self._simulator:
            await self._simulator.stop()
        await close(self._container)


def added_by(plugins: Plugins) -> Sequence[WebCapability]:
    """The web records of the enabled plugins."""
    links = tuple(Link(label, path) for label, path in plugins.navigation())
    return [WebCapability(name="plugins", pages=tuple(plugins.blueprints()), navigation=links)]


def _dependencies(container: Container, settings: Settings) -> WebDependencies:
    catching = settings.smtp_url is not None and not settings.in_production
    return WebDependencies(
        services=container.services(),
        store=container.store(),
        clock=container.clock(),
        site=Site(
            base_url=settings.base_url,
            secret_key=settings.secret_key,
            checkout=CheckoutPage(sdk_url(settings), settings.cashfree_mode),
            caught_mail=partial(caught_mail, settings.caught_mail) if catching else None,
        ),
        formats=container.formats(),
        checks=checks(container),
    )


def simulator_of(settings: Settings) -> Simulator:
    """The simulated provider of this house, on the books in its data folder."""
    return Simulator(
        SimulatorSettings(
            database=settings.data_dir / "simulator.sqlite3",
            public_url=simulator_url(settings),
            client_id=settings.cashfree_client_id or "simulator",
            client_secret=settings.cashfree_client_secret or "simulator-secret",
            notify_url=notify_url(settings),
            time_scale=settings.simulator_time_scale,
        )
    )


def beside(inner: Any, simulator: Simulator | None) -> Any:
    """Requests below the simulator's path go to it, with the path as their root."""
    if simulator is None:
        return inner

    async def dispatch(scope: dict[str, Any], receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and path.startswith(f"{SIMULATOR_PATH}/"):
            below = path.removeprefix(SIMULATOR_PATH)
            scope = {**scope, "path": below, "raw_path": below.encode(), "root_path": ""}
            await simulator.app(scope, receive, send)  # type: ignore[arg-type]
        else:
            await inner(scope, receive, send)

    return dispatch
