"""The Motor operations that a request needs at least, without the application."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bson import Int64
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import WriteConcern
from pymongo.read_concern import ReadConcern

if TYPE_CHECKING:
    from bench.scenarios import Dataset

TIMES = 150
CARD = {"bio": 0, "terms": 0}
JOURNALED = WriteConcern("majority", j=True)


class DriverOperations:
    """Writes go to separate collections, reads to the seeded ones."""

    def __init__(self, database: AsyncIOMotorDatabase[Any]) -> None:
        self._db = database

    async def measure(self, dataset: Dataset) -> dict[str, float]:
        """Mean milliseconds of each operation, by name, with one caller."""
        first = await self._first_page_end()
        ids, now = dataset.developers, datetime.now(UTC)

        async def search(_: int) -> None:
            await (
                self._db.developers.find({"terms": "*", "by_rating": {"$lte": first}}, CARD)
                .sort("by_rating", 1)
                .limit(20)
                .to_list(20)
            )

        async def profile(n: int) -> None:
            await self._db.developers.find_one({"_id": ids[n * 7 % len(ids)]})

        async def slots(n: int) -> None:
            await profile(n)
            span = {"$gte": now, "$lt": now + timedelta(days=31)}
            query = {"developer.id": ids[n * 7 % len(ids)], "start": span}
            await self._db.bookings.find(query, {"cells": 1, "holds": 1}).to_list(None)

        return {
            "search": await _mean_ms(search),
            "profile": await _mean_ms(profile),
            "slots": await _mean_ms(slots),
            "booking": await _mean_ms(lambda n: self._transaction(n, inserts=4, updates=0)),
            "settle": await _mean_ms(lambda n: self._transaction(n, inserts=4, updates=2)),
            "webhook": await _mean_ms(lambda n: self._transaction(n, inserts=2, updates=0)),
        }

    async def _transaction(self, number: int, *, inserts: int, updates: int) -> None:
        """One transaction with so many inserts and updates, each in another collection."""
        async with (
            await self._db.client.start_session() as session,
            session.start_transaction(
                read_concern=ReadConcern("snapshot"), write_concern=JOURNALED
            ),
        ):
            for place in range(inserts):
                document = {
                    "_id": f"{inserts}{updates}-{number}",
                    "n": Int64(number),
                    "x": "x" * 300,
                }
                await self._db[f"bare{place}"].insert_one(document, session=session)
            for place in range(updates):
                await self._db[f"bare{place}"].update_one(
                    {"_id": f"{inserts}{updates}-{number}"}, {"$set": {"n": 0}}, session=session
                )

    async def _first_page_end(self) -> str:
        keys = await self._db.developers.find({}, {"by_rating": 1}).to_list(None)
        return str(sorted(each["by_rating"] for each in keys)[20])


async def _mean_ms(work: Callable[[int], Awaitable[None]]) -> float:
    for warm in range(3):
        await work(100_000 + warm)
    began = time.perf_counter()
    for number in range(TIMES):
        await work(number)
    return 1000 * (time.perf_counter() - began) / TIMES
