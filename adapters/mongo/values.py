"""The small values entities are made of, as parts of documents."""

from __future__ import annotations

from datetime import timedelta

from bson import Int64

from adapters.mongo.rows import Document
from core.bookings import Party
from core.money import Money
from core.policy import RefundStep, Terms


def money_out(money: Money) -> Document:
    """64 bits, whatever the amount, so that sums in the database cannot wrap."""
    return {"amount": Int64(money.amount), "currency": money.currency}


def money_in(document: Document) -> Money:
    return Money(int(document["amount"]), document["currency"])


def span_out(span: timedelta) -> int:
    """Whole seconds."""
    return int(span.total_seconds())


def span_in(seconds: int) -> timedelta:
    return timedelta(seconds=seconds)


def party_out(party: Party) -> Document:
    return {
        "id": party.id,
        "account_id": party.account_id,
        "name": party.name,
        "timezone": party.timezone,
    }


def party_in(document: Document) -> Party:
    return Party(**document)


def terms_out(terms: Terms) -> Document:
    return {
        "fee_percent": terms.fee_percent,
        "approve_within": span_out(terms.approve_within),
        "deliver_within": span_out(terms.deliver_within),
        "revisions": terms.revisions,
        "refund_steps": [
            {"notice": span_out(step.notice), "percent": step.percent}
            for step in terms.refund_steps
        ],
    }


def terms_in(document: Document) -> Terms:
    return Terms(
        fee_percent=document["fee_percent"],
        approve_within=span_in(document["approve_within"]),
        deliver_within=span_in(document["deliver_within"]),
        revisions=document["revisions"],
        refund_steps=tuple(
            RefundStep(span_in(step["notice"]), step["percent"])
            for step in document["refund_steps"]
        ),
    )
