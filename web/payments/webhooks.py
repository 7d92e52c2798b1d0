"""Webhooks of payment providers: verified over the raw body and stored once."""

from __future__ import annotations

from quart import Blueprint, Response, request
from quart_schema import document_response, tag

from web.shared.access import Who, allow
from web.shared.api import API, Done, json_response, raw_body
from web.shared.context import services

blueprint = Blueprint("webhooks", __name__, template_folder="templates", url_prefix=API)


@blueprint.post("/webhooks/payments/<provider>")
@allow(Who.GATEWAY)
@tag(["Webhooks"])
@document_response(Done)
async def payments(provider: str) -> Response:
    """A webhook of a payment provider; a repeated one gets the same response."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    await services().payments.receive_webhook(provider, headers, await raw_body())
    return json_response({"status": "ok"})
