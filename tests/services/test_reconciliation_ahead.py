"""The ids of a comparison are read ahead: one query serves many pages, without loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import cast

import pytest

from core.findings import FindingKind as K
from ports.findings import Finding
from ports.store import Repositories
from services.reconciliation.ahead import IdsAhead
from services.reconciliation.checks import Check
from tests.app import MemoryApp
from tests.services.reconciliation_seeds import SEEDS, paid

NOBODY = cast(Repositories, None)


@dataclass(slots=True)
class Listed:
    """A check of these ids, which notes after which one it was asked."""

    stored: list[str] = field(default_factory=lambda: [f"{number:02d}" for number in range(10)])
    asked: list[str] = field(default_factory=list)

    async def ids(self, _: Repositories, *, after: str, limit: int) -> Sequence[str]:
        self.asked.append(after)
        return [each for each in self.stored if each > after][:limit]


async def pages(ahead: IdsAhead, check: Listed, *, run: str = "today") -> list[list[str]]:
    found, after = list[list[str]](), ""
    while True:
        page = await ahead.page(run, cast(Check, check), NOBODY, after=after, limit=2)
        found.append(list(page.ids))
        if page.end is None:
            return found
        after = page.end


@pytest.mark.parametrize(("most", "queries"), [(2, 6), (4, 3), (5, 3), (10, 2), (11, 1)])
async def test_one_query_serves_many_pages(app: MemoryApp, most: int, queries: int) -> None:
    check, ahead = Listed(), IdsAhead(app.clock, most=most)

    found = await pages(ahead, check)

    assert [each for page in found for each in page] == check.stored
    assert len(check.asked) == queries


async def test_a_run_goes_on_in_another_process_or_begins_again(app: MemoryApp) -> None:
    check, here, there = Listed(), IdsAhead(app.clock), IdsAhead(app.clock)
    ask = cast(Check, check)
    for ahead, after in ((here, ""), (there, "01"), (here, "03"), (there, "05")):
        await ahead.page("today", ask, NOBODY, after=after, limit=2)
    assert check.asked == ["", "01"]

    check.stored.append("99")
    assert (await pages(here, check))[-1] == ["99"]


async def test_what_was_found_after_the_ids_were_read_stays_open(app: MemoryApp) -> None:
    """It may be about an entity that the page does not know."""
    service, payments = app.services.reconciliation, app.services.reconciliation.checks["payments"]
    await paid(app)
    later = app.clock.now() + timedelta(seconds=1)
    newer = Finding("new", K.PAYMENT_ENTRY_MISSING, "pay_new", "Seen just now.", later)
    older = replace(newer, id="old", subject="pay_old", at=app.clock.now())
    for finding in (newer, older):
        await app.store.repositories.findings.report(finding)

    (page,) = [page async for page in service.pages(payments)]

    assert [each.id for each in page.resolved] == ["old"]
    assert [each.id for each in await app.store.repositories.findings.open()] == ["new"]
    app.clock.advance(timedelta(seconds=2))
    (after,) = await service.run(names=["payments"])
    assert [each.id for each in after.resolved] == ["new"]


async def test_the_daily_run_finds_the_same_in_pages_of_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each page is a message."""
    monkeypatch.setattr(Check, "page_size", 1)
    site = MemoryApp()
    for _ in range(3):
        await SEEDS[K.JOB_MISSING].make(site)

    await site.services.reconciliation.start()
    await site.run()

    opened = await site.store.repositories.findings.open()
    assert [finding.kind for finding in opened] == 3 * [K.JOB_MISSING]
