"""Reconciliation on MongoDB: the same findings, with a number of queries that does not grow."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

import pytest

from adapters.mongo.store import MongoStore
from core.findings import FindingKind as K
from ports.findings import Finding
from tests.app import MemoryApp
from tests.contracts.commands import Commands, counted_app
from tests.services.reconciliation_seeds import approved, declined, held, paid

BOUNDED = ("payments", "bookings", "entries", "clearings", "withdrawals", "payout_accounts")


@pytest.fixture
async def counted(mongo_url: str) -> AsyncIterator[tuple[MemoryApp, Commands]]:
    async with counted_app(mongo_url) as app_and_commands:
        yield app_and_commands


async def commands_of_a_page(app: MemoryApp, commands: Commands) -> dict[str, int]:
    sent = dict[str, int]()
    for name in BOUNDED:
        commands.clear()
        page = await app.services.reconciliation.page(app.services.reconciliation.checks[name])
        assert (page.open, page.resolved) == ((), ())
        sent[name] = len(commands.sent)
    return sent


async def test_a_page_of_more_entities_takes_no_more_queries(
    counted: tuple[MemoryApp, Commands],
) -> None:
    app, commands = counted
    await held(app), await approved(app), await declined(app)
    one = await commands_of_a_page(app, commands)
    await held(app), await approved(app), await declined(app)

    assert await commands_of_a_page(app, commands) == one
    assert max(one.values()) <= 8


async def test_rows_that_were_falsified_in_the_database_are_found(
    counted: tuple[MemoryApp, Commands],
) -> None:
    app, _ = counted
    assert isinstance(app.store, MongoStore)
    database, service = app.store._database, app.services.reconciliation
    free, ended, whole = await paid(app), await declined(app), await approved(app)
    clears = await approved(app)
    assert [page for page in await service.run() if page.open or page.resolved] == []

    await database["bookings"].update_one({"_id": free.id}, {"$set": {"holds": False}})
    await database["bookings"].update_one({"_id": ended.id}, {"$set": {"holds": True}})
    await database["transactions"].update_one(
        {"_id": f"release:{whole.id}"}, {"$inc": {"lines.0.amount.amount": 1}}
    )
    await database["jobs"].delete_one({"_id": free.job_id})
    await database["effects"].delete_one({"_id": f"{clears.id}:payments.clear"})
    pages = await service.run(names=["bookings", "entries", "clearings"])

    assert kinds(finding for page in pages for finding in page.open) == {
        (K.BOOKING_WITHOUT_CELL, free.id),
        (K.JOB_MISSING, free.id),
        (K.ENTRY_UNBALANCED, f"release:{whole.id}"),
    }
    assert kinds(finding for page in pages for finding in page.resolved) == {
        (K.CELL_WITHOUT_BOOKING, ended.id),
        (K.CLEARING_STEP_MISSING, clears.id),
    }
    cells = await app.store.repositories.bookings.held_cells([ended.id])
    assert cells == {ended.id: frozenset()}
    again = await service.run(names=["bookings", "entries", "clearings"])
    assert [finding for page in again for finding in page.resolved] == []


def kinds(findings: Iterable[Finding]) -> set[tuple[str, str]]:
    return {(each.kind, each.subject) for each in findings}
