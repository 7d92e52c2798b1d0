"""The simulator: Payments API, checkout page and webhooks as one ASGI application."""

from __future__ import annotations

from http import HTTPStatus

import httpx
from hypercorn.typing import ASGIReceiveCallable, ASGISendCallable, Scope
from quart import Quart, Response, request
from werkzeug.exceptions import HTTPException

from adapters.cashfree.simulator import api, checkout, control, headers, payouts_api
from adapters.cashfree.simulator.background import BackgroundWorker
from adapters.cashfree.simulator.chaos import Chaos
from adapters.cashfree.simulator.context import NAME, SimulatorContext, reply
from adapters.cashfree.simulator.database import Database
from adapters.cashfree.simulator.errors import ApiError
from adapters.cashfree.simulator.settings import SimulatorSettings

REQUEST_BYTES_AT_MOST = 1024 * 1024


class Simulator:
    """`app` is the ASGI application; `start` and `stop` control the background worker.

    `app` can be mounted under a path of another ASGI application, which may remove the prefix
    from the path or not. If it is served alone, it starts and stops the worker itself. `client`
    sends the webhooks; by default the simulator creates one.
    """

    def __init__(
        self, settings: SimulatorSettings, client: httpx.AsyncClient | None = None
    ) -> None:
        self._database = Database(settings)
        chaos = Chaos(settings.chaos)
        self._worker = BackgroundWorker(settings, self._database, client, chaos)
        self.app = _build(SimulatorContext(settings, self._database, self._worker, chaos))
        self.app.before_serving(self.start)
        self.app.after_serving(self.stop)

    async def start(self) -> None:
        """Send webhooks and settle due attempts and refunds until `stop`."""
        self._worker.start()

    async def stop(self) -> None:
        """Stop at once. Pending work is stored and continued by the next simulator."""
        await self._worker.stop()
        self._database.close()


def create_simulator(settings: SimulatorSettings) -> Quart:
    """The simulator as an application to serve alone."""
    return Simulator(settings).app


class _Mountable(Quart):
    async def asgi_app(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        # Quart expects the path to start with `root_path`.
        if scope["type"] == "http" and not scope["path"].startswith(scope["root_path"]):
            scope = {**scope, "root_path": ""}
        await super().asgi_app(scope, receive, send)


def _build(context: SimulatorContext) -> Quart:
    app = _Mountable(__name__)
    app.config["MAX_CONTENT_LENGTH"] = REQUEST_BYTES_AT_MOST
    app.extensions[NAME] = context
    for module in (api, checkout, control, payouts_api):
        app.register_blueprint(module.blueprint)
    app.register_blueprint(payouts_api.control)
    app.register_error_handler(ApiError, _error_response)
    app.register_error_handler(HTTPException, _http_error_response)
    app.after_request(headers.protect)
    return app


async def _error_response(error: ApiError) -> Response:
    """JSON for the API, an HTML page for the checkout."""
    if not request.path.startswith("/checkout/"):
        return reply(error.body, error.status)
    title = HTTPStatus(error.status).phrase
    return await checkout.page("problem.html", error.status, title=title, message=str(error))


async def _http_error_response(error: HTTPException) -> Response:
    """The same for what the framework refuses: unknown paths and methods, too long bodies."""
    status = error.code or 500
    message = HTTPStatus(status).phrase.lower()
    if status >= 500:
        return await _error_response(ApiError(status, "internal_error", message, "api_error"))
    response = await _error_response(ApiError(status, "request_failed", message))
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response
