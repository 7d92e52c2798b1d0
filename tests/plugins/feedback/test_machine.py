"""A stateful test of reviews: whoever writes, replies, reports and decides in whichever order, the
numbers equal the rows, and what is sealed or hidden is read by nobody.

The jobs stand here by their exchanges alone, so that a run takes milliseconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from core.bookings import Party
from core.developers import Developer
from core.errors import Conflict, NotFound
from core.jobs import JobId
from core.timezones import UTC_NAME
from plugins.feedback.messages import ShowReviews
from plugins.feedback.model import EXCHANGES, REVIEWS, Exchange, Review, State, Writer, review_id
from plugins.feedback.moderation import ModerationService
from plugins.feedback.reports import REPORTS, Outcome
from plugins.feedback.summary import Summary
from tests.app import CALLER
from tests.plugins.feedback.world import World, new_world

T = TypeVar("T")

DAY = timedelta(days=1)
WAITS = (timedelta(hours=1), 5 * DAY, 14 * DAY, 28 * DAY)
JOBS = range(5)
jobs, sides, stars = st.sampled_from(JOBS), st.sampled_from(list(Writer)), st.integers(1, 5)


class ReviewMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()

    def teardown(self) -> None:
        self.runner.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def attempt(self, work: Coroutine[Any, Any, object]) -> None:
        """What is refused must change nothing, which the invariants see."""
        with suppress(Conflict, NotFound):
            self.run(work)

    @initialize()
    def two_developers_did_five_jobs(self) -> None:
        self.world: World = self.run(new_world())
        second = self.run(self.world.app.developer("Ravi Iyer"))
        self.reader, _ = self.run(self.world.app.client("Nils Aasen"))
        self.admin = self.run(self.world.app.admin())
        self.developers = (self.world.developer, second)
        self.exchanges = [self.run(self._add(number)) for number in JOBS]

    async def _add(self, number: int) -> Exchange:
        client = Party(f"cli_{number % 2}", f"acc_client_{number % 2}", "Meera", UTC_NAME)
        developer: Developer = self.developers[number % 2]
        exchange = Exchange(
            id=f"job_{number}",
            booking_id=f"bkg_{number}",
            client=client,
            developer=Party(developer.id, developer.account_id, developer.name, UTC_NAME),
            hours=1,
            approved_at=self.world.app.clock.now(),
            begins_at=self.world.app.clock.now(),
            closes_at=self.world.app.clock.now() + (10 + number) * DAY,
        )
        return await self.world.app.store.repositories.documents(EXCHANGES).add(exchange)

    @property
    def moderation(self) -> ModerationService:
        return self.world.app.services.built[ModerationService]

    @rule(job=jobs, side=sides, rating=stars, aspect=st.integers(0, 5))
    def somebody_writes(self, job: int, side: Writer, rating: int, aspect: int) -> None:
        exchange = self.exchanges[job]
        self.attempt(
            self.world.feedback.write(
                JobId(exchange.id),
                by=exchange.party(side).account_id,
                rating=rating,
                aspects=(aspect, 0, rating),
                text="As it was.",
            )
        )

    @rule(job=jobs)
    def both_write_at_once(self, job: int) -> None:
        exchange = self.exchanges[job]

        async def both() -> None:
            await asyncio.gather(
                *(
                    self.world.feedback.write(
                        JobId(exchange.id),
                        by=exchange.party(side).account_id,
                        rating=3,
                        aspects=(0, 0, 0),
                        text="At once.",
                    )
                    for side in Writer
                ),
                return_exceptions=True,
            )

        self.run(both())

    @rule(wait=st.sampled_from(WAITS))
    def time_passes(self, wait: timedelta) -> None:
        """The messages of the deadlines are delivered, twice."""
        self.world.app.clock.advance(wait)

        async def deliver() -> None:
            for exchange in self.exchanges:
                if exchange.closes_at <= self.world.app.clock.now():
                    for _ in range(2):
                        await self.world.feedback.show(ShowReviews(exchange.id))

        self.run(deliver())

    @rule(job=jobs, side=sides)
    def the_reviewed_person_replies(self, job: int, side: Writer) -> None:
        exchange = self.exchanges[job]
        self.attempt(
            self.world.feedback.reply(
                review_id(exchange.id, side),
                by=exchange.party(side.other).account_id,
                text="Thanks.",
            )
        )

    @rule(job=jobs, side=sides)
    def somebody_reports_a_review(self, job: int, side: Writer) -> None:
        review = review_id(self.exchanges[job].id, side)
        self.attempt(self.moderation.report(review, by=self.reader, reason="Not true."))

    @rule(job=jobs, side=sides)
    def somebody_reports_a_threat(self, job: int, side: Writer) -> None:
        exchange = self.exchanges[job]
        by = exchange.party(side).account_id
        self.attempt(self.moderation.report_threat(JobId(exchange.id), by=by, reason="Pay back."))

    @rule(outcome=st.sampled_from(list(Outcome)), place=st.integers(0, 3))
    def an_administrator_decides(self, outcome: Outcome, place: int) -> None:
        waiting, _ = self.run(self.moderation.open_reports(limit=4))
        if place < len(waiting):
            report = waiting[place].report.id
            for _ in range(2):
                self.run(self.moderation.decide(report, outcome, by=self.admin, caller=CALLER))

    def rows(self) -> list[Review]:
        async def read() -> list[Review]:
            reviews = self.world.app.store.repositories.documents(REVIEWS)
            return [each async for each in reviews.each()]

        return self.run(read())

    @invariant()
    def the_numbers_equal_the_rows(self) -> None:
        rows = self.rows()
        for profile in ("cli_0", "cli_1", *(each.id for each in self.developers)):
            stored = self.run(self.world.feedback.summary(profile))
            expected = Summary.of(profile, rows)
            assert replace(stored, version=0) == expected
        for each in self.developers:
            found = self.run(self.world.app.store.repositories.developers.get(each.id))
            assert found.rating == Summary.of(each.id, rows).rating

    @invariant()
    def only_shown_reviews_are_read_and_each_once(self) -> None:
        rows = self.rows()
        for profile in ("cli_0", "cli_1", *(each.id for each in self.developers)):
            found, _ = self.run(self.world.feedback.about(profile, limit=100))
            expected = [e.id for e in rows if e.about == profile and e.state is State.SHOWN]
            assert sorted(each.id for each in found) == sorted(expected)

    @invariant()
    def both_sides_are_shown_together(self) -> None:
        async def read() -> list[Exchange]:
            return [
                each async for each in self.world.app.store.repositories.documents(EXCHANGES).each()
            ]

        shown = {each.id: each for each in self.run(read())}
        for review in self.rows():
            exchange = shown[review.job_id]
            assert (review.state is State.SHOWN) <= (exchange.shown_at is not None)
            assert (review.state is State.SEALED) <= (exchange.shown_at is None)
            assert review.written_at < exchange.closes_at
            now = self.world.app.clock.now()
            may_be_read = len(exchange.written) == len(Writer) or now >= exchange.closes_at
            assert (exchange.shown_at is not None) == may_be_read

    @invariant()
    def a_reported_threat_does_not_count(self) -> None:
        async def read() -> set[tuple[str, Writer]]:
            reports = self.world.app.store.repositories.documents(REPORTS).each(closed_at=None)
            return {(each.job_id, each.writer) async for each in reports if each.kind == "threat"}

        waiting = self.run(read())
        assert not [
            each for each in self.rows() if each.counts and (each.job_id, each.writer) in waiting
        ]


def test_the_numbers_equal_the_rows_whatever_happens() -> None:
    run_state_machine_as_test(
        ReviewMachine,
        settings=settings(
            max_examples=12,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            phases=(Phase.generate,),  # shrinking takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
