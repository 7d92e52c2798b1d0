"""A process is killed at each crossing of the database while documents are issued: no number is
missing, and none is given out twice."""

from __future__ import annotations

import pytest

from adapters.memory.clock import FixedClock
from core.accounts import AccountId
from core.bookings import BookingId
from core.numbering import Series, series_id
from core.outbox import message
from core.payments_messages import IssueDocument
from core.policy import HOUR
from core.transactions import TransactionId
from services.bootstrap import CAPABILITIES
from services.payments import ISSUED_DOCUMENTS
from services.shared.capabilities import documents_of
from tests.app import MONDAY, MemoryApp
from tests.services.test_dispute_kills import KillableStore, Killed

WHOLE = sorted(f"{series_id(series, MONDAY)}-{n:06d}" for series in Series for n in (1, 2))


async def prepared() -> tuple[KillableStore, MemoryApp]:
    """Messages for two documents of each series wait in the outbox."""
    clock = FixedClock(MONDAY)
    store = KillableStore(clock, documents=documents_of(CAPABILITIES))
    app = MemoryApp(clock=clock, store=store)
    for count in range(2):
        for series in Series:
            entry = TransactionId(f"{series}:{count}")
            issue = IssueDocument(
                entry, BookingId("bkg_1"), AccountId("acc_1"), series_id(series, MONDAY)
            )
            await store.repositories.outbox.add(message(issue, entry, due_at=MONDAY))
    return store, app


async def issued(app: MemoryApp) -> list[str]:
    documents = app.store.repositories.documents(ISSUED_DOCUMENTS)
    return sorted([each.number async for each in documents.each()])


async def test_killed_anywhere_the_numbers_have_no_gap() -> None:
    store, app = await prepared()
    before = store.crossed
    await app.run()
    crossings = store.crossed - before
    assert await issued(app) == WHOLE
    assert crossings > 10
    for number in range(crossings):
        store, app = await prepared()
        store.left = number
        with pytest.raises(Killed):
            await app.run()
        store.left = None

        app.clock.advance(HOUR)  # the leases of the killed relay end
        await app.run()

        assert await issued(app) == WHOLE, number
