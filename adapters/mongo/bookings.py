"""Bookings in MongoDB: a unique index over (developer, quarter hour) keeps the hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from pymongo import ASCENDING, DESCENDING, IndexModel

from adapters.mongo.collection import Collection, any_of, newest_first, order_key
from adapters.mongo.rows import Document, View
from adapters.mongo.values import (
    money_in,
    money_out,
    party_in,
    party_out,
    terms_in,
    terms_out,
)
from core.availability import cell_of
from core.bookings import Booking, BookingId, HourTaken, Status
from core.errors import Conflict
from core.policy import DAY
from ports.bookings import Bookings

INSTANT = timedelta(microseconds=1)
LONGEST = DAY
"""No booking is longer: how far before a time those can begin that reach into it."""


def to_document(booking: Booking) -> Document:
    """`holds`, `cells`, `accounts` and `order_key` are derived, for the indexes."""
    return {
        "_id": booking.id,
        "version": booking.version,
        "status": booking.status,
        "client": party_out(booking.client),
        "developer": party_out(booking.developer),
        "start": booking.start,
        "hours": booking.hours,
        "brief": booking.brief,
        "rate": money_out(booking.rate),
        "terms": terms_out(booking.terms),
        "created_at": booking.created_at,
        "shown_until": booking.shown_until,
        "hold_ends": booking.hold_ends,
        "payment_id": booking.payment_id,
        "revisions": booking.revisions,
        "paid_at": booking.paid_at,
        "accept_by": booking.accept_by,
        "job_id": booking.job_id,
        "reason": booking.reason,
        "holds": booking.holds,
        "cells": list(booking.cells),
        "accounts": [booking.client.account_id, booking.developer.account_id],
        "order_key": order_key(booking.created_at, booking.id),
    }


def from_document(document: Document) -> Booking:
    return Booking(
        id=BookingId(document["_id"]),
        version=document["version"],
        status=Status(document["status"]),
        client=party_in(document["client"]),
        developer=party_in(document["developer"]),
        start=document["start"],
        hours=document["hours"],
        brief=document["brief"],
        rate=money_in(document["rate"]),
        terms=terms_in(document["terms"]),
        created_at=document["created_at"],
        shown_until=document["shown_until"],
        hold_ends=document["hold_ends"],
        payment_id=document["payment_id"],
        revisions=document["revisions"],
        paid_at=document["paid_at"],
        accept_by=document["accept_by"],
        job_id=document["job_id"],
        reason=document["reason"],
    )


class MongoBookings(Collection[Booking], Bookings):
    name = "bookings"
    indexes = (
        IndexModel(
            [("developer.id", ASCENDING), ("cells", ASCENDING)],
            name="hour_once",
            unique=True,
            partialFilterExpression={"holds": True},
        ),
        IndexModel([("developer.id", ASCENDING), ("start", ASCENDING)], name="calendar"),
        IndexModel([("accounts", ASCENDING), ("order_key", DESCENDING)], name="of_account"),
    )
    unique: ClassVar[Mapping[str, type[Conflict]]] = {"hour_once": HourTaken}

    def __init__(self, view: View) -> None:
        super().__init__(view, to_document, from_document)

    async def busy(
        self, developer_ids: Sequence[str], *, since: datetime, until: datetime
    ) -> dict[str, set[int]]:
        """Found by their start: ranges over the cells themselves are dear on some engines."""
        asked = range(cell_of(since), cell_of(until - INSTANT) + 1)
        found = await self.rows.find(
            {
                "developer.id": any_of(developer_ids),
                "start": {"$gt": since - LONGEST, "$lt": until},
            },
            fields={"_id": 0, "developer.id": 1, "cells": 1, "holds": 1},
        )
        busy: dict[str, set[int]] = {developer_id: set() for developer_id in developer_ids}
        for document in found:
            if document["holds"]:
                cells = (cell for cell in document["cells"] if cell in asked)
                busy[document["developer"]["id"]].update(cells)
        return busy

    async def of_account(
        self,
        account_id: str,
        *,
        statuses: Sequence[Status] = (),
        limit: int = 20,
        cursor: str | None = None,
    ) -> tuple[tuple[Booking, ...], str | None]:
        wanted: dict[str, Any] = {"accounts": account_id}
        if statuses:
            wanted["status"] = any_of(statuses)
        return await newest_first(self.rows, wanted, from_document, limit=limit, cursor=cursor)
