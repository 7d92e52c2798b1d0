"""A campaign of four hours is not started again by the broker, which delivers a task once more when
it was not confirmed for some minutes (the `visibility_timeout` of Celery with Redis)."""

from __future__ import annotations

from datetime import timedelta

from adapters.celery.app import celery_app
from adapters.celery.worker import START_S
from adapters.memory.clock import FixedClock
from adapters.memory.store import MemoryStore
from onehour.testing.scheduling import RecordedWakeUps
from plugins.campaigns import Campaigns
from plugins.campaigns.consents import Topic
from plugins.campaigns.model import GoOn
from services.bootstrap import CAPABILITIES
from services.outbox.service import LONGEST_RUN_S
from services.shared.capabilities import documents_of
from tests.app import MONDAY
from tests.plugins.campaigns.world import World
from tests.plugins.site import app_with, switched_on

PEOPLE, RATE, MINUTES = 240, 60, 4 * 60
VISIBLE_AGAIN = 5
"""Minutes."""


def test_a_task_is_confirmed_before_it_runs_and_never_runs_as_long_as_the_broker_waits() -> None:
    conf = celery_app("redis://127.0.0.1:1/0").conf

    waits_s = conf.broker_transport_options["visibility_timeout"]

    assert conf.task_acks_late is False
    assert max(START_S, LONGEST_RUN_S) < waits_s == VISIBLE_AGAIN * 60


async def test_tasks_that_are_delivered_again_for_four_hours_send_nothing_twice() -> None:
    plugins, clock = switched_on(Campaigns, "campaigns"), FixedClock(MONDAY)
    tasks = list[tuple[int, tuple[str, ...]]]()
    wake_ups = RecordedWakeUps()
    documents = documents_of((*CAPABILITIES, *plugins.capabilities))
    store = MemoryStore(clock, wake_ups, documents=documents)
    app = app_with(plugins, clock=clock, store=store)
    world = World(app, plugins, await app.admin("Asha Menon"))
    for number in range(PEOPLE):
        await world.person(f"Person {number}", Topic.NEWS)
    campaign = await world.scheduled(rate=RATE)
    sent = 0

    for minute in range(MINUTES):
        again = [ids for since, ids in tasks if ids and since <= minute - VISIBLE_AGAIN]
        for ids in ([], *again[-20:]):
            await app.services.outbox.run_due(limit=32, only=ids)
        await world.sending.go_on(GoOn(campaign.id, minute // 2))
        tasks.append((minute, tuple(wake_ups.message_ids)))
        wake_ups.message_ids.clear()
        sent, before = len([mail for mail in app.mailer.sent if mail.unsubscribe]), sent
        assert sent - before <= 2, "not faster, and no task sends for long"
        clock.advance(timedelta(minutes=1))
    await world.let_run(hours=1)
    everything = [each for _, ids in tasks for each in ids]
    await app.services.outbox.run_due(limit=10_000, only=everything)

    to = [mail.to for mail in app.mailer.sent if mail.unsubscribe]
    assert len(to) == len(set(to)) == PEOPLE
    assert (await world.campaigns.get(campaign.id)).state == "done"
    assert len(everything) > MINUTES
