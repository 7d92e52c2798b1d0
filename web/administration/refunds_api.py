"""Refunds by administrators over the API."""

from __future__ import annotations

from pydantic import Field
from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_request
from typing_extensions import TypedDict

from core.errors import Invalid
from core.jobs import Frozen
from core.payments import NotRefundable, PaymentId
from services.shared.money_actions import OwnMoney, PreviewOutdated
from web.administration import reading as reading
from web.administration import schemas as schemas
from web.shared.access import Who, allow
from web.shared.api import API, Body, MoneyBody, idempotent, json_response, limits
from web.shared.context import me, services
from web.shared.cookies import caller
from web.shared.openapi import document_errors
from web.shared.previews import LedgerEntrySchema, PreviewSchema, entry_schema, preview_schema
from web.shared.schemas import MoneySchema, money

blueprint = Blueprint("api_admin_refunds", __name__, url_prefix=f"{API}/admin/payments")
about = tag(["Administration"])


class RefundBody(Body):
    """`reason` is read by both sides."""

    amount: MoneyBody
    reason: str = limits(minLength=1, maxLength=500)


class CheckedRefundBody(RefundBody):
    """`preview` is that of the answer of the preview: if something has changed since, nothing is
    refunded. Without it the refund is that of the present state."""

    preview: str | None = Field(default=None, max_length=64)


class RefundPreviewSchema(TypedDict):
    """`later` is booked when the provider has confirmed the refund. `refunded`, `earning` and `fee`
    are how the price is then divided. `ends`: the booking ends by it."""

    preview: PreviewSchema
    later: LedgerEntrySchema
    refunded: MoneySchema
    earning: MoneySchema
    fee: MoneySchema
    ends: bool


async def _shown(payment_id: str) -> Response:
    """The payment after the refund, whose audit entry covers this reading."""
    payment = await reading.repositories().payments.get(PaymentId(payment_id))
    (found,) = await reading.numbered([payment])
    return json_response(schemas.payment(found.payment, found.booking))


@blueprint.post("/<payment_id>/refund/preview")
@allow(Who.ADMIN)
@about
@validate_request(RefundBody)
@document_response(RefundPreviewSchema)
@document_errors(Invalid, Frozen, NotRefundable, OwnMoney)
async def preview(payment_id: str, data: RefundBody) -> Response:
    """What a refund would book now, and whom it would tell. Nothing changes."""
    found = await services().refunds.preview(
        PaymentId(payment_id), by=me(), caller=caller(), amount=data.amount.money,
        reason=data.reason,
    )  # fmt: skip
    after = found.after
    answer: RefundPreviewSchema = {
        "preview": preview_schema(found.preview),
        "later": entry_schema(found.later),
        "refunded": money(after.refund),
        "earning": money(after.earning),
        "fee": money(after.fee),
        "ends": found.ends,
    }
    return json_response(answer)


@blueprint.post("/<payment_id>/refund")
@allow(Who.ADMIN, step_up=True)
@about
@validate_request(CheckedRefundBody)
@document_response(schemas.AdminPaymentSchema)
@document_errors(Invalid, Frozen, NotRefundable, OwnMoney, PreviewOutdated)
@idempotent(again=_shown)
async def refund(payment_id: str, data: CheckedRefundBody) -> Response:
    """Refund a payment in full or in part. Held money: the booking ends, and the rest is released
    to the developer. Released money: it is taken back from the developer and from our fee."""
    await services().refunds.refund(
        PaymentId(payment_id),
        by=me(),
        caller=caller(),
        amount=data.amount.money,
        reason=data.reason,
        expected=data.preview,
    )
    return await _shown(payment_id)
