"""Whatever a plugin does wrong, wherever it is called: the result is that without it."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from dataclasses import dataclass, field
from functools import partial

import pytest

from adapters.prometheus.metrics import Metrics
from core.extensions_policy import ExtensionPolicy
from core.notifications import NotifyParty
from core.outbox import message
from core.policy import Policies
from core.timeline import Actor
from onehour.api import Panel, Slot, WebCapability, implements
from plugins import calls, steps
from plugins.manager import Plugins
from plugins.steps import KeepsLoop, Watchdog, in_steps
from ports.store import Repositories
from ports.telemetry import Telemetry
from services.timeline import TimelineStep, record
from tests.app import MemoryApp
from tests.plugins import misbehaving
from tests.plugins.misbehaving import WRONG, Misbehaving, Wrong, kinds
from tests.plugins.site import app_with, switched_on
from tests.web.site import SiteWithBooking, build_site_with_booking
from web.shared.access import Who

LIMITS = calls.QUESTION_S, steps.STEP_S, steps.CHECK_S
BLOCKING = (misbehaving.sleeps, misbehaving.computes)
NEVER_OFF = Policies(ExtensionPolicy(plugin_failures=10_000))


@pytest.fixture(autouse=True)
def short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests of what never ends are short."""
    monkeypatch.setattr(calls, "QUESTION_S", 0.08)
    monkeypatch.setattr(calls, "EVENT_S", 0.08)
    monkeypatch.setattr(steps, "STEP_S", 0.04)


def test_a_plugin_costs_at_most_200_ms() -> None:
    question_s, step_s, check_s = LIMITS

    assert question_s <= 0.2
    assert step_s + 2 * check_s <= 0.2


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_booking_and_its_events_are_those_without_the_plugin(wrong: Wrong) -> None:
    metrics = Metrics()
    plugins, telemetry = switched_on(Misbehaving(wrong), "wrong"), Telemetry((metrics,))
    app, without = app_with(plugins, policies=NEVER_OFF, telemetry=telemetry), MemoryApp()

    booking = await app.paid((await app.client())[0], await app.developer())
    expected = await without.paid((await without.client())[0], await without.developer())

    assert booking == expected
    await app.assert_ledger_balances()
    for hook in ("onehour_may_book", "onehour_price", "onehour_book"):
        assert outcomes(metrics, hook) == {outcome_of(wrong)}
    delivered = "done" if wrong is misbehaving.answers_nonsense else outcome_of(wrong)
    assert outcomes(metrics, "onehour_booking_event") == {delivered}


def outcome_of(wrong: Wrong) -> str:
    if wrong in BLOCKING:
        return "blocked"
    special: dict[Wrong, str] = {
        misbehaving.hangs: "late",
        misbehaving.answers_nonsense: "nonsense",
        misbehaving.mutates: "done",  # what it got was a copy
    }
    return special.get(wrong, "failed")


def outcomes(metrics: Metrics, hook: str) -> set[str]:
    return {
        sample.labels["outcome"]
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == "onehour_plugin_calls_total" and sample.labels["hook"] == hook
    }


class Well:
    """The plugin after all others."""

    @implements
    def onehour_web(self) -> list[WebCapability]:
        async def render(facts: object) -> str:
            return '<p id="well">All is well.</p>'

        panels = (Panel(Slot.BOOKING, render), Panel(Slot.PROFILE, render))
        return [WebCapability(name="well", panels=panels)]


@dataclass
class World:
    """A site with all misbehaving plugins, one that does nothing wrong, and what they have told."""

    plugins: Plugins = field(default_factory=lambda: switched_on(Well, "well"))
    metrics: Metrics = field(default_factory=Metrics)

    async def site(self) -> SiteWithBooking:
        for wrong in WRONG:
            self.plugins.add(Misbehaving(wrong), wrong.__name__)
        telemetry = Telemetry((self.metrics,))
        app = app_with(self.plugins, policies=NEVER_OFF, telemetry=telemetry)
        site = await build_site_with_booking(app=app, added=self.plugins.web)
        await app.store.transact(lambda repositories: self._tell(repositories, site))
        await app.run()
        return site

    async def _tell(self, repositories: Repositories, site: SiteWithBooking) -> None:
        """An entry of the timeline and a notification of each."""
        now, booking = site.app.clock.now(), site.booking
        for name in (wrong.__name__ for wrong in WRONG):
            step = TimelineStep(
                key=name, what=kinds(name)(f"{name}_done"), actor=Actor.DEADLINE, at=now
            )
            await record(repositories, booking, step)
            told = NotifyParty(f"{name}_notice", booking.client.account_id, booking.id, name)
            await repositories.outbox.add(message(told, name, due_at=now))


async def test_no_page_is_broken() -> None:
    world = World()
    site = await world.site()
    client = await site.browser_for(Who.CLIENT)

    pages = {
        path: await client.look(path)
        for path in (
            f"/developers/{site.developer_id}",
            f"/bookings/{site.booking.id}",
            "/notifications",
        )
    }

    assert {answer.status_code for answer, _ in pages.values()} == {200}
    profile, booking, notifications = (html for _, html in pages.values())
    assert '<p id="well">' in profile
    assert '<p id="well">' in booking
    for wrong in WRONG:
        readable = wrong.__name__.replace("_", " ").capitalize()
        assert f"{readable} done" in re.sub(r"\s+", " ", booking)
        assert f"{readable} notice" in notifications
    assert outcomes(world.metrics, "panel booking") == {
        "failed",
        "late",
        "blocked",
        "nonsense",
        "done",
    }
    assert "Mallory" not in booking


async def test_the_loop_goes_on_while_a_plugin_computes() -> None:
    """In the thread of a worker, which no signal reaches."""
    ended = list[BaseException]()

    def compute() -> None:
        try:
            asyncio.run(in_steps(misbehaving.computes(None)))
        except KeepsLoop as error:
            ended.append(error)

    thread = threading.Thread(target=compute)
    thread.start()
    await asyncio.to_thread(thread.join, 10)

    assert len(ended) == 1


def test_what_ends_in_time_is_not_interrupted_afterwards() -> None:
    watchdog = Watchdog()

    results = [watchdog.run(partial(int, number), 0.001) for number in range(100)]
    time.sleep(3 * steps.CHECK_S)

    assert results == list(range(100))


async def test_steps_pass_on_values_errors_and_cancellation() -> None:
    async def work(seconds: float) -> str:
        await asyncio.sleep(seconds)
        raise ValueError("as always")

    with pytest.raises(ValueError, match="as always"):
        await in_steps(work(0))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(in_steps(work(60)), 0.01)
