"""Workers are killed at each crossing of the database and of the mail server: everybody who
agreed gets one mail, at most one of them is repeated, and nobody who withdrew gets any."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from datetime import timedelta

import pytest

from plugins.campaigns.model import RUNNING, Campaign, GoOn, Progress, State
from tests.app import CALLER
from tests.plugins.campaigns.killable import ZONES, KillableWorld, a_killable_world
from tests.services.test_dispute_kills import Killed

PEOPLE, RECIPIENTS = 5, 10_000


async def send_to_all(world: KillableWorld, campaign: Campaign) -> None:
    """One withdraws after the first mails."""
    await world.app.run()
    got = {each.account for each in world.server.taken}
    waiting = [each for each in world.people if each.id not in got]
    if len(waiting) == PEOPLE - 2:
        await world.consents.choose((), clicks=False, by=waiting[-1].id)
    await world.all_over(campaign)


async def assert_one_each(world: KillableWorld, campaign: Campaign) -> None:
    rows = await world.rows(campaign.id)
    got = {each.account for each in world.server.taken}
    stopped = {account for account, progress in rows.items() if progress == "withdrew"}

    assert set(rows) == {each.id for each in world.people}
    assert set(rows.values()) <= {"sent", "withdrew"}
    assert got == {account for account, progress in rows.items() if progress == "sent"}
    assert len(stopped) <= 1 and not stopped & got
    assert world.server.repeats <= 1
    assert (await world.campaigns.get(campaign.id)).state is State.DONE
    assert not await world.store.repositories.outbox.in_state("dead", limit=1)


async def test_killed_at_any_crossing_of_the_database() -> None:
    world = await a_killable_world(PEOPLE)
    campaign = await world.scheduled(rate=120)
    before = world.store.crossed
    await send_to_all(world, campaign)
    crossings = world.store.crossed - before
    await assert_one_each(world, campaign)
    assert crossings > 80 and world.server.repeats == 0
    repeats = 0
    for number in range(0, crossings, 2):
        world = await a_killable_world(PEOPLE)
        campaign = await world.scheduled(rate=120)
        world.store.left = number
        with suppress(Killed):
            await send_to_all(world, campaign)

        await world.revive()
        await send_to_all(world, campaign)

        await assert_one_each(world, campaign)
        repeats += world.server.repeats
    assert repeats, "a kill between the mail and its record repeats that mail"


@pytest.mark.parametrize("number", range(PEOPLE))
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_killed_before_or_after_any_mail_is_taken(moment: str, number: int) -> None:
    world = await a_killable_world(PEOPLE)
    campaign = await world.scheduled(rate=60)
    for _ in range(number):
        await world.app.run()
        world.app.clock.advance(timedelta(minutes=1))
    setattr(world.server, f"kill_{moment}", True)

    with pytest.raises(Killed):
        await world.app.run()
    await world.revive()
    await world.all_over(campaign)

    await assert_one_each(world, campaign)
    assert world.server.repeats == (moment == "after")


async def test_ten_kills_repeat_at_most_ten_mails() -> None:
    world = await a_killable_world(30)
    campaign = await world.scheduled(rate=3_600)
    for _ in range(10):
        world.server.kill_after = True
        with suppress(Killed):
            await world.app.pass_time(timedelta(minutes=1))
        await world.revive()

    await world.all_over(campaign)

    rows = await world.rows(campaign.id)
    assert set(rows.values()) == {"sent"} and len(rows) == 30
    assert 0 < world.server.repeats <= 10


async def test_a_worker_that_was_held_up_and_its_successor_send_no_mail_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is held up until the message of its successor has run for as long as one may."""
    monkeypatch.setattr("services.outbox.service.LONGEST_RUN_S", 2.0)
    world = await a_killable_world(10)
    campaign = await world.scheduled(rate=3_600)

    async def go_on_with_another() -> None:
        await world.campaigns.pause(campaign.id, by=world.admin, caller=CALLER)
        await world.campaigns.resume(campaign.id, by=world.admin, caller=CALLER)
        await world.app.run()

    world.server.meanwhile = go_on_with_another
    await world.app.run()
    await world.all_over(campaign)

    assert world.server.meanwhile is None and world.server.repeats == 0
    assert len(await world.rows(campaign.id)) == len(world.server.taken) == 10


async def test_a_message_that_is_interrupted_repeats_no_mail() -> None:
    """Because it took too long, or a busy machine interrupted the plugin: the mail that is under
    way is recorded all the same, and no other one is begun before that."""
    world = await a_killable_world(10)
    campaign = await world.scheduled(rate=3_600)
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def take_long() -> None:
        reached.set()
        await go_on.wait()

    while not (campaign := await world.campaigns.get(campaign.id)).selected:
        await world.sending.go_on(GoOn(campaign.id, campaign.step))
    world.server.meanwhile = take_long
    interrupted = asyncio.ensure_future(world.sending.go_on(GoOn(campaign.id, campaign.step)))
    await reached.wait()
    interrupted.cancel()
    following = asyncio.ensure_future(world.sending.go_on(GoOn(campaign.id, campaign.step)))
    await asyncio.wait({interrupted, following}, return_when=asyncio.FIRST_COMPLETED)
    taken = len(world.server.taken)
    go_on.set()
    await following
    await world.all_over(campaign)

    assert interrupted.cancelled() and taken == 1
    assert world.server.repeats == 0 and len(world.server.taken) == 10


async def test_a_pause_and_a_withdrawal_are_effective_within_a_batch() -> None:
    world = await a_killable_world(10)
    campaign = await world.scheduled(rate=3_600)

    async def pause_and_withdraw() -> None:
        await world.campaigns.pause(campaign.id, by=world.admin, caller=CALLER)
        for each in world.people[1:]:
            await world.consents.choose((), clicks=False, by=each.id)

    world.server.meanwhile = pause_and_withdraw
    await world.app.run()
    paused = len(world.server.taken)
    await world.campaigns.resume(campaign.id, by=world.admin, caller=CALLER)
    await world.all_over(campaign)

    assert paused == 1 and len(world.server.taken) <= 2
    assert list((await world.rows(campaign.id)).values()).count(Progress.WITHDREW) >= 8


@pytest.mark.long
async def test_ten_thousand_recipients_and_kills_all_the_time() -> None:
    rng = random.Random(15)
    world = await a_killable_world(RECIPIENTS, ZONES[:1])
    campaign = await world.scheduled(rate=3_600)
    stopped, kills = set[str](), 0
    while (await world.campaigns.get(campaign.id)).state in RUNNING:
        kills += await killed_somewhere(world, rng)
        got = {each.account for each in world.server.taken}
        waiting = rng.choice(world.people)
        if len(stopped) < RECIPIENTS // 20 and waiting.id not in got:
            await world.consents.choose((), clicks=False, by=waiting.id)
            stopped.add(waiting.id)

    rows, got = await world.rows(campaign.id), {each.account for each in world.server.taken}
    numbers = await world.campaigns.results(campaign.id, zone="UTC")
    assert len(got) + len(stopped) == RECIPIENTS and not got & stopped
    assert {account for account, progress in rows.items() if progress == "sent"} == got
    assert numbers.progress == {each: [*rows.values()].count(each) for each in Progress}
    assert len(stopped) > 200 and kills > 200 and world.server.repeats <= kills
    assert (await world.campaigns.get(campaign.id)).state is State.DONE


async def killed_somewhere(world: KillableWorld, rng: random.Random) -> bool:
    """A worker runs, and is killed at a crossing of the database or at a mail; another goes on."""
    how = rng.choice(["kill_before", "kill_after", "left", "left"])
    if how == "left":
        world.store.left = rng.randrange(400)
    else:
        setattr(world.server, how, True)
    with suppress(Killed):
        await world.app.pass_time(timedelta(minutes=rng.choice([0, 1, 2])))
    killed = world.store.dead
    await world.revive()
    return killed
