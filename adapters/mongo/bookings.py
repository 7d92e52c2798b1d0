"""Bookings in MongoDB: a unique index over (developer, quarter hour) prevents overlaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from adapters.mongo.driver import Document, any_of
from adapters.mongo.long_lists import latest_page
from adapters.mongo.mapping import DocumentMapping
from adapters.mongo.repository import VersionedRepository, newest_first, order_key
from core.availability import cell_of
from core.booking_numbers import BookingNumber, number_of
from core.bookings import AGREED, Booking, HourTaken, NumberTaken, Status
from core.errors import Conflict
from core.policy import DAY
from ports.bookings import Bookings

INSTANT = timedelta(microseconds=1)
LONGEST = DAY
"""The maximum length: a booking that overlaps a time starts at most this long before it."""


BOOKINGS = DocumentMapping(
    Booking,
    derived={
        "holds": lambda booking: booking.holds,
        "cells": lambda booking: list(booking.cells),
        "accounts": lambda booking: [booking.client.account_id, booking.developer.account_id],
        "order_key": lambda booking: order_key(booking.created_at, booking.id),
    },
)


class MongoBookings(VersionedRepository[Booking], Bookings):
    name = "bookings"
    mapping = BOOKINGS
    indexes = (
        IndexModel(
            [("developer.id", ASCENDING), ("cells", ASCENDING)],
            name="hour_once",
            unique=True,
            partialFilterExpression={"holds": True},
        ),
        # Sparse, because bookings stored by 0.1.0 have no number until `complete` gives them one.
        IndexModel([("number", ASCENDING)], name="number_once", unique=True, sparse=True),
        IndexModel([("developer.id", ASCENDING), ("start", ASCENDING)], name="calendar"),
        IndexModel([("accounts", ASCENDING), ("order_key", DESCENDING)], name="of_account"),
        IndexModel([("accounts", ASCENDING), ("start", ASCENDING)], name="schedule"),
        IndexModel([("order_key", DESCENDING)], name="by_time"),
        IndexModel(
            [("start", ASCENDING)], name="by_start", partialFilterExpression={"holds": True}
        ),
    )
    unique: Mapping[str, type[Conflict]] = {
        "hour_once": HourTaken,
        "number_once": NumberTaken,
    }

    @classmethod
    async def complete(cls, collection: AsyncIOMotorCollection[Document]) -> None:
        """Give numbers to the bookings without one, always the same to the same bookings."""
        missing = {"number": {"$exists": False}}
        async for booking in collection.find(missing, {"_id": 1}).sort("_id", ASCENDING):
            await _give_number(collection, {**missing, **booking})

    async def held_cells(self, booking_ids: Sequence[str]) -> dict[str, frozenset[int]]:
        found = await self.collection.find_with("_id", booking_ids)
        return {
            document["_id"]: frozenset(document["cells"] if document["holds"] else ())
            for document in found
        }

    async def correct_cells(self, booking: Booking) -> Booking:
        """The cells are stored in the booking, so that saving it replaces them."""
        return await self.save(booking)

    async def find_by_number(self, number: BookingNumber) -> Booking | None:
        return await self.find_where({"number": number})

    async def with_numbers(self, numbers: Sequence[BookingNumber]) -> tuple[Booking, ...]:
        found = await self.collection.find({"number": {"$in": list(numbers)}})
        bookings = (BOOKINGS.from_document(document) for document in found)
        return tuple(sorted(bookings, key=lambda booking: booking.number))

    async def latest(
        self, *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Booking, ...], str | None]:
        now = self.clock.now()
        return await latest_page(self.collection, {}, BOOKINGS, now=now, limit=limit, cursor=cursor)

    async def busy(
        self, developer_ids: Sequence[str], *, since: datetime, until: datetime
    ) -> dict[str, set[int]]:
        """Bookings are selected by start, because ranges over cells are slow on some engines."""
        wanted = range(cell_of(since), cell_of(until - INSTANT) + 1)
        found = await self.collection.find_with(
            "developer.id",
            developer_ids,
            where={"start": {"$gt": since - LONGEST, "$lt": until}},
            fields={"_id": 0, "developer.id": 1, "cells": 1, "holds": 1},
        )
        busy: dict[str, set[int]] = {developer_id: set() for developer_id in developer_ids}
        for document in found:
            if document["holds"]:
                cells = (cell for cell in document["cells"] if cell in wanted)
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
        return await newest_first(self.collection, wanted, BOOKINGS, limit=limit, cursor=cursor)

    async def of_pair(
        self, client_account: str, developer_id: str, *, limit: int
    ) -> tuple[Booking, ...]:
        pair = {
            "accounts": client_account,
            "client.account_id": client_account,
            "developer.id": developer_id,
        }
        found, _ = await newest_first(self.collection, pair, BOOKINGS, limit=limit, cursor=None)
        return found

    async def starting_after(
        self, account_id: str, moment: datetime, *, statuses: Sequence[Status], limit: int
    ) -> tuple[Booking, ...]:
        wanted = {
            "accounts": account_id,
            "start": {"$gt": moment},
            "status": any_of(statuses),
        }
        found = await self.collection.find(wanted, order=[("start", ASCENDING)], limit=limit)
        return tuple(map(BOOKINGS.from_document, found))

    async def agreed_between(self, since: datetime, until: datetime) -> tuple[Booking, ...]:
        found = await self.collection.find(
            {
                "holds": True,
                "start": {"$gte": since, "$lt": until},
                "status": any_of(AGREED),
            },
            order=[("start", ASCENDING), ("_id", ASCENDING)],
        )
        return tuple(map(BOOKINGS.from_document, found))


async def _give_number(collection: AsyncIOMotorCollection[Document], booking: Document) -> None:
    """Store the first number of the booking that no other booking has."""
    for attempt in count():
        number = number_of(booking["_id"], attempt=attempt)
        with suppress(DuplicateKeyError):
            await collection.update_one(booking, {"$set": {"number": number}})
            return
