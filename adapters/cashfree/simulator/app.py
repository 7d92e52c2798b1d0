"""A local Cashfree: its Payments API, its checkout page, its webhooks, its own books."""

from __future__ import annotations

from http import HTTPStatus

import httpx
from hypercorn.typing import ASGIReceiveCallable, ASGISendCallable, Scope
from quart import Quart, Response, request

from adapters.cashfree.simulator import api, checkout, control, headers
from adapters.cashfree.simulator.background import BackgroundWorker
from adapters.cashfree.simulator.context import NAME, SimulatorContext, reply
from adapters.cashfree.simulator.database import Database
from adapters.cashfree.simulator.errors import ApiError
from adapters.cashfree.simulator.settings import SimulatorSettings

REQUEST_BYTES_AT_MOST = 1024 * 1024


class Simulator:
    """`app` serves it; `start` and `stop` run what it does on its own.

    `app` may be mounted under a path of another ASGI application, whether that one takes the
    prefix off the path or not. Served alone, `app` starts and stops by itself. `client` sends
    the webhooks; its own one if none is given.
    """

    def __init__(
        self, settings: SimulatorSettings, client: httpx.AsyncClient | None = None
    ) -> None:
        self._database = Database(settings)
        self._worker = BackgroundWorker(settings, self._database, client)
        self.app = _build(SimulatorContext(settings, self._database, self._worker))
        self.app.before_serving(self.start)
        self.app.after_serving(self.stop)

    async def start(self) -> None:
        """Carry webhooks and end what is due, until `stop`."""
        self._worker.start()

    async def stop(self) -> None:
        """Stop promptly and for good; what was recorded is taken up by the next simulator."""
        await self._worker.stop()
        self._database.close()


def create_simulator(settings: SimulatorSettings) -> Quart:
    """The simulator as an application to serve alone."""
    return Simulator(settings).app


class _Mountable(Quart):
    async def asgi_app(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        # Quart finds its routes behind `root_path` and nothing on a path without it.
        if scope["type"] == "http" and not scope["path"].startswith(scope["root_path"]):
            scope = {**scope, "root_path": ""}
        await super().asgi_app(scope, receive, send)


def _build(context: SimulatorContext) -> Quart:
    app = _Mountable(__name__)
    app.config["MAX_CONTENT_LENGTH"] = REQUEST_BYTES_AT_MOST
    app.extensions[NAME] = context
    for module in (api, checkout, control):
        app.register_blueprint(module.blueprint)
    app.register_error_handler(ApiError, _explain)
    app.after_request(headers.protect)
    return app


async def _explain(error: ApiError) -> Response:
    """Programs get JSON, people a page."""
    if not request.path.startswith("/checkout/"):
        return reply(error.body, error.status)
    title = HTTPStatus(error.status).phrase
    return await checkout.page("problem.html", error.status, title=title, message=str(error))
