"""Chargebacks for administrators over the API."""

from __future__ import annotations

from pydantic import Field
from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_querystring, validate_request
from typing_extensions import TypedDict

from core.bookings import Booking
from core.chargebacks import Chargeback, ChargebackId, ChargebackMovedOn, Status
from core.errors import Invalid
from services.chargebacks import Answer
from services.shared.money_actions import OwnMoney, PreviewOutdated
from web.chargebacks import reading as reading
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
from web.shared.previews import LedgerEntrySchema, PreviewSchema, entry_schema, preview_schema
from web.shared.schemas import Moment, MoneySchema, maybe, moment, money

blueprint = Blueprint("api_chargebacks", __name__, url_prefix=f"{API}/admin/chargebacks")
about = tag(["Administration"])


class ChargebacksQuery(Paging):
    status: Status | None = None


class ChargebackAnswerBody(Body):
    """`reason` is for the audit trails."""

    answer: Answer
    reason: str = limits(minLength=1, maxLength=500)


class CheckedChargebackAnswerBody(ChargebackAnswerBody):
    """`preview` is the digest of the preview: if something has changed since, nothing is done."""

    preview: str | None = Field(default=None, max_length=64)


class ReserveSchema(TypedDict):
    """Where the money that is set aside came from; `losses` were not there any more."""

    held: MoneySchema
    developer: MoneySchema
    fee: MoneySchema
    losses: MoneySchema


class ChargebackSchema(TypedDict):
    """`respond_by` ends the time to answer. The evidence was sent at `evidence_at`; it was accepted
    at `accepted_at`. `reference` is the provider's id of it."""

    id: str
    provider: str
    reference: str
    status: Status
    reason: str
    amount: MoneySchema
    fee: MoneySchema | None
    payment_id: str
    booking_id: str
    booking_number: str
    client: str
    developer: str
    opened_at: Moment
    changed_at: Moment
    respond_by: Moment | None
    evidence_at: Moment | None
    accepted_at: Moment | None
    set_aside: ReserveSchema | None


class ShownChargebackSchema(TypedDict):
    """`entries` are those of the ledger about it."""

    chargeback: ChargebackSchema
    entries: list[LedgerEntrySchema]


def schema(value: Chargeback, of: Booking) -> ChargebackSchema:
    reserve = value.reserve
    return {
        "id": value.id,
        "provider": value.provider,
        "reference": value.reference,
        "status": value.status,
        "reason": value.reason,
        "amount": money(value.amount),
        "fee": money(value.fee) if value.fee else None,
        "payment_id": value.payment_id,
        "booking_id": of.id,
        "booking_number": of.number,
        "client": of.client.name,
        "developer": of.developer.name,
        "opened_at": moment(value.opened_at),
        "changed_at": moment(value.changed_at),
        "respond_by": maybe(value.respond_by),
        "evidence_at": maybe(value.evidence_at),
        "accepted_at": maybe(value.accepted_at),
        "set_aside": None
        if reserve is None
        else {
            "held": money(reserve.held),
            "developer": money(reserve.developer),
            "fee": money(reserve.fee),
            "losses": money(reserve.losses),
        },
    }


@blueprint.get("")
@allow(Who.ADMIN)
@about
@validate_querystring(ChargebacksQuery)
@document_response(Listed[ChargebackSchema])
async def index(query_args: ChargebacksQuery) -> Response:
    """All, latest opened first; with `status` those of it, the first to answer first."""
    found, following = await reading.page(
        query_args.status, limit=query_args.limit, cursor=query_args.cursor
    )
    return page_response([schema(each.chargeback, each.booking) for each in found], following)


@blueprint.get("/<chargeback_id>")
@allow(Who.ADMIN)
@about
@document_response(ShownChargebackSchema)
async def show(chargeback_id: str) -> Response:
    """One chargeback; that it was read is recorded, and both sides see it."""
    found = await reading.one(chargeback_id)
    answer: ShownChargebackSchema = {
        "chargeback": schema(found.chargeback, found.booking),
        "entries": [entry_schema(each) for each in found.entries],
    }
    return json_response(answer)


async def _shown(chargeback_id: str) -> Response:
    """After an answer, whose audit entry covers this reading."""
    found = await reading.shown(ChargebackId(chargeback_id))
    return json_response(schema(found.chargeback, found.booking))


@blueprint.post("/<chargeback_id>/preview")
@allow(Who.ADMIN)
@about
@validate_request(ChargebackAnswerBody)
@document_response(PreviewSchema)
@document_errors(ChargebackMovedOn, Invalid, OwnMoney)
async def preview(chargeback_id: str, data: ChargebackAnswerBody) -> Response:
    """What the answer would do now. Nothing changes."""
    found = await services().chargeback_answers.preview(
        data.answer, ChargebackId(chargeback_id), by=me(), caller=caller(), reason=data.reason
    )
    return json_response(preview_schema(found))


@blueprint.post("/<chargeback_id>/answer")
@allow(Who.ADMIN, step_up=True)
@about
@validate_request(CheckedChargebackAnswerBody)
@document_response(ChargebackSchema)
@document_errors(ChargebackMovedOn, Invalid, OwnMoney, PreviewOutdated)
@idempotent(again=_shown)
async def answer(chargeback_id: str, data: CheckedChargebackAnswerBody) -> Response:
    """Send the evidence now, or accept the chargeback: the client's bank keeps the money."""
    await services().chargeback_answers.answer(
        data.answer,
        ChargebackId(chargeback_id),
        by=me(),
        caller=caller(),
        reason=data.reason,
        expected=data.preview,
    )
    return await _shown(chargeback_id)
