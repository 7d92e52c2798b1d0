"""The client's own profile over the API."""

from __future__ import annotations

from pydantic import Field
from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_request

from web.clients import schemas as schemas
from web.shared.access import Who, allow
from web.shared.api import API, Body, json_response
from web.shared.context import me, services

blueprint = Blueprint("api_clients", __name__, url_prefix=API)
about = tag(["Clients"])


class ClientChange(Body):
    phone: str | None = Field(default=None, max_length=30)


@blueprint.get("/clients/me")
@allow(Who.CLIENT)
@about
@document_response(schemas.ClientSchema)
async def show() -> Response:
    """The client's own profile."""
    return json_response(schemas.client(await services().clients.own_profile(by=me().id)))


@blueprint.put("/clients/me")
@allow(Who.CLIENT)
@about
@validate_request(ClientChange)
@document_response(schemas.ClientSchema)
async def change(data: ClientChange) -> Response:
    """Change the phone number: ten digits for the payment provider, or null to remove it."""
    return json_response(
        schemas.client(await services().clients.update(by=me().id, phone=data.phone))
    )
