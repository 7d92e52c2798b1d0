"""Settlements are read page by page, kept once, and compared with what is booked."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from adapters.memory.payments import signed
from adapters.memory.store import MemoryStore
from core.findings import FindingKind as K
from core.money import Money
from core.policy import DAY, MINUTE
from core.settlements import ProviderSettlement, SettledLine, Status
from ports.findings import Finding
from services.settlements import SETTLED_LINES, SETTLEMENT_READINGS, SETTLEMENTS
from tests.app import MemoryApp
from tests.services.reconciliation_seeds import declined, paid, read_settlements

CHECKS = ("settlements", "settled_lines", "unsettled")


@pytest.fixture
def site() -> MemoryApp:
    return MemoryApp()


async def settled(app: MemoryApp) -> None:
    """The provider settles what it owes, and the daily reading is made."""
    app.gateway.settle_all()
    app.gateway.settles = False
    await read_settlements(app)


async def rows(app: MemoryApp, kind: Any) -> list[Any]:
    documents = app.store.repositories.documents(kind)
    return list((await documents.many(await documents.ids(limit=1000))).values())


def snapshot(app: MemoryApp) -> dict[str, dict[Any, Any]]:
    assert isinstance(app.store, MemoryStore)
    tables = app.store._tables.rows
    return {name: dict(found) for name, found in tables.items() if name.startswith("documents:")}


async def compared(app: MemoryApp) -> list[Finding]:
    pages = await app.services.reconciliation.run(names=CHECKS)
    return [finding for page in pages for finding in page.open]


async def test_the_daily_reading_keeps_every_line_once(site: MemoryApp) -> None:
    bookings = [await paid(site) for _ in range(5)]
    await declined(site)
    site.gateway.finish_refunds()

    await settled(site)

    (settlement,) = await rows(site, SETTLEMENTS)
    lines: list[SettledLine] = await rows(site, SETTLED_LINES)
    assert isinstance(settlement, ProviderSettlement)
    assert settlement.read
    assert settlement.listed == settlement.amount + settlement.charge
    assert len(lines) == len(bookings) + 2
    assert sum(line.net.amount for line in lines) == settlement.listed.amount
    assert await compared(site) == []


async def test_a_second_reading_changes_nothing(site: MemoryApp) -> None:
    await paid(site), await declined(site)
    await settled(site)
    before = snapshot(site)

    await read_settlements(site)
    reading = f"documents:{SETTLEMENT_READINGS.collection}"
    after = snapshot(site)

    assert before.pop(reading) != after.pop(reading)
    assert after == before


async def test_a_provider_that_does_not_answer_is_asked_again_at_the_same_page(
    site: MemoryApp,
) -> None:
    for _ in range(3):
        await paid(site)
    site.gateway.down = True
    await site.services.settlements.start()
    await site.run()
    assert await rows(site, SETTLED_LINES) == []
    site.gateway.down = False

    await site.pass_time(5 * MINUTE)

    assert len(await rows(site, SETTLED_LINES)) == 3


async def test_a_webhook_is_stored_once_and_the_provider_is_asked(site: MemoryApp) -> None:
    booking = await paid(site)
    reference = site.gateway.settle_all(Status.PENDING)
    body = json.dumps({"id": "s1", "order_id": reference, "kind": "settlement"}).encode()

    for _ in range(2):
        await site.services.payments.receive_webhook("memory", signed(body), body)
        await site.run()

    (settlement,), (line,) = await rows(site, SETTLEMENTS), await rows(site, SETTLED_LINES)
    payment = (await site.store.repositories.payments.many([booking.payment_id])).popitem()[1]
    assert (settlement.status, line.order_id) == (Status.PENDING, payment.order_id)


async def test_a_payment_of_a_failed_settlement_counts_when_another_has_it(
    site: MemoryApp,
) -> None:
    await paid(site)
    first = site.gateway.settle_all()
    await settled(site)
    site.gateway.change_settlement(first, Status.FAILED)
    await read_settlements(site)
    (finding,) = await compared(site)
    assert (finding.kind, finding.subject) == (K.SETTLEMENT_NOT_PAID, f"memory:{first}")

    again = site.gateway.settle_all()
    await read_settlements(site)

    (line,) = await rows(site, SETTLED_LINES)
    assert line.settlement == f"memory:{again}"
    assert line.contradiction == ""


async def test_a_payment_that_two_paid_settlements_have_is_reported(site: MemoryApp) -> None:
    await paid(site)
    first = site.gateway.settle_all()
    await settled(site)
    await paid(site)
    second = site.gateway.settle_all()
    lines = (*site.gateway.lines_of(second), *site.gateway.lines_of(first))
    site.gateway.falsify(second, *lines)

    await settled(site)

    kinds = {finding.kind for finding in await compared(site)}
    assert kinds == {K.SETTLED_LINE_CHANGED, K.SETTLEMENT_SUM_DIFFERS}


async def test_what_the_provider_takes_back_is_settled_when_it_agrees_again(
    site: MemoryApp,
) -> None:
    await paid(site)
    reference = site.gateway.settle_all()
    await settled(site)
    (line,) = site.gateway.lines_of(reference)
    site.gateway.falsify(reference, replace(line, net=line.net - Money(1)))
    await settled(site)
    assert K.SETTLED_LINE_CHANGED in {finding.kind for finding in await compared(site)}

    site.gateway.falsify(reference, line)
    await settled(site)

    assert await compared(site) == []


async def test_nothing_is_missed_before_its_time_or_what_was_not_read(site: MemoryApp) -> None:
    """Neither payments from before the first reading, nor those of a settlement whose lines are
    still to come."""
    site.gateway.settles = False
    old = await paid(site)
    site.clock.advance(20 * DAY)
    await read_settlements(site)
    young = await paid(site)
    site.clock.advance(6 * DAY)
    await read_settlements(site)
    assert await compared(site) == []

    site.clock.advance(2 * DAY)
    await read_settlements(site)

    (finding,) = await compared(site)
    assert (finding.kind, finding.subject) == (K.NOT_SETTLED, young.payment_id)
    assert old.payment_id != young.payment_id


async def test_a_fee_up_to_what_is_agreed_is_right(site: MemoryApp) -> None:
    site.gateway.fee_hundredths = 300
    await paid(site)
    await settled(site)

    assert await compared(site) == []
