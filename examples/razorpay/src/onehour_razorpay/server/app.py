"""The server as one ASGI application."""

from __future__ import annotations

from quart import Quart, Response, jsonify, render_template, request
from quart.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from onehour_razorpay.server import api, page
from onehour_razorpay.server.errors import ApiError
from onehour_razorpay.server.provider import Provider

API = "/v1/"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
POLICY = (
    "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; style-src 'self';"
    " form-action 'self'"
)
"""A form of the page leads back to the site, which serves this server too."""


def create_app(provider: Provider) -> Quart:
    app = Quart(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 256 * 1024
    app.extensions[api.PROVIDER] = provider
    app.context_processor(lambda: {"base": provider.settings.public_url})
    app.register_blueprint(api.blueprint)
    app.register_blueprint(page.blueprint)
    app.register_error_handler(ApiError, _refused)
    app.register_error_handler(HTTPException, _not_served)
    app.after_request(_protect)
    return app


async def _refused(error: ApiError) -> ResponseReturnValue:
    """JSON for the API, a page for people."""
    if request.path.startswith(API):
        return jsonify(error.body), error.status
    return await render_template("problem.html", error=error), error.status


async def _not_served(error: HTTPException) -> ResponseReturnValue:
    """The same also for what the framework refuses."""
    return await _refused(
        ApiError("The requested URL was not found on the server.", status=error.code or 500)
    )


async def _protect(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers[name] = value
    if not request.path.startswith(API):
        response.headers["Content-Security-Policy"] = POLICY
    return response
