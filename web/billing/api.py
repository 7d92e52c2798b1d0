"""The own billing details over the API."""

from __future__ import annotations

from pydantic import Field
from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_request

from core.billing import TaxParty
from web.billing import schemas as schemas
from web.shared.access import Who, allow
from web.shared.api import API, Body, json_response
from web.shared.context import me, services

blueprint = Blueprint("api_billing", __name__, url_prefix=API)
about = tag(["Accounts"])


class BillingChange(Body):
    name: str = Field(default="", max_length=1000)
    address: str = Field(default="", max_length=3000)
    state: str = Field(default="", max_length=10)
    country: str = Field(default="", max_length=1000)
    gstin: str = Field(default="", max_length=100)


@blueprint.get("/me/billing")
@allow(Who.SIGNED_IN)
@about
@document_response(schemas.BillingSchema)
async def show() -> Response:
    """The own billing details, for receipts."""
    return json_response(schemas.billing(await services().billing.details(by=me().id)))


@blueprint.put("/me/billing")
@allow(Who.SIGNED_IN)
@about
@validate_request(BillingChange)
@document_response(schemas.BillingSchema)
async def change(data: BillingChange) -> Response:
    """Replace the own billing details, for the receipts that are issued from now on. All fields
    empty: remove them."""
    given = TaxParty(**data.model_dump())
    return json_response(schemas.billing(await services().billing.change(given, by=me().id)))
