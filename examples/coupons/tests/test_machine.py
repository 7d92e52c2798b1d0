"""A stateful test: whoever books, pays, is late, gives up or is refused, in whatever order and at
once, a coupon is never used more often than it says, and each price is what its rules say."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar

from coupon_world import DAY, World
from coupons.model import SOURCE, USES, Use
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

from onehour.api import Booking, Conflict, Invalid, Money
from onehour.testing.application import CALLER

T = TypeVar("T")
MINUTE = timedelta(minutes=1)
WAITS = (MINUTE, 20 * MINUTE, DAY)
WHICH = st.integers(min_value=0, max_value=20)


class CouponMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.world = World.new()
        self.bookings: list[Booking] = []

    def teardown(self) -> None:
        self.runner.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @initialize(most=st.integers(1, 3), each=st.integers(1, 2), percent=st.integers(1, 50))
    def begin(self, most: int, each: int, percent: int) -> None:
        app = self.world.app
        self.clients = [self.run(app.client(f"Client{n} Of"))[0] for n in range(3)]
        self.developer = self.run(app.developer(rate=333_333))
        self.admin = self.run(app.admin())
        self.most, self.each = most, each
        self.discount = Money(333_333).percent(percent)
        self.run(self.world.coupon("SPRING", percent=percent, most_uses=most, most_per_client=each))

    async def book(self, client: int, code: str) -> None:
        try:
            booking = await self.world.book(self.clients[client % 3], self.developer, code)
        except (Invalid, Conflict):
            return
        self.bookings.append(booking)

    @rule(client=WHICH, code=st.sampled_from(["SPRING", "SPRING", "spring ", "", "OTHER"]))
    def somebody_books(self, client: int, code: str) -> None:
        self.run(self.book(client, code))

    @rule(clients=st.lists(WHICH, min_size=2, max_size=4))
    def several_book_at_once(self, clients: list[int]) -> None:
        async def all_of_them() -> None:
            await asyncio.gather(*(self.book(client, "SPRING") for client in clients))

        self.run(all_of_them())

    @rule(conflicts=st.integers(1, 3))
    def the_next_commits_fail(self, conflicts: int) -> None:
        self.world.app.store.conflicts = conflicts  # type: ignore[attr-defined]

    async def attempt(self, work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        except Conflict:
            return

    def one(self, which: int) -> Booking:
        return self.bookings[which % len(self.bookings)]

    @precondition(lambda self: self.bookings)
    @rule(which=WHICH)
    def the_client_pays(self, which: int) -> None:
        """Also when it is too late, and twice."""
        app, booking = self.world.app, self.one(which)
        self.run(app.pay(booking))
        self.run(app.settle(booking))

    @precondition(lambda self: self.bookings)
    @rule(which=WHICH)
    def the_client_gives_it_up(self, which: int) -> None:
        booking, services = self.one(which), self.world.app.services
        by = booking.client.account_id
        self.run(self.attempt(services.bookings.release(booking.id, by=by)))
        self.run(self.attempt(services.answers.cancel(booking.id, by=by)))

    @precondition(lambda self: self.bookings)
    @rule(which=WHICH)
    def the_developer_declines(self, which: int) -> None:
        booking, answers = self.one(which), self.world.app.services.answers
        by = booking.developer.account_id
        self.run(self.attempt(answers.decline(booking.id, by=by, reason="Ill.")))

    @rule(wait=st.sampled_from(WAITS))
    def time_passes(self, wait: timedelta) -> None:
        self.world.app.clock.advance(wait)

    @rule(messages=st.integers(1, 12))
    def a_worker_does_some_of_what_is_due(self, messages: int) -> None:
        self.run(self.world.app.services.outbox.run_due(limit=messages))

    @rule()
    def workers_do_what_is_due(self) -> None:
        self.run(self.world.app.run())

    @rule(on=st.booleans())
    def an_administrator_switches_the_plugin(self, on: bool) -> None:
        states = self.world.app.services.plugin_states
        self.run(states.switch("coupons", on=on, by=self.admin, caller=CALLER))

    async def uses(self) -> list[Use]:
        return [each async for each in self.world.app.store.repositories.documents(USES).each()]

    @invariant()
    def no_coupon_is_used_too_often(self) -> None:
        counting = [use for use in self.run(self.uses()) if use.counts]
        assert self.run(self.world.uses()) == len(counting) <= self.most
        for client in self.clients:
            assert sum(use.account == client.id for use in counting) <= self.each

    @invariant()
    def each_price_is_what_the_rules_say(self) -> None:
        uses = {use.id: use for use in self.run(self.uses())}
        for made in self.bookings:
            booking = self.run(self.world.app.booking(made.id))
            taken = [-line.amount for line in booking.price_lines if line.source == SOURCE]
            assert taken == ([uses[made.id].amount] if made.id in uses else [])
            assert taken in ([], [self.discount])
            assert booking.price == booking.hours_price - sum(taken, Money(0))
            assert booking.earning + booking.fee == booking.price == made.price

    @rule()
    def everything_is_done(self) -> None:
        """Then those count that hold time or were paid and kept."""
        app = self.world.app
        states = app.services.plugin_states
        self.run(states.switch("coupons", on=True, by=self.admin, caller=CALLER))
        self.run(app.pass_time(10 * MINUTE))
        for use in self.run(self.uses()):
            booking = self.run(app.booking(use.id))
            assert use.counts or not booking.holds
            assert not (use.counts and booking.ended_unpaid)
        self.run(app.assert_ledger_balances())


def test_a_coupon_is_used_at_most_as_often_as_it_says() -> None:
    run_state_machine_as_test(
        CouponMachine,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            database=None,
        ),
    )
