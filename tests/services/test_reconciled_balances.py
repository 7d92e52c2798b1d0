"""Balances are compared with ledgers of any length in steps of a bounded number of reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from core.earnings import Balance, balance_id
from core.findings import FindingKind
from core.money import Money
from core.outbox import State
from core.reconciliation_messages import ReconcilePage
from core.transactions import (
    FEES,
    Kind,
    Line,
    Transaction,
    TransactionId,
    clearing,
    earnings,
)
from ports.store import Repositories
from services.payments import BALANCES
from services.reconciliation import ReconciliationService
from services.reconciliation.balances import BalanceCheck
from services.reconciliation.checks import Check
from tests.app import MemoryApp
from tests.services.reconciliation_seeds import documents, put

LONG = "dev_long"
KEY = balance_id(LONG, "INR")
READ, MOST = 5, 3
"""Entries of a read, and reads of a step: as if a ledger of 60 entries had 100,000."""


@pytest.fixture
def site() -> MemoryApp:
    return MemoryApp()


def ledger(app: MemoryApp, developer: str, entries: int) -> None:
    """So many entries of ₹1.00 each, a minute apart until now, and the balance of their sum."""
    for number in range(entries):
        at = app.clock.now() - timedelta(minutes=number)
        lines = Line(FEES, Money(-100)), Line(clearing(developer), Money(100))
        name = TransactionId(f"release:{developer}:{number}")
        made = Transaction(name, Kind.RELEASE, at, lines, "Released", developer_id=developer)
        put(app, "transactions", made)
    empty = Balance.empty(developer, "INR")
    put(app, documents(BALANCES), replace(empty, clearing=Money(100 * entries)))


def in_small_steps(app: MemoryApp) -> ReconciliationService:
    service = app.services.reconciliation
    check = cast(BalanceCheck, service.checks["balances"])
    checks: Mapping[str, Check] = {
        "balances": replace(check, read_at_once=READ, most_reads=MOST),
    }
    return replace(service, checks=checks)


class Counting:
    """Repositories that count how often entries of a developer are read."""

    def __init__(self, repositories: Any) -> None:
        self.read_from, self.reads = repositories, 0

    def __getattr__(self, name: str) -> Any:
        return self if name == "transactions" else getattr(self.read_from, name)

    async def of_account(self, *args: Any, **how: Any) -> Any:
        self.reads += 1
        return await self.read_from.transactions.of_account(*args, **how)


async def reads_by_step(app: MemoryApp) -> list[int]:
    """Of each step until all is read, and of the comparison after them."""
    counting, counts = Counting(app.store.repositories), list[int]()
    repositories = cast(Repositories, counting)
    check = in_small_steps(app).checks["balances"]
    ids = await check.ids(repositories, after="", limit=10)
    while not counts or check.progress:
        counting.reads = 0
        check = await check.resumed(check.progress).prepared(repositories, ids)
        counts.append(counting.reads)
    counting.reads = 0
    assert await check.compare(repositories, ids, after="") == []
    return [*counts, counting.reads]


async def test_a_long_ledger_is_read_in_steps_of_so_many_reads(site: MemoryApp) -> None:
    ledger(site, LONG, 60)
    ledger(site, "dev_short", 20)

    *steps, compared = await reads_by_step(site)

    assert steps == [MOST, MOST, MOST, MOST]
    assert compared == 6, "the entries of the last ten minutes, of both"


async def run_all(app: MemoryApp, service: ReconciliationService) -> int:
    """Run the messages of the comparison to its end; how many there were."""
    page, count = ReconcilePage("balances", app.clock.now()), 0
    seen = set[str]()
    while True:
        await service.go_on(page)
        count += 1
        ready = await app.store.repositories.outbox.in_state(State.READY, limit=50)
        new = [m for m in ready if m.kind == ReconcilePage.kind and m.id not in seen]
        if not new:
            return count
        seen |= {each.id for each in new}
        page = ReconcilePage.decode(new[0].payload)


async def findings(app: MemoryApp) -> list[str]:
    found = await app.store.repositories.findings.of_kinds(
        [FindingKind.BALANCE_WRONG], after="", until=None
    )
    return [each.subject for each in found if each.is_open]


@pytest.mark.parametrize("wrong", [0, 1, -1])
async def test_a_wrong_balance_is_found_after_all_steps(site: MemoryApp, wrong: int) -> None:
    ledger(site, LONG, 60)
    stored = site.store.repositories.documents(BALANCES)
    balance = await stored.get(KEY)
    await stored.save(replace(balance, clearing=balance.clearing + Money(wrong)))

    count = await run_all(site, in_small_steps(site))

    assert count == 4
    assert await findings(site) == ([KEY] if wrong else [])


async def test_what_is_booked_between_the_steps_is_no_difference(site: MemoryApp) -> None:
    ledger(site, LONG, 60)
    service, now = in_small_steps(site), site.clock.now()
    await service.go_on(ReconcilePage("balances", now))
    lines = Line(clearing(LONG), Money(-500)), Line(earnings(LONG), Money(500))
    name = TransactionId("clear:late")
    await site.store.repositories.transactions.add(
        Transaction(name, Kind.CLEAR, now, lines, "Ready", developer_id=LONG)
    )
    stored = site.store.repositories.documents(BALANCES)
    await stored.save((await stored.get(KEY)).apply(lines))

    await run_all(site, service)

    assert await findings(site) == []
