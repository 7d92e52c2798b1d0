"""Refunds that wait for an administrator, over the API."""

from __future__ import annotations

from pydantic import Field
from quart import Blueprint, Response
from quart_schema import (
    document_response,
    tag,
    validate_querystring,
    validate_request,
)
from typing_extensions import TypedDict

from core.errors import Invalid
from core.payments import NotStopped, PaymentId, RefundId, UnderChargeback
from services.payments import Solution, Solving
from services.shared.money_actions import OwnMoney, PreviewOutdated
from web.administration import reading as reading
from web.administration import schemas as schemas
from web.shared.access import Who, allow
from web.shared.api import (
    API,
    Body,
    Listed,
    Paging,
    idempotent,
    json_response,
    limits,
    page_response,
)
from web.shared.context import me, services
from web.shared.cookies import caller
from web.shared.openapi import document_errors
from web.shared.previews import PreviewSchema, preview_schema
from web.shared.schemas import Moment, MoneySchema, moment, money

blueprint = Blueprint("api_admin_stopped_refunds", __name__, url_prefix=f"{API}/admin")
about = tag(["Administration"])


class SolvingBody(Body):
    """`solution`: `retry` has the refund `refund_id` requested again, `paid_otherwise` books that
    it was paid outside of the provider, by the transfer with this `reference`. Both sides read
    `reason`."""

    refund_id: str = limits(minLength=1, maxLength=60)
    solution: Solution
    reason: str = limits(minLength=1, maxLength=500)
    reference: str = Field(default="", max_length=60)

    def checked(self) -> Solving:
        return Solving.checked(self.solution, reason=self.reason, reference=self.reference)


class CheckedSolvingBody(SolvingBody):
    """`preview` is the digest of the preview: if something has changed since, nothing is done.
    Without it the present state counts."""

    preview: str | None = Field(default=None, max_length=64)


class StoppedRefundSchema(TypedDict):
    """`since` is when the provider refused it last, after `requests` requests, and `refused` why,
    in its words; empty if it gave no reason."""

    id: str
    payment_id: str
    booking_id: str
    booking_number: str
    client: schemas.PersonSchema
    amount: MoneySchema
    since: Moment
    requests: int
    refused: str


def _schema(found: reading.Stopped) -> StoppedRefundSchema:
    refund, booking = found.refund, found.booking
    return {
        "id": refund.id,
        "payment_id": refund.payment_id,
        "booking_id": booking.id,
        "booking_number": booking.number,
        "client": schemas.person(booking.client),
        "amount": money(refund.amount),
        "since": moment(refund.since),
        "requests": refund.requests,
        "refused": refund.refused,
    }


async def _shown(payment_id: str) -> Response:
    payment = await reading.repositories().payments.get(PaymentId(payment_id))
    (found,) = await reading.numbered([payment])
    return json_response(schemas.payment(found.payment, found.booking))


@blueprint.get("/stopped-refunds")
@allow(Who.ADMIN)
@about
@validate_querystring(Paging)
@document_response(Listed[StoppedRefundSchema])
async def stopped(query_args: Paging) -> Response:
    """Refunds that the provider has refused too often, the oldest first."""
    found, following = await reading.stopped_page(limit=query_args.limit, cursor=query_args.cursor)
    return page_response([_schema(each) for each in found], following)


@blueprint.post("/payments/<payment_id>/stopped-refund/preview")
@allow(Who.ADMIN)
@about
@validate_request(SolvingBody)
@document_response(PreviewSchema)
@document_errors(Invalid, NotStopped, OwnMoney, UnderChargeback)
async def preview(payment_id: str, data: SolvingBody) -> Response:
    """What solving it would book now, and whom it would tell. Nothing changes."""
    found = await services().stopped_refunds.preview(
        PaymentId(payment_id), RefundId(data.refund_id), by=me(), caller=caller(),
        solving=data.checked(),
    )  # fmt: skip
    return json_response(preview_schema(found))


@blueprint.post("/payments/<payment_id>/stopped-refund")
@allow(Who.ADMIN, step_up=True)
@about
@validate_request(CheckedSolvingBody)
@document_response(schemas.AdminPaymentSchema)
@document_errors(Invalid, NotStopped, OwnMoney, PreviewOutdated, UnderChargeback)
@idempotent(again=_shown)
async def solve(payment_id: str, data: CheckedSolvingBody) -> Response:
    """Have a refused refund requested again, or book that it was paid by another way."""
    await services().stopped_refunds.solve(
        PaymentId(payment_id),
        RefundId(data.refund_id),
        by=me(),
        caller=caller(),
        solving=data.checked(),
        expected=data.preview,
    )
    return await _shown(payment_id)
