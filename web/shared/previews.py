"""API schemas of what a money action of an administrator would book."""

from __future__ import annotations

from typing_extensions import TypedDict

from core.transactions import Kind, Transaction
from services.shared.money_actions import Preview
from web.shared.schemas import MoneySchema, money


class LedgerLineSchema(TypedDict):
    account: str
    amount: MoneySchema


class LedgerEntrySchema(TypedDict):
    """The lines sum to zero."""

    id: str
    kind: Kind
    lines: list[LedgerLineSchema]


class ToldSchema(TypedDict):
    """A notice that goes out, and the id of the account it is for."""

    notice: str
    account_id: str


class PreviewSchema(TypedDict):
    """`digest` names all of it: an action that is sent with it does this or nothing."""

    digest: str
    entries: list[LedgerEntrySchema]
    told: list[ToldSchema]


def entry_schema(entry: Transaction) -> LedgerEntrySchema:
    lines: list[LedgerLineSchema] = [
        {"account": line.account, "amount": money(line.amount)} for line in entry.lines
    ]
    return {"id": entry.id, "kind": entry.kind, "lines": lines}


def preview_schema(preview: Preview) -> PreviewSchema:
    return {
        "digest": preview.digest,
        "entries": [entry_schema(each) for each in preview.entries],
        "told": [{"notice": x.notice, "account_id": x.account_id} for x in preview.told],
    }
