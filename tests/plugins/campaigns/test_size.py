"""What a mail and the page of a campaign cost does not depend on the number of recipients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from adapters.memory.repositories.documents import MemoryDocuments
from plugins.campaigns.model import Progress
from plugins.campaigns.sending import BATCH
from tests.plugins.campaigns.killable import KillableWorld, a_killable_world

SMALL, LARGE = BATCH * 2, BATCH * 20
CALLS_A_MAIL = 14


async def selected(people: int) -> tuple[KillableWorld, str]:
    world = await a_killable_world(people)
    campaign = await world.scheduled(rate=3_600)
    while not (await world.campaigns.get(campaign.id)).selected:
        await world.app.services.outbox.run_due(limit=1)
    return world, campaign.id


async def test_a_batch_makes_as_many_calls_for_many_recipients_as_for_few() -> None:
    calls = []
    for people in (SMALL, LARGE):
        world, _ = await selected(people)
        before = world.store.crossed
        await world.app.run()
        calls.append(world.store.crossed - before)
        assert len(world.server.taken) == BATCH

    assert calls[0] == calls[1] <= BATCH * CALLS_A_MAIL


async def test_neither_a_batch_nor_the_page_reads_all_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, campaign = await selected(LARGE)
    read: list[str] = []
    monkeypatch.setattr(MemoryDocuments, "each", noted(MemoryDocuments.each, read))
    monkeypatch.setattr(MemoryDocuments, "count", noted(MemoryDocuments.count, read))

    await world.app.run()
    results = await world.campaigns.results(campaign, zone="UTC")

    assert results.progress[Progress.SENT] == BATCH and results.all == LARGE
    assert read and "documents:campaigns_recipients" not in read


def noted(read: Callable[..., Any], into: list[str]) -> Callable[..., Any]:
    def noting(self: Any, **equals: Mapping[str, object]) -> Any:
        into.append(self.name)
        return read(self, **equals)

    return noting
