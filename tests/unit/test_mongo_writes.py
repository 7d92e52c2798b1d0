"""Single writes, outside of transactions, on engines that report conflicts."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from motor.motor_asyncio import AsyncIOMotorCollection
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ExecutionTimeout,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WriteConcernError,
    WTimeoutError,
)
from pymongo.results import InsertManyResult, UpdateResult

from adapters.mongo import driver
from adapters.mongo.driver import MongoCollection
from adapters.mongo.outages import time_limit
from core.errors import Unavailable
from ports.store import DatabaseUnavailable

CONFLICT = OperationFailure("could not serialize access", 16777220)


def bulk(*codes: int, inserted: int = 0) -> BulkWriteError:
    failures = [{"index": n, "code": code, "errmsg": "?"} for n, code in enumerate(codes)]
    return BulkWriteError({"writeErrors": failures, "nInserted": inserted})


class ScriptedCollection:
    """Raises the failures in turn, then succeeds; counts the calls."""

    name = "clients"

    def __init__(self, *failures: PyMongoError) -> None:
        self.failures = list(failures)
        self.calls = 0

    def _answer(self) -> None:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)

    async def update_one(self, *_: object, **__: object) -> UpdateResult:
        self._answer()
        return UpdateResult({"n": 1, "nModified": 1}, acknowledged=True)

    async def insert_many(self, *_: object, **__: object) -> InsertManyResult:
        self._answer()
        return InsertManyResult([], acknowledged=True)


def opened(server: ScriptedCollection) -> MongoCollection:
    collection = cast("AsyncIOMotorCollection[dict[str, Any]]", server)
    return MongoCollection(collection, {}, asyncio.Semaphore(1), run=None)


async def test_a_write_that_met_a_conflict_is_repeated() -> None:
    server = ScriptedCollection(CONFLICT, CONFLICT)

    assert await opened(server).update({"_id": "cli_1"}, {"$set": {"name": "Asha"}})

    assert server.calls == 3


async def test_a_conflict_inside_a_bulk_write_is_repeated_if_nothing_was_written() -> None:
    server = ScriptedCollection(bulk(16777220, 112))

    inserted = await opened(server).insert_missing([{"_id": "a"}, {"_id": "b"}])

    assert inserted == {"a", "b"}
    assert server.calls == 2


@pytest.mark.parametrize("failure", [bulk(16777220, inserted=1), bulk(11000, 112)])
async def test_a_bulk_write_of_which_a_part_was_written_is_not_repeated(
    failure: BulkWriteError,
) -> None:
    server = ScriptedCollection(failure)

    with pytest.raises(Unavailable):
        await opened(server).insert_missing([{"_id": "a"}, {"_id": "b"}])

    assert server.calls == 1


@pytest.mark.parametrize(
    "failure",
    [
        OperationFailure("internal server error", 1),
        OperationFailure("disk full", 14031),
        NotPrimaryError("not primary"),
        AutoReconnect("connection closed"),
        NetworkTimeout("timed out"),
        ServerSelectionTimeoutError("refused"),
        ExecutionTimeout("operation exceeded time limit", 50),
        WTimeoutError("waiting for replication timed out", 64),
        WriteConcernError("no such write concern", 79),
        OperationFailure("not authorized", 13),
        bulk(14031),
        BulkWriteError({"writeErrors": [], "writeConcernErrors": [{"code": 64, "errmsg": "?"}]}),
    ],
    ids=repr,
)
async def test_a_server_that_cannot_work_is_an_outage(failure: PyMongoError) -> None:
    server = ScriptedCollection(failure, failure)

    with pytest.raises(DatabaseUnavailable):
        await opened(server).update({"_id": "cli_1"}, {"$set": {}})
    with pytest.raises(DatabaseUnavailable):
        await opened(server).insert_missing([{"_id": "a"}])


async def test_a_server_that_does_not_answer_is_an_outage_within_the_limit() -> None:
    with pytest.raises(DatabaseUnavailable):
        async with time_limit(0.01):
            await asyncio.Event().wait()


async def test_an_error_in_our_command_is_not_repeated() -> None:
    server = ScriptedCollection(OperationFailure("bad value", 2))

    with pytest.raises(OperationFailure):
        await opened(server).update({"_id": "cli_1"}, {"$set": {}})

    assert server.calls == 1


async def test_conflicts_without_end_are_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "CONFLICTS_AT_MOST", 3)
    server = ScriptedCollection(*[CONFLICT] * 9)

    with pytest.raises(Unavailable):
        await opened(server).update({"_id": "cli_1"}, {"$set": {}})

    assert server.calls == 3
