"""Adds many published developers by bulk, so that sizes can be compared."""

from __future__ import annotations

import random
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from adapters.mongo.profiles import profiles
from core.vocabulary import VOCABULARY
from onehour.seed import generated_developer

BATCH = 100
"""Larger batches are slower on the embedded database, because each is one transaction."""


async def add_developers(database: AsyncIOMotorDatabase[Any], *, until: int) -> list[str]:
    """The ids of the first `until` developers of the load tests; those that are missing are added,
    without accounts: no measured request reads them. The collection has its indexes."""
    mapping, rng = profiles(VOCABULARY), random.Random(1)
    made = [generated_developer(rng, number) for number in range(until)]
    stored = await database.developers.estimated_document_count()
    for first in range(stored, until, BATCH):
        batch = made[first : min(first + BATCH, until)]
        documents = [mapping.to_document(each) for each in batch]
        await database.developers.insert_many(documents, ordered=False)
    return [each.id for each in made]
