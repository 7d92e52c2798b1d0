"""The timeline in MongoDB."""

from __future__ import annotations

from bson import ObjectId
from pymongo import ASCENDING, IndexModel

from adapters.mongo.collection import Kept
from adapters.mongo.rows import Document
from adapters.mongo.values import money_in, money_out
from core.timeline import Actor, Entry, MoneyAt, Where
from ports.timeline import Timeline


def to_document(entry: Entry) -> Document:
    """`written` counts up within a process: the order of what one step tells at one instant."""
    return {
        "_id": entry.id,
        "booking_id": entry.booking_id,
        "at": entry.at,
        "what": entry.what,
        "actor": entry.actor,
        "detail": entry.detail,
        "money": _money_out(entry.money),
        "written": ObjectId(),
    }


def from_document(document: Document) -> Entry:
    return Entry(
        id=document["_id"],
        booking_id=document["booking_id"],
        at=document["at"],
        what=document["what"],
        actor=Actor(document["actor"]),
        detail=document["detail"],
        money=_money_in(document["money"]),
    )


def _money_out(money: MoneyAt | None) -> Document | None:
    return {"state": money.state, "amount": money_out(money.amount)} if money else None


def _money_in(document: Document | None) -> MoneyAt | None:
    return MoneyAt(Where(document["state"]), money_in(document["amount"])) if document else None


class MongoTimeline(Kept, Timeline):
    name = "timeline"
    indexes = (
        IndexModel(
            [("booking_id", ASCENDING), ("at", ASCENDING), ("written", ASCENDING)],
            name="of_booking",
        ),
    )

    async def add(self, entry: Entry) -> None:
        await self.rows.insert(to_document(entry))

    async def of_booking(self, booking_id: str) -> tuple[Entry, ...]:
        found = await self.rows.find(
            {"booking_id": booking_id}, order=[("at", ASCENDING), ("written", ASCENDING)]
        )
        return tuple(from_document(document) for document in found)
