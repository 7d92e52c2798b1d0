"""When a transaction runs again, when its commit is repeated, and when the result is unknown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self, cast

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    OperationFailure,
    ServerSelectionTimeoutError,
)

from adapters.mongo import transaction_runner
from adapters.mongo.pending_writes import Write, inserted
from adapters.mongo.transaction_runner import TransactionRun, TransactionRunner
from core.errors import Unavailable
from ports.store import Duplicate

CONFLICT = OperationFailure("conflict", 112)
DOCUMENTDB_CONFLICT = OperationFailure("could not serialize access", 16777220)
BULK_CONFLICT = BulkWriteError({"writeErrors": [{"index": 0, "code": 16777220, "errmsg": "?"}]})
FORGOTTEN = OperationFailure("no such transaction", 251)
LABELLED = OperationFailure("moved", 1, {"errorLabels": ["TransientTransactionError"]})
UNKNOWN = OperationFailure("?", 64, {"errorLabels": ["UnknownTransactionCommitResult"]})


@dataclass
class ScriptedServer:
    """Acts as client, session, database and collection; `commits` are its answers in turn."""

    commits: list[Exception] = field(default_factory=list)
    rows: set[str] = field(default_factory=set)
    done: list[str] = field(default_factory=list)
    refusals: list[Exception] = field(default_factory=list)
    """What `bulkWrite` answers in turn, before it writes."""
    name = "onehour"

    @property
    def client(self) -> Self:
        return self

    @property
    def admin(self) -> Self:
        return self

    async def command(self, command: dict[str, Any], session: object) -> dict[str, Any]:
        if self.refusals:
            raise self.refusals.pop(0)
        self.done.append(f"bulkWrite {len(command['ops'])}")
        return {"cursor": {"firstBatch": [{"ok": 1, "n": 1} for _ in command["ops"]]}}

    async def insert_one(self, document: dict[str, Any], session: object) -> None:
        self.done.append("insert")

    async def start_session(self) -> Self:
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.done.append("end")

    def start_transaction(self, **_: object) -> None:
        self.done.append("start")

    async def commit_transaction(self) -> None:
        self.done.append("commit")
        if self.commits:
            raise self.commits.pop(0)

    async def abort_transaction(self) -> None:
        self.done.append("abort")

    def __getitem__(self, name: str) -> Self:
        return self

    def get_collection(self, name: str, **_: object) -> Self:
        return self

    async def find_one(self, filter_: dict[str, str], fields: object) -> object:
        return filter_ if filter_["_id"] in self.rows else None


class Body:
    """A step that fails in turn, then inserts its witness and returns the number of the run."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.runs = 0

    async def __call__(self, run: TransactionRun) -> int:
        self.runs += 1
        if self.failures:
            raise self.failures.pop(0)
        run.first_insert = ("bookings", "bkg_1")
        return self.runs


def runner(server: ScriptedServer) -> TransactionRunner:
    return TransactionRunner(cast("AsyncIOMotorClient[dict[str, Any]]", server), "onehour")


@pytest.mark.parametrize(
    "error", [CONFLICT, DOCUMENTDB_CONFLICT, BULK_CONFLICT, FORGOTTEN, LABELLED]
)
async def test_a_conflict_is_aborted_and_run_again_with_a_label_or_without(
    error: Exception,
) -> None:
    server = ScriptedServer()

    result = await runner(server).run(Body(error, error))

    assert result == 3
    assert server.done == ["start", "abort", "end"] * 2 + ["start", "commit", "end"]


async def test_a_conflict_at_the_commit_runs_the_step_again() -> None:
    result = await runner(ScriptedServer(commits=[CONFLICT])).run(Body())

    assert result == 2


async def test_a_commit_of_unknown_outcome_is_repeated_and_the_step_is_not() -> None:
    server = ScriptedServer(commits=[UNKNOWN, UNKNOWN])

    result = await runner(server).run(Body())

    assert result == 1
    assert server.done == ["start", "commit", "commit", "commit", "end"]


async def test_an_unconfirmed_commit_happened_if_its_document_exists() -> None:
    server = ScriptedServer(commits=[UNKNOWN, FORGOTTEN], rows={"bkg_1"})

    assert await runner(server).run(Body()) == 1


async def test_an_unconfirmed_commit_is_repeated_if_its_document_is_missing() -> None:
    server = ScriptedServer(commits=[UNKNOWN, FORGOTTEN])

    assert await runner(server).run(Body()) == 2


async def test_what_a_step_raises_is_raised_after_the_abort() -> None:
    server = ScriptedServer()

    with pytest.raises(Duplicate):
        await runner(server).run(Body(Duplicate()))

    assert server.done == ["start", "abort", "end"]


async def test_a_duplicate_found_with_an_old_snapshot_does_not_end_the_step() -> None:
    server = ScriptedServer()

    async def body(run: TransactionRun) -> str:
        if not run.confirm_violation:
            run.pending.violation = Duplicate()
            raise run.pending.violation
        return "read again"

    assert await runner(server).run(body) == "read again"
    assert server.done == ["start", "abort", "end", "start", "commit", "end"]


@pytest.mark.parametrize("swallowed", [True, False])
async def test_a_duplicate_that_stays_is_raised_after_the_second_run(swallowed: bool) -> None:
    server = ScriptedServer()

    async def body(run: TransactionRun) -> None:
        run.pending.violation = Duplicate()
        if not swallowed:
            raise run.pending.violation

    with pytest.raises(Duplicate):
        await runner(server).run(body)

    assert server.done == ["start", "abort", "end"] * 2


@pytest.mark.parametrize("error", [ServerSelectionTimeoutError(), AutoReconnect()])
async def test_a_server_that_does_not_answer_is_unavailable(error: Exception) -> None:
    with pytest.raises(Unavailable):
        await runner(ScriptedServer()).run(Body(error))


async def test_a_transaction_with_an_error_in_our_command_is_not_run_again() -> None:
    with pytest.raises(OperationFailure):
        await runner(ScriptedServer()).run(Body(OperationFailure("bad value", 2)))


async def test_conflicts_without_end_and_commits_without_answer_are_unavailable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transaction_runner, "TIMEOUT_S", 0.05)

    with pytest.raises(Unavailable):
        await runner(ScriptedServer()).run(Body(*[CONFLICT] * 100))
    with pytest.raises(Unavailable):
        await runner(ScriptedServer(commits=[UNKNOWN] * 100)).run(Body())


async def three_inserts(run: TransactionRun) -> str:
    for number in range(3):
        await run.pending.add(Write("bookings", inserted({"_id": number})))
    return "written"


async def test_the_writes_of_a_step_are_one_message() -> None:
    server = ScriptedServer()

    assert await runner(server).run(three_inserts) == "written"
    assert server.done == ["start", "bulkWrite 3", "commit", "end"]


@pytest.mark.parametrize("code", [59, 115, 303])
async def test_a_server_without_bulk_write_gets_single_ones_from_then_on(code: int) -> None:
    server = ScriptedServer(refusals=[OperationFailure("no such command", code)])
    transactions = runner(server)
    singly = ["start", "insert", "insert", "insert", "commit", "end"]

    await transactions.run(three_inserts)
    await transactions.run(three_inserts)

    assert server.done == ["start", "abort", "end", *singly, *singly]


async def test_a_server_that_refuses_the_read_concern_in_it_gets_another_command_first() -> None:
    server = ScriptedServer(refusals=[OperationFailure("unknown field", 40415)])
    transactions = runner(server)
    after_one = ["start", "insert", "bulkWrite 2", "commit", "end"]

    await transactions.run(three_inserts)
    await transactions.run(three_inserts)

    assert server.done == ["start", "abort", "end", *after_one, *after_one]


async def test_another_refusal_of_the_command_is_raised() -> None:
    server = ScriptedServer(refusals=[OperationFailure("bad value", 2)])

    with pytest.raises(OperationFailure):
        await runner(server).run(three_inserts)
