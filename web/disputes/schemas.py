"""API schemas of disputes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from typing_extensions import TypedDict

from core.dispute_parts import How, OfferState, Reason, Statement, WishKind
from core.disputes import Dispute, Status
from core.files import StoredFile
from core.timeline import Actor
from web.files import FileSchema, file_schema
from web.shared.schemas import Moment, MoneySchema, PartySchema, maybe, moment, money, party


class WishSchema(TypedDict):
    """`refund` goes back to the client; null for a wish without an amount."""

    kind: WishKind
    refund: MoneySchema | None


class StatementSchema(TypedDict):
    by: Actor
    at: Moment
    text: str
    wish: WishSchema
    files: list[FileSchema]


class EvidenceSchema(TypedDict):
    """`by` is `admin` for a question of an administrator."""

    by: Actor
    at: Moment
    text: str
    files: list[FileSchema]


class OfferSchema(TypedDict):
    id: str
    by: Actor
    at: Moment
    refund: MoneySchema
    note: str
    state: OfferState


class SettlementSchema(TypedDict):
    """How it ended: `refund` goes back to the client, the rest to the developer, less the fee."""

    refund: MoneySchema
    how: How
    by: Actor
    at: Moment
    reason: str


class DisputeSchema(TypedDict):
    """`due` is the next deadline, null when it is over; `read_at` are the times at which
    administrators opened the case."""

    id: str
    booking_id: str
    booking_number: str
    job_id: str
    client: PartySchema
    developer: PartySchema
    status: Status
    held: MoneySchema
    opened_by: Actor
    reason: Reason
    opened_at: Moment
    answer_by: Moment
    evidence_until: Moment | None
    ends_at: Moment
    due: Moment | None
    statements: list[StatementSchema]
    evidence: list[EvidenceSchema]
    offers: list[OfferSchema]
    settlement: SettlementSchema | None
    read_at: list[Moment]


def dispute(value: Dispute, files: Mapping[str, StoredFile]) -> DisputeSchema:
    """`files` are those of its statements and evidence, by id."""
    end = value.settlement
    return {
        "id": value.id,
        "booking_id": value.booking_id,
        "booking_number": value.booking_number,
        "job_id": value.job_id,
        "client": party(value.client),
        "developer": party(value.developer),
        "status": value.status,
        "held": money(value.held),
        "opened_by": value.opened_by,
        "reason": value.reason,
        "opened_at": moment(value.opened_at),
        "answer_by": moment(value.answer_by),
        "evidence_until": maybe(value.evidence_until),
        "ends_at": moment(value.ends_at),
        "due": moment(value.due) if value.open else None,
        "statements": [_statement(each, files) for each in value.statements],
        "evidence": [
            {
                "by": each.by,
                "at": moment(each.at),
                "text": each.text,
                "files": _files(each.files, files),
            }
            for each in value.evidence
        ],
        "offers": [
            {
                "id": each.id,
                "by": each.by,
                "at": moment(each.at),
                "refund": money(each.refund),
                "note": each.note,
                "state": each.state,
            }
            for each in value.offers
        ],
        "settlement": {
            "refund": money(end.refund),
            "how": end.how,
            "by": end.by,
            "at": moment(end.at),
            "reason": end.reason,
        }
        if end
        else None,
        "read_at": [moment(each) for each in value.readings],
    }


def _statement(value: Statement, files: Mapping[str, StoredFile]) -> StatementSchema:
    amount = value.wish.amount
    wish: WishSchema = {
        "kind": value.wish.kind,
        "refund": money(amount) if amount is not None else None,
    }
    return {
        "by": value.by,
        "at": moment(value.at),
        "text": value.text,
        "wish": wish,
        "files": _files(value.files, files),
    }


def _files(names: Sequence[str], files: Mapping[str, StoredFile]) -> list[FileSchema]:
    return [file_schema(files[name]) for name in names if name in files]
