"""Suspended money, over the API: what returning it does, and doing it."""

from __future__ import annotations

from pydantic import Field
from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_request

from core.errors import Invalid
from core.payments import NothingSuspended, PaymentId, UnderChargeback
from services.shared.money_actions import OwnMoney, PreviewOutdated
from web.administration import reading as reading
from web.administration import schemas as schemas
from web.shared.access import Who, allow
from web.shared.api import API, Body, idempotent, json_response, limits
from web.shared.context import me, services
from web.shared.cookies import caller
from web.shared.openapi import document_errors
from web.shared.previews import PreviewSchema, preview_schema

blueprint = Blueprint("api_admin_suspended_money", __name__, url_prefix=f"{API}/admin")
about = tag(["Administration"])


class ReturnBody(Body):
    """The client reads `reason`."""

    reason: str = limits(minLength=1, maxLength=500)


class CheckedReturnBody(ReturnBody):
    """`preview` is the digest of the preview: if something has changed since, nothing is done.
    Without it the present state counts."""

    preview: str | None = Field(default=None, max_length=64)


async def _shown(payment_id: str) -> Response:
    payment = await reading.repositories().payments.get(PaymentId(payment_id))
    (found,) = await reading.numbered([payment])
    return json_response(schemas.payment(found.payment, found.booking))


@blueprint.post("/payments/<payment_id>/suspended/preview")
@allow(Who.ADMIN)
@about
@validate_request(ReturnBody)
@document_response(PreviewSchema)
@document_errors(Invalid, NothingSuspended, OwnMoney, UnderChargeback)
async def preview(payment_id: str, data: ReturnBody) -> Response:
    """What returning the suspended money would book now, and whom it would tell. Nothing
    changes."""
    found = await services().suspended_money.preview(
        PaymentId(payment_id), by=me(), caller=caller(), reason=data.reason
    )
    return json_response(preview_schema(found))


@blueprint.post("/payments/<payment_id>/suspended")
@allow(Who.ADMIN, step_up=True)
@about
@validate_request(CheckedReturnBody)
@document_response(schemas.AdminPaymentSchema)
@document_errors(Invalid, NothingSuspended, OwnMoney, PreviewOutdated, UnderChargeback)
@idempotent(again=_shown)
async def give_back(payment_id: str, data: CheckedReturnBody) -> Response:
    """Have the provider return all suspended money of a payment to the payer."""
    await services().suspended_money.give_back(
        PaymentId(payment_id),
        by=me(),
        caller=caller(),
        reason=data.reason,
        expected=data.preview,
    )
    return await _shown(payment_id)
