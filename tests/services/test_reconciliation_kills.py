"""A worker is killed at each crossing of the database while it reconciles: after another run the
findings, the bookings and the money are those of a run that nobody has disturbed."""

from __future__ import annotations

from collections import defaultdict
from copy import deepcopy
from typing import Any

import pytest

from adapters.memory.clock import FixedClock
from core.findings import FindingKind as K
from core.policy import HOUR
from services.bootstrap import CAPABILITIES
from services.shared.capabilities import documents_of
from tests.app import MONDAY, MemoryApp
from tests.services.reconciliation_seeds import SEEDS
from tests.services.test_dispute_kills import KillableStore, Killed

KINDS = (
    K.PROVIDER_PAID,
    K.CELL_WITHOUT_BOOKING,
    K.ANSWER_OVERDUE,
    K.DEADLINE_MISSING,
    K.CLEARING_OVERDUE,
    K.JOB_MISSING,
    K.PROVIDER_REFUND,
)
POINTS = 60
"""Crossings at which it is killed, spread evenly."""


class Saved:
    """The state of a site to which it can go back: rows are frozen, orders are copied."""

    def __init__(self, app: MemoryApp, store: KillableStore) -> None:
        self.app, self.store = app, store
        self.rows = {name: dict(rows) for name, rows in store._tables.rows.items()}
        self.orders = deepcopy(app.gateway._orders)
        self.now = app.clock.now()

    def restore(self) -> None:
        tables = self.store._tables
        tables.rows = defaultdict(dict, {name: dict(rows) for name, rows in self.rows.items()})
        tables.changed_at.clear()
        self.app.gateway._orders = deepcopy(self.orders)
        self.app.clock.advance(self.now - self.app.clock.now())


async def outcome(app: MemoryApp, store: KillableStore) -> Any:
    """What must be the same, however often a run was begun."""
    rows = store._tables.rows
    return (
        {each.id for each in rows["findings"].values() if each.is_open},
        {each.id: each.status for each in rows["bookings"].values()},
        {each.id: each.status for each in rows["payments"].values()},
        await app.balances(),
    )


async def test_killed_anywhere_another_run_ends_in_the_same_state() -> None:
    clock = FixedClock(MONDAY)
    store = KillableStore(clock, documents=documents_of(CAPABILITIES))
    app = MemoryApp(clock=clock, store=store)
    for kind in KINDS:
        await SEEDS[kind].make(app)
    saved = Saved(app, store)

    async def reconcile() -> None:
        await app.services.reconciliation.start()
        await app.run()

    before = store.crossed
    await reconcile()
    crossings = store.crossed - before
    undisturbed = await outcome(app, store)
    expected = set(store._tables.rows["findings"])
    assert [
        finding.kind for finding in store._tables.rows["findings"].values() if finding.is_open
    ] == [K.JOB_MISSING]
    for number in range(0, crossings, max(1, crossings // POINTS)):
        saved.restore()
        store.left = number
        with pytest.raises(Killed):
            await reconcile()
        store.left = None

        clock.advance(HOUR / 60)  # the leases of the killed relay end
        await reconcile()

        assert await outcome(app, store) == undisturbed, number
        # The second run may also meet, and mend, what the kill itself has left.
        assert set(store._tables.rows["findings"]) >= expected, number
