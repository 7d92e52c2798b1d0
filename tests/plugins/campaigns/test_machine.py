"""Administrators, people, the clock and kills at random: the mail server refuses to take what must
not be sent (`WatchedServer`), and in the end every campaign has reached everybody it may reach."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import suppress
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.errors import Conflict
from core.suppressions import Suppression
from plugins.campaigns.clicks import Clicks
from plugins.campaigns.consents import Topic, Way
from plugins.campaigns.model import RECIPIENTS, RUNNING, Campaign, Progress, Recipient, State
from plugins.campaigns.numbers import CLICK_DAYS, NUMBERS, ClickDay, Numbers, quarter_of
from tests.app import CALLER
from tests.plugins.campaigns.killable import ZONES, KillableWorld, a_killable_world
from tests.services.test_dispute_kills import Killed

T = TypeVar("T")
PEOPLE, CAMPAIGNS = 6, 4
person = st.integers(0, PEOPLE - 1)
which = st.integers(0, CAMPAIGNS - 1)
happened: Counter[str] = Counter()


COUNTED = [each.name for each in fields(Numbers) if each.type == "int" and each.name != "version"]


def numbers_in(kept: Iterable[Numbers]) -> Iterator[tuple[str, str, str]]:
    """Campaign, zone and field, as often as is counted."""
    for each in kept:
        for name in COUNTED:
            yield from [(each.campaign, each.zone, name)] * getattr(each, name)


def numbers_in_rows(rows: Iterable[Recipient]) -> Iterator[tuple[str, str, str]]:
    """The same from the rows, written down independently."""
    for row in rows:
        tried = row.progress in ("sent", "bounced", "complained")
        facts = {
            str(row.progress): True,
            "clicked": tried and row.clicked_at is not None,
            "stopped": tried and row.withdrew_at is not None,
            "counted": tried and row.clicks,
        }
        yield from ((row.campaign, row.zone, name) for name, true in facts.items() if true)


def clicks_in(days: Iterable[ClickDay]) -> Iterator[tuple[str, datetime, int]]:
    for day in days:
        for number, count in enumerate(day.quarters):
            yield from [(day.campaign, day.begins_at, number)] * count


class CampaignMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.world: KillableWorld = self.run(a_killable_world(PEOPLE, ZONES))
        self.campaigns: list[Campaign] = []
        self.kills = 0

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @initialize()
    def one_campaign(self) -> None:
        self.schedule(60)

    @precondition(lambda self: len(self.campaigns) < CAMPAIGNS)
    @rule(rate=st.sampled_from([20, 60, 3_600]))
    def schedule(self, rate: int) -> None:
        self.campaigns.append(self.run(self.world.scheduled(rate=rate)))

    @rule(number=which, verb=st.sampled_from(["pause", "pause", "resume", "resume", "cancel"]))
    def administrators_interfere(self, number: int, verb: str) -> None:
        if number >= len(self.campaigns):
            return
        act = getattr(self.world.campaigns, verb)
        with suppress(Conflict):
            self.run(act(self.campaigns[number].id, by=self.world.admin, caller=CALLER))
            happened[verb] += 1

    @rule(number=person, agrees=st.booleans())
    def somebody_chooses(self, number: int, agrees: bool) -> None:
        topics = [Topic.NEWS] if agrees else []
        account = self.world.people[number].id
        self.run(self.world.consents.choose(topics, clicks=agrees, by=account))
        happened["agreed" if agrees else "withdrew"] += 1

    @rule(number=person)
    def somebody_presses_the_button_of_a_mail(self, number: int) -> None:
        mails = self.world.mails_of(self.world.people[number])
        if mails:
            token = mails[-1].unsubscribe.rpartition("/")[2]
            self.run(self.world.consents.stop(token, way=Way.BUTTON))
            happened["button"] += 1

    @rule(number=person)
    def somebody_presses_the_button_in_a_mail(self, number: int) -> None:
        """The button leads to the site; the click is counted for those who allow it."""
        account = self.world.people[number].id
        for campaign in self.campaigns:
            token = self.world.mails.tokens.make(campaign.id, account)
            self.run(self.world.app.services.built[Clicks].follow(token, count=True))
            happened["clicked"] += 1

    @invariant()
    def the_numbers_are_those_of_the_rows(self) -> None:
        self.run(self._numbers_equal_rows())

    async def _numbers_equal_rows(self) -> None:
        repositories = self.world.store.repositories
        rows = [row async for row in repositories.documents(RECIPIENTS).each()]
        kept = [each async for each in repositories.documents(NUMBERS).each()]
        clicks = [each async for each in repositories.documents(CLICK_DAYS).each()]
        assert Counter(numbers_in(kept)) == Counter(numbers_in_rows(rows))
        assert Counter(clicks_in(clicks)) == Counter(
            (row.campaign, *quarter_of(row.clicked_at)) for row in rows if row.clicked_at
        )
        first = {(each.campaign, each.zone): each.first_sent_at for each in kept}
        for key, at in first.items():
            times = [row.sent_at for row in rows if (row.campaign, row.zone) == key]
            assert at == min(filter(None, times), default=None)

    @rule(number=person)
    def mail_to_somebody_comes_back(self, number: int) -> None:
        email, now = self.world.people[number].email, self.world.app.clock.now()
        suppressions = self.world.store.repositories.suppressions
        self.run(suppressions.add(Suppression(email, "Unknown.", now)))

    @rule(down=st.booleans())
    def the_mail_server_stops_or_starts(self, down: bool) -> None:
        self.world.server.down = down

    @rule(minutes=st.sampled_from([0, 1, 1, 3, 30, 60, 600, 3 * 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.run(self.world.app.pass_time(timedelta(minutes=minutes)))

    @rule(
        how=st.one_of(st.sampled_from(["kill_before", "kill_after"]), st.integers(0, 60)),
        minutes=st.sampled_from([0, 1, 60]),
    )
    def a_worker_is_killed(self, how: str | int, minutes: int) -> None:
        if isinstance(how, int):
            self.world.store.left = how
        else:
            setattr(self.world.server, how, True)
        try:
            self.run(self.world.app.pass_time(timedelta(minutes=minutes)))
        except Killed:
            self.kills += 1
            happened["killed"] += 1
        self.run(self.world.revive())

    def teardown(self) -> None:
        try:
            self.run(self.everything_comes_to_its_end())
        finally:
            self.runner.close()

    async def everything_comes_to_its_end(self) -> None:
        world = self.world
        world.server.down = False
        for campaign in self.campaigns:
            with suppress(Conflict):
                await world.campaigns.resume(campaign.id, by=world.admin, caller=CALLER)
        for _ in range(10):
            await world.app.pass_time(timedelta(hours=6))
        await world.all_over(*self.campaigns)
        for campaign in self.campaigns:
            await self._check(campaign)

    async def _check(self, campaign: Campaign) -> None:
        stored, rows = (
            await self.world.campaigns.get(campaign.id),
            await self.world.rows(campaign.id),
        )
        got = {each.account for each in self.world.server.taken if each.campaign == campaign.id}
        sent = {account for account, progress in rows.items() if progress is Progress.SENT}
        assert stored.state not in RUNNING
        assert self.world.server.repeats_of(campaign.id) <= self.kills
        assert sent <= got <= set(rows)
        if stored.state is State.DONE:
            assert got == sent, "a mail that was taken is recorded"
            assert Progress.WAITING not in rows.values(), "nobody is forgotten"
            happened["done"] += 1


EVERYTHING = {
    "pause", "resume", "cancel", "agreed", "withdrew", "button", "clicked", "killed", "done",
}  # fmt: skip
QUICK = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
LONG = settings(QUICK, max_examples=2_000, stateful_step_count=50, derandomize=False)


def test_no_mail_is_sent_that_must_not_be_and_none_is_forgotten() -> None:
    happened.clear()
    run_state_machine_as_test(CampaignMachine, settings=QUICK)
    assert EVERYTHING - set(happened) == set(), "not every event has happened"


@pytest.mark.long
def test_the_same_for_many_more_histories() -> None:
    run_state_machine_as_test(CampaignMachine, settings=LONG)
