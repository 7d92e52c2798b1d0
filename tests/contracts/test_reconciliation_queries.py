"""Reconciliation on MongoDB: a page takes a number of queries that does not grow."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.app import MemoryApp
from tests.contracts.commands import Commands, counted_app
from tests.services.reconciliation_seeds import approved, declined, held

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
