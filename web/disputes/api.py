"""Disputes over the API."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_querystring, validate_request

from core.bookings import BookingId
from core.dispute_parts import (
    NOTE_MAXIMUM,
    REASON_MAXIMUM,
    TEXT_MAXIMUM,
    OfferId,
    Reason,
    WishKind,
)
from core.disputes import (
    AlreadyAnswered,
    Dispute,
    DisputeId,
    EvidenceOver,
    IllegalTransition,
    OfferGone,
    OwnOffer,
    Status,
    TooMuch,
)
from core.errors import Invalid
from core.files import FilesNotReady, UnusableFiles
from core.files_policy import FILES_MAXIMUM
from core.jobs import Frozen, JobId
from core.jobs import IllegalTransition as JobMovedOn
from core.no_shows import NoClaim
from core.payments import UnderChargeback
from services.disputes import NothingHeld
from web.disputes import schemas as schemas
from web.disputes.bundle import bundle_response
from web.shared.access import Who, allow
from web.shared.api import (
    API,
    Body,
    Listed,
    MoneyBody,
    idempotent,
    json_response,
    limits,
    page_response,
)
from web.shared.context import me, services
from web.shared.cookies import caller
from web.shared.money_lists import MoneyQuery
from web.shared.openapi import Archive, document_errors

blueprint = Blueprint("api_disputes", __name__, url_prefix=API)
about = tag(["Disputes"])


class WishBody(Body):
    """`refund` is needed for `part` only."""

    kind: WishKind
    refund: MoneyBody | None = None


class DisputesQuery(MoneyQuery):
    status: Status | None = None
    state: Literal["open", "all"] = "open"


class Opening(Body):
    reason: Reason
    wish: WishBody
    text: str = limits(minLength=1, maxLength=TEXT_MAXIMUM)
    files: list[str] = Field(default=[], max_length=FILES_MAXIMUM)


class NoShow(Body):
    text: str = limits("", maxLength=TEXT_MAXIMUM)


class Answer(Body):
    wish: WishBody
    text: str = limits(minLength=1, maxLength=TEXT_MAXIMUM)
    files: list[str] = Field(default=[], max_length=FILES_MAXIMUM)


class EvidenceBody(Body):
    text: str = limits(minLength=1, maxLength=TEXT_MAXIMUM)
    files: list[str] = Field(default=[], max_length=FILES_MAXIMUM)


class OfferBody(Body):
    refund: MoneyBody
    note: str = limits("", maxLength=NOTE_MAXIMUM)


class Decision(Body):
    refund: MoneyBody
    reason: str = limits(minLength=1, maxLength=REASON_MAXIMUM)


async def _shown(dispute_id: str, offer_id: str = "", *, status: int = 200) -> Response:
    return await _answer(await services().disputes.get(DisputeId(dispute_id), by=me().id), status)


async def _added(dispute_id: str) -> Response:
    return await _shown(dispute_id, status=201)


async def _opened(job_id: str) -> Response:
    job = await services().jobs.get(JobId(job_id), by=me().id)
    return await _added(job.dispute_id or "")


async def _claimed(booking_id: str) -> Response:
    details = await services().timeline.overview(BookingId(booking_id), by=me().id)
    return await _added(details.job.dispute_id or "" if details.job else "")


async def _decided(dispute_id: str) -> Response:
    decided = await services().disputes.many([dispute_id])
    return await _answer(decided[dispute_id])


@blueprint.post("/jobs/<job_id>/dispute")
@allow(Who.PARTY)
@about
@validate_request(Opening)
@document_response(schemas.DisputeSchema, 201)
@document_errors(FilesNotReady, UnusableFiles, Frozen, NothingHeld)
@idempotent(again=_opened)
async def open_dispute(job_id: str, data: Opening) -> Response:
    """Open a dispute about the money that is held: release and deadlines stop."""
    made = await services().disputes.open(
        JobId(job_id),
        by=me().id,
        reason=data.reason,
        wish=data.wish.kind,
        amount=data.wish.refund.money if data.wish.refund else None,
        text=data.text,
        files=data.files,
    )
    return await _answer(made, 201)


@blueprint.post("/bookings/<booking_id>/no-show")
@allow(Who.PARTY)
@about
@validate_request(NoShow)
@document_response(schemas.DisputeSchema, 201)
@document_errors(Frozen, NoClaim, NothingHeld)
@idempotent(again=_claimed)
async def claim_no_show(booking_id: str, data: NoShow) -> Response:
    """Say that the other side did not come to the meeting, from ten minutes after the start on. It
    is a dispute with an offer, which the other side accepts, or answers; without an answer the
    claim stands after 72 hours."""
    made = await services().no_shows.claim(BookingId(booking_id), by=me().id, text=data.text)
    return await _answer(made, 201)


@blueprint.get("/disputes/<dispute_id>")
@allow(Who.PARTY)
@about
@document_response(schemas.DisputeSchema)
async def show(dispute_id: str) -> Response:
    """One of the own disputes, with statements, evidence and offers."""
    found = await services().disputes.get(DisputeId(dispute_id), by=me().id)
    return await _answer(found)


@blueprint.post("/disputes/<dispute_id>/answer")
@allow(Who.PARTY)
@about
@validate_request(Answer)
@document_response(schemas.DisputeSchema)
@document_errors(AlreadyAnswered, FilesNotReady, UnusableFiles, IllegalTransition, JobMovedOn)
@idempotent(again=_shown)
async def answer(dispute_id: str, data: Answer) -> Response:
    """The statement of the other side. Of a developer also to contest a proposed cancellation."""
    answered = await services().disputes.answer(
        DisputeId(dispute_id),
        by=me().id,
        wish=data.wish.kind,
        amount=data.wish.refund.money if data.wish.refund else None,
        text=data.text,
        files=data.files,
    )
    return await _answer(answered)


@blueprint.post("/disputes/<dispute_id>/evidence")
@allow(Who.PARTY)
@about
@validate_request(EvidenceBody)
@document_response(schemas.DisputeSchema, 201)
@document_errors(EvidenceOver, FilesNotReady, UnusableFiles, IllegalTransition, TooMuch, JobMovedOn)
@idempotent(again=_added)
async def add_evidence(dispute_id: str, data: EvidenceBody) -> Response:
    """Add evidence. It cannot be changed or removed, and both sides see it."""
    added = await services().disputes.add_evidence(
        DisputeId(dispute_id), by=me().id, text=data.text, files=data.files
    )
    return await _answer(added, 201)


@blueprint.post("/disputes/<dispute_id>/offers")
@allow(Who.PARTY)
@about
@validate_request(OfferBody)
@document_response(schemas.DisputeSchema, 201)
@document_errors(IllegalTransition, TooMuch, JobMovedOn)
@idempotent(again=_added)
async def offer(dispute_id: str, data: OfferBody) -> Response:
    """Offer that `refund` goes back to the client. It replaces the offer before."""
    offered = await services().offers.offer(
        DisputeId(dispute_id), by=me().id, refund=data.refund.money, note=data.note
    )
    return await _answer(offered, 201)


@blueprint.post("/disputes/<dispute_id>/offers/<offer_id>/accept")
@allow(Who.PARTY)
@about
@document_response(schemas.DisputeSchema)
@document_errors(IllegalTransition, OfferGone, OwnOffer, JobMovedOn, UnderChargeback)
@idempotent(again=_shown)
async def accept(dispute_id: str, offer_id: str) -> Response:
    """Accept the offer of the other side: the money is divided at once."""
    settled = await services().offers.accept(DisputeId(dispute_id), OfferId(offer_id), by=me().id)
    return await _answer(settled)


@blueprint.post("/disputes/<dispute_id>/withdraw")
@allow(Who.PARTY)
@about
@document_response(schemas.DisputeSchema)
@document_errors(IllegalTransition, JobMovedOn)
@idempotent(again=_shown)
async def withdraw(dispute_id: str) -> Response:
    """Take the own dispute, or the own proposed cancellation, back: the work goes on."""
    withdrawn = await services().disputes.withdraw(DisputeId(dispute_id), by=me().id)
    return await _answer(withdrawn)


@blueprint.post("/disputes/<dispute_id>/deliver-once-more")
@allow(Who.DEVELOPER)
@about
@document_response(schemas.DisputeSchema)
@document_errors(IllegalTransition, JobMovedOn)
@idempotent(again=_shown)
async def deliver_once_more(dispute_id: str) -> Response:
    """Grant the wish for changes: the work goes on, and no round of changes is used."""
    resumed = await services().disputes.deliver_once_more(DisputeId(dispute_id), by=me().id)
    return await _answer(resumed)


@blueprint.post("/disputes/<dispute_id>/settle")
@allow(Who.ADMIN, step_up=True)
@about
@validate_request(Decision)
@document_response(schemas.DisputeSchema)
@document_errors(IllegalTransition, JobMovedOn, UnderChargeback)
@idempotent(again=_decided)
async def settle(dispute_id: str, data: Decision) -> Response:
    """Decide: `refund` goes back to the client, the rest to the developer, less the fee."""
    settled = await services().decisions.settle(
        DisputeId(dispute_id),
        by=me(),
        caller=caller(),
        refund=data.refund.money,
        reason=data.reason,
    )
    return await _answer(settled)


@blueprint.get("/disputes/<dispute_id>/bundle")
@allow(Who.PARTY)
@about
@document_response(Archive)
async def bundle(dispute_id: str) -> Response:
    """The whole case as a ZIP with a hash-chained manifest, for both sides and administrators."""
    return await bundle_response(dispute_id)


@blueprint.get("/admin/disputes")
@allow(Who.ADMIN)
@about
@validate_querystring(DisputesQuery)
@document_response(Listed[schemas.DisputeSchema])
@document_errors(Invalid)
async def queue(query_args: DisputesQuery) -> Response:
    """The open disputes, or those with `status`, earliest first; with `state=all` also those that
    have ended, latest first. Days are those of the opening, amounts what was held."""
    found, following = await services().dispute_lists.page(
        status=query_args.status,
        closed=query_args.state == "all",
        wanted=await query_args.wanted(),
        limit=query_args.limit,
        cursor=query_args.cursor,
    )
    items = [schemas.dispute(each, await services().disputes.files_of(each)) for each in found]
    return page_response(items, following)


@blueprint.get("/admin/disputes/<dispute_id>")
@allow(Who.ADMIN)
@about
@document_response(schemas.DisputeSchema)
async def open_case(dispute_id: str) -> Response:
    """A case for an administrator. That it was read is recorded, and both sides see it."""
    found = await services().decisions.open(DisputeId(dispute_id), by=me(), caller=caller())
    return await _answer(found)


async def _answer(dispute: Dispute, status: int = 200) -> Response:
    """The dispute with the files of its evidence."""
    files = await services().disputes.files_of(dispute)
    return json_response(schemas.dispute(dispute, files), status)
