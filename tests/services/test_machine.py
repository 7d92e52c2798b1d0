"""A stateful test of the marketplace: random actions of users, in any order and at any time.

Clock, network and payment provider change at random, too. Invariants are checked after each step,
and the final state after twenty days.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
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

from adapters.memory.clock import FixedClock
from adapters.memory.payments import signed
from adapters.memory.store import MemoryStore
from core import bookings, jobs, payments
from core.bookings import Booking
from core.disputes import Dispute
from core.errors import OneHourError
from core.jobs import JobId
from core.money import Money
from core.numbering import series_of
from core.outbox import NotDueYet, OutboxMessage, State
from core.payments import Payment
from core.payments_facts import AttemptStatus, OrderFacts, RefundStatus
from core.payments_messages import IssueDocument
from core.policy import DAY, HOUR, MINUTE
from core.timeline import Actor
from core.transactions import Kind, Transaction, clearing, escrow
from core.transactions import gateway as gateway_account
from core.weekly_hours import Window
from ports.store import Repositories
from services.bootstrap import CAPABILITIES
from services.payments import CLEARINGS, ISSUED_DOCUMENTS
from services.payments.ledger import ACTIVITY_OF
from services.shared.capabilities import documents_of
from tests.app import ALL_DAY, MONDAY, MemoryApp
from tests.services.money_promises import check_promise

T = TypeVar("T")
Edge = tuple[str, str, str]

ONCE_ONLY = {"held", "paid", "accepted", "declined", "cancelled", "auto_cancelled", "approved"}
EXPECTED_ERRORS = ("GatewayUnavailable(", "TimeoutError(")
"""Errors a message may fail with: the provider does not answer, or this computer stands still for
longer than a handler may take. All others are defects."""

TABLES: dict[str, Mapping[Any, frozenset[Any]]] = {
    "booking": bookings.NEXT,
    "payment": payments.NEXT,
    "job": jobs.NEXT,
}
OF_DISPUTES = {"disputed", "cancelling", "settled"}
"""The states of jobs that `test_dispute_machine.py` visits."""
EDGES: set[Edge] = {
    (name, str(before), str(after))
    for name, table in TABLES.items()
    for before, following in table.items()
    for after in following
    if not {str(before), str(after)} & OF_DISPUTES
}

visited: Counter[Edge] = Counter()
"""How often each step of the state tables was taken, over all runs of this process."""


class WatchedStore(MemoryStore):
    """Records every status after each commit, so that no transition is missed."""

    def __init__(self, clock: FixedClock) -> None:
        super().__init__(clock, documents=documents_of(CAPABILITIES))
        self.statuses: dict[str, list[StrEnum]] = {}

    async def transact(self, step: Callable[[Repositories], Awaitable[T]]) -> T:
        result = await super().transact(step)
        for name, rows in self._watched():
            for entity in rows:
                self._look(name, entity.id, entity.status)
        return result

    @property
    def messages(self) -> list[OutboxMessage]:
        return list(self._tables.rows["outbox"].values())

    def _watched(self) -> tuple[tuple[str, list[Any]], ...]:
        repositories = self.repositories
        return (
            ("booking", list(repositories.bookings.table.all())),
            ("payment", list(repositories.payments.table.all())),
            ("job", list(repositories.jobs.table.all())),
        )

    def _look(self, name: str, entity_id: str, status: StrEnum) -> None:
        seen = self.statuses.setdefault(entity_id, [status])
        before = seen[-1]
        if before is status:
            return
        assert status in TABLES[name][before], f"{entity_id}: {before} may not become {status}"
        seen.append(status)
        visited[name, str(before), str(status)] += 1


def has_booking(*statuses: bookings.Status) -> Callable[[MarketplaceMachine], bool]:
    """Whether there is a booking in one of these states."""
    return lambda machine: any(booking.status in statuses for booking in machine.all_bookings)


def number_below(most: int) -> st.SearchStrategy[int]:
    return st.integers(0, most - 1)


HELD, EXPIRED = bookings.Status.HELD, bookings.Status.EXPIRED
REQUESTED, CONFIRMED = bookings.Status.REQUESTED, bookings.Status.CONFIRMED
ACTIONS = "checkout release accept decline cancel deliver request_changes approve".split()
ACTORS = st.sampled_from(["client", "developer", "other user"])
USUAL_STEPS = ("pay", "accept", "deliver", "request_changes", "deliver")
MORNING_WINDOWS = tuple(Window(day, 6 * 60, 12 * 60) for day in range(7))
LONG_AHEAD = (5 * HOUR, 30 * HOUR, 4 * DAY, 25 * DAY)
OUTCOMES = st.sampled_from(["success", "success", "pending", "failed", "dropped", "flagged"])
HOURS_AHEAD = st.sampled_from([5, 5, 7, 13, 25, 40, 24 * 20, 3, 24 * 61])
TIME_STEPS = st.sampled_from(
    [
        timedelta(seconds=1), timedelta(seconds=40), 3 * MINUTE, 16 * MINUTE, 19 * MINUTE,
        40 * MINUTE, 2 * HOUR, 5 * HOUR, 12 * HOUR, 25 * HOUR, 4 * DAY, 15 * DAY,
    ]
)  # fmt: skip
CONDITIONS = st.sampled_from(
    [
        "no faults", "no faults", "provider unavailable", "responses lost",
        "refunds pending", "refunds succeed", "refunds fail", "write conflicts",
    ]
)  # fmt: skip


class MarketplaceMachine(RuleBasedStateMachine):
    """Two clients, two developers, a provider and a clock that act at random."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        clock = FixedClock(MONDAY)
        self.store = WatchedStore(clock)
        self.app = MemoryApp(clock=clock, store=self.store)
        self.services = self.app.services
        self.gateway = self.app.gateway
        self.names = 0
        self.broken = False

    # Actions

    def do(self, coroutine: Coroutine[Any, Any, T]) -> T | None:
        """Run to the end; a refusal is allowed, any other exception is a defect."""
        try:
            return self.runner.run(coroutine)
        except (OneHourError, NotDueYet):
            return None
        except BaseException:
            self.broken = True
            raise

    @initialize(
        stages=st.lists(st.tuples(number_below(len(USUAL_STEPS) + 1), number_below(4)), max_size=4)
    )
    def initial_bookings(self, stages: list[tuple[int, int]]) -> None:
        """Some bookings that have already reached different states."""
        self.do(self.add_users())
        for number, (steps, place) in enumerate(stages):
            start = next_quarter_hour(self.app.clock.now() + LONG_AHEAD[place])
            self.hold_at(number % 2, place % 2, start + number * 4 * HOUR, 1 + number % 2)
            if self.names == len(self.all_bookings):
                self.advance(self.all_bookings[-1], USUAL_STEPS[:steps])

    async def add_users(self) -> None:
        app, offer = self.app, self.services.developers.update_availability
        self.clients = [(await app.client(name))[0] for name in ("Meera K", "Rohan D")]
        self.developers = [
            await app.developer("Lucia F"),
            await app.developer("Amir N", rate=33_333, revisions=1),
        ]
        near_and_full = ("Asia/Kolkata", ALL_DAY, 6)
        far_and_narrow = ("America/New_York", MORNING_WINDOWS, 30)
        for developer, (zone, weekly, days) in zip(
            self.developers, (near_and_full, far_and_narrow), strict=True
        ):
            await offer(
                by=developer.account_id, timezone=zone, weekly=weekly, notice_hours=4,
                horizon_days=days,
            )  # fmt: skip
        await app.run()

    def advance(self, booking: Booking, steps: tuple[str, ...]) -> None:
        for what in steps:
            booking = next(b for b in self.all_bookings if b.id == booking.id)
            if what == "pay":
                self.try_to_pay(booking, "success")
                self.do(self.app.settle(booking))
            else:
                side = "developer" if what in ("accept", "deliver") else "client"
                self.act(booking, what, self.account_of(booking, side))

    @property
    def all_bookings(self) -> list[Booking]:
        stored: list[Booking] = self.store.repositories.bookings.table.all()
        return stored

    def some_booking(self, number: int, *statuses: bookings.Status) -> Booking:
        """One in such a state; recent ones are chosen more often."""
        every = [b for b in self.all_bookings if not statuses or b.status in statuses]
        return every[-1 - number % len(every)]

    def account_of(self, booking: Booking, side: str) -> str:
        if side == "client":
            return booking.client.account_id
        if side == "developer":
            return booking.developer.account_id
        return next(c.id for c in self.clients if c.id != booking.client.account_id)

    # Users

    @rule(
        client=number_below(2),
        developer=number_below(2),
        lead=HOURS_AHEAD,
        quarters=number_below(6),
        hours=number_below(4),
    )
    def hold(self, client: int, developer: int, lead: int, quarters: int, hours: int) -> None:
        start = next_quarter_hour(self.app.clock.now() + lead * HOUR) + quarters * 15 * MINUTE
        self.hold_at(client, developer, start, hours)

    @precondition(has_booking(*bookings.Status))
    @rule(number=number_below(4), client=number_below(2), quarters=st.integers(-5, 5))
    def hold_adjacent(self, number: int, client: int, quarters: int) -> None:
        """A booking next to another one, or overlapping it."""
        other = self.some_booking(number)
        developer = next(n for n, d in enumerate(self.developers) if d.id == other.developer.id)
        self.hold_at(client, developer, other.start + quarters * 15 * MINUTE, 1)

    @precondition(has_booking(*bookings.Status))
    @rule(number=number_below(4))
    def hold_again(self, number: int) -> None:
        """The same request once more: the same booking, whatever its state is now."""
        before = self.some_booking(number)
        again = self.do(
            self.services.bookings.hold(
                by=before.client.account_id, developer_id=self.developers[0].id,
                start=before.start, hours=before.hours, brief="Again", request_id=before.id,
            )
        )  # fmt: skip
        assert again is None or again.booking.id == before.id

    def hold_at(self, client: int, developer: int, start: datetime, hours: int) -> None:
        self.names += 1
        self.do(
            self.services.bookings.hold(
                by=self.clients[client].id, developer_id=self.developers[developer].id,
                start=start, hours=hours, brief="It is slow.", request_id=f"bkg_{self.names:04d}",
            )
        )  # fmt: skip

    @precondition(has_booking(HELD, EXPIRED))
    @rule(number=number_below(3), odd=number_below(12))
    def pay_and_settle(self, number: int, odd: int) -> None:
        """Pay and return to the site; rarely, the provider reports another amount."""
        booking = self.some_booking(number, HELD, EXPIRED)
        self.try_to_pay(booking, "success", Money(100) if odd == 11 else None)
        self.do(self.app.settle(booking))

    @precondition(has_booking(HELD))
    @rule(number=number_below(3))
    def checkout(self, number: int) -> None:
        booking = self.some_booking(number, HELD)
        self.act(booking, "checkout", booking.client.account_id)

    @precondition(has_booking(HELD))
    @rule(number=number_below(3))
    def release(self, number: int) -> None:
        booking = self.some_booking(number, HELD)
        self.act(booking, "release", booking.client.account_id)

    @precondition(has_booking(REQUESTED))
    @rule(number=number_below(3))
    def accept(self, number: int) -> None:
        booking = self.some_booking(number, REQUESTED)
        self.act(booking, "accept", booking.developer.account_id)

    @precondition(has_booking(REQUESTED))
    @rule(number=number_below(3))
    def decline(self, number: int) -> None:
        booking = self.some_booking(number, REQUESTED)
        self.act(booking, "decline", booking.developer.account_id)

    @precondition(has_booking(REQUESTED, CONFIRMED))
    @rule(number=number_below(3), side=ACTORS)
    def cancel(self, number: int, side: str) -> None:
        booking = self.some_booking(number, REQUESTED, CONFIRMED)
        self.act(booking, "cancel", self.account_of(booking, side))

    @precondition(has_booking(CONFIRMED))
    @rule(number=number_below(3))
    def deliver(self, number: int) -> None:
        booking = self.some_booking(number, CONFIRMED)
        self.act(booking, "deliver", booking.developer.account_id)

    @precondition(has_booking(CONFIRMED))
    @rule(number=number_below(3))
    def request_changes(self, number: int) -> None:
        booking = self.some_booking(number, CONFIRMED)
        self.act(booking, "request_changes", booking.client.account_id)

    @precondition(has_booking(CONFIRMED))
    @rule(number=number_below(3))
    def approve(self, number: int) -> None:
        booking = self.some_booking(number, CONFIRMED)
        self.act(booking, "approve", booking.client.account_id)

    @precondition(has_booking(*bookings.Status))
    @rule(number=number_below(5), what=st.sampled_from(ACTIONS), side=ACTORS)
    def any_user_acts(self, number: int, what: str, side: str) -> None:
        """Any action by any user, permitted or not."""
        booking = self.some_booking(number)
        self.act(booking, what, self.account_of(booking, side))

    def act(self, booking: Booking, what: str, by: str) -> None:
        self.do(self.action(booking, what, by))

    def action(self, booking: Booking, what: str, by: str) -> Coroutine[Any, Any, object]:
        services, job = self.services, JobId(booking.job_id or "")
        match what:
            case "checkout":
                return services.bookings.checkout(booking.id, by=by)
            case "release":
                return services.bookings.release(booking.id, by=by)
            case "accept":
                return services.answers.accept(booking.id, by=by)
            case "decline":
                return services.answers.decline(booking.id, by=by, reason="Ill")
            case "cancel":
                return services.answers.cancel(booking.id, by=by, reason="Moved")
            case "deliver":
                return services.jobs.deliver(job, by=by, note="Done.")
            case "request_changes":
                return services.jobs.request_changes(job, by=by, notes="More.")
            case _:
                return services.jobs.approve(job, by=by)

    @precondition(has_booking(*bookings.Status))
    @rule(number=number_below(3), mine=st.sampled_from(ACTIONS), yours=st.sampled_from(ACTIONS))
    def users_act_at_the_same_time(self, number: int, mine: str, yours: str) -> None:
        """All who may act on a booking act at the same moment."""
        booking = self.some_booking(number)

        async def act_concurrently() -> None:
            outcomes = await asyncio.gather(
                self.action(booking, mine, booking.client.account_id),
                self.action(booking, yours, booking.developer.account_id),
                self.app.settle(booking),
                self.services.outbox.run_due(),
                self.services.outbox.run_due(),
                return_exceptions=True,
            )
            for outcome in outcomes:
                if isinstance(outcome, BaseException) and not isinstance(outcome, OneHourError):
                    raise outcome

        self.do(act_concurrently())

    # The provider and the network

    @precondition(has_booking(HELD, EXPIRED, REQUESTED))
    @rule(number=number_below(4), outcome=OUTCOMES)
    def pay(self, number: int, outcome: str) -> None:
        """The client pays, and no webhook or poll has reported it yet."""
        self.try_to_pay(self.some_booking(number, HELD, EXPIRED, REQUESTED), outcome)

    def try_to_pay(self, booking: Booking, outcome: str, amount: Money | None = None) -> None:
        payment = self.payment_of(booking)
        if not self.is_polled(payment):
            return
        try:
            self.gateway.pay(payment.order_id, outcome, amount)
        except OneHourError:
            return  # its checkout was never opened

    @precondition(has_booking(HELD, EXPIRED))
    @rule(number=number_below(3), later_first=st.booleans())
    def pay_twice(self, number: int, later_first: bool) -> None:
        """Two windows, two attempts; either may succeed first."""
        booking = self.some_booking(number, HELD, EXPIRED)
        for _ in range(2):
            self.try_to_pay(booking, "pending")
        facts = self.look(self.payment_of(booking))
        attempts = [a for a in facts.attempts if a.status is AttemptStatus.PENDING] if facts else []
        for attempt in attempts[::-1] if later_first else attempts:
            self.gateway.settle(attempt.id, "success")

    @precondition(lambda self: self.open_attempts())
    @rule(number=number_below(4), outcome=OUTCOMES)
    def attempt_ends(self, number: int, outcome: str) -> None:
        attempts = self.open_attempts()
        self.gateway.settle(attempts[-1 - number % len(attempts)], outcome)

    @precondition(has_booking(*bookings.Status))
    @rule(number=number_below(5), name=number_below(3))
    def webhook_arrives(self, number: int, name: int) -> None:
        """A webhook arrives, possibly again; or the client returns to the site."""
        booking = self.some_booking(number)
        if name == 0:
            self.do(self.app.settle(booking))
            return
        order = self.payment_of(booking).order_id
        body = json.dumps({"id": f"{order}-{name}", "order_id": order}).encode()
        self.do(self.services.payments.receive_webhook("memory", signed(body), body))

    @rule(what=CONDITIONS)
    def conditions_change(self, what: str) -> None:
        gateway = self.gateway
        match what:
            case "no faults":
                gateway.down = gateway.fail_after_commit = False
                gateway.refunds_succeed_at_once = True
            case "provider unavailable":
                gateway.down = True
            case "responses lost":
                gateway.fail_after_commit = True
            case "refunds pending":
                gateway.refunds_succeed_at_once = False
            case "refunds succeed":
                gateway.finish_refunds()
            case "refunds fail":
                gateway.finish_refunds(RefundStatus.FAILED)
            case "write conflicts":
                self.store.conflicts += 2

    # The clock and the relays

    @rule(by=TIME_STEPS, run_relays=st.booleans())
    def pass_time(self, by: timedelta, run_relays: bool) -> None:
        self.app.clock.advance(by)
        if run_relays:
            self.do(self.app.run())

    @rule(number=number_below(6), run_relays=st.booleans(), early=st.booleans())
    def advance_to_next_deadline(self, number: int, run_relays: bool, early: bool) -> None:
        """To the second, or one second short of it."""
        due = sorted(e.due_at for e in self.store.messages if e.state is State.READY)
        coming = [moment for moment in due if moment > self.app.clock.now()]
        if not coming:
            return
        moment = coming[number % len(coming)] - timedelta(seconds=early)
        self.app.clock.set(max(self.app.clock.now(), moment))
        if run_relays:
            self.do(self.app.run())

    @rule()
    def run_relays(self) -> None:
        self.do(self.app.run())

    @rule(number=number_below(12))
    def message_runs_again(self, number: int) -> None:
        """A relay that was killed after the work, before it marked the message as done."""
        done = [e for e in self.store.messages if e.state is State.DONE]
        if done:
            message = done[-1 - number % len(done)]
            self.do(_run(self.services.outbox.handlers[message.kind](message)))

    @rule()
    def all_work_completes(self) -> None:
        """With an available provider, ledger and balance at the provider are equal."""
        self.gateway.down = self.gateway.fail_after_commit = False
        self.do(self.complete_all_work())
        self.assert_balances_equal()

    async def complete_all_work(self) -> None:
        await self.app.run()
        for booking in self.all_bookings:
            await self.app.settle(booking)
        await self.app.run()

    # Invariants

    @invariant()
    def all_invariants_hold(self) -> None:
        try:
            entries = self.store.repositories.transactions.table.all()
            self.ledger_matches_gateway(entries)
            self.ledger_balances(entries)
            self.no_hour_sold_twice()
            self.numbers_have_no_gap(entries)
            for booking in self.all_bookings:
                self.fee_and_earning_equal_price(booking)
                self.paid_booking_has_one_job(booking)
                self.open_work_has_messages(booking)
                self.timeline_entries_are_unique(booking)
                self.review_outlasts_the_meeting(booking)
                self.money_is_explained(booking)
            self.messages_fail_as_expected()
        except BaseException:
            self.broken = True
            raise

    def ledger_balances(self, entries: list[Transaction]) -> None:
        balances: defaultdict[str, int] = defaultdict(int)
        for entry in entries:
            for line in entry.lines:
                balances[line.account] += line.amount.amount
        assert sum(balances.values()) == 0
        for booking in self.all_bookings:
            assert balances[escrow(booking.id)] == self.held_for(self.payment_of(booking))

    def held_for(self, payment: Payment) -> int:
        """The whole price while it is paid; while it is refunded, what is not yet returned."""
        if payment.status is payments.Status.PAID:
            return payment.amount.amount
        over = (RefundStatus.SUCCEEDED, RefundStatus.FAILED)
        return sum(r.amount.amount for r in payment.refunds if r.status not in over)

    def ledger_matches_gateway(self, entries: list[Transaction]) -> None:
        """Each entry is one fact of the gateway with its amount; facts may still be unreported."""
        facts = self.gateway_facts()
        for entry in entries:
            moved = sum(
                n.amount.amount for n in entry.lines if n.account == gateway_account("memory")
            )
            if entry.kind in (Kind.RELEASE, Kind.CLEAR):
                assert moved == 0
            else:
                assert facts.get(entry.id) == moved, f"{entry.id}: {moved}, {facts.get(entry.id)}"

    def numbers_have_no_gap(self, entries: list[Transaction]) -> None:
        """Whatever was tried, failed or ran again: 1, 2, 3 … in each series, and what has no
        number yet has a message that gives it one."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        documents: Any = self.store.repositories.documents(ISSUED_DOCUMENTS)
        issued = {each.id: each for each in documents.table.all()}
        assert issued.keys() <= {entry.id for entry in entries}
        waiting = {
            each.payload["entry"]
            for each in self.store.messages
            if each.kind == IssueDocument.kind and each.state is State.READY
        }
        for entry in entries:
            assert bool(entry.series) == (series_of(entry) is not None), entry
            document = issued.get(entry.id)
            if document is None:
                assert not entry.series or entry.id in waiting, entry
            else:
                series, _, number = document.number.rpartition("-")
                assert series == entry.series
                found[series].append(int(number))
        for numbers in found.values():
            assert sorted(numbers) == list(range(1, len(numbers) + 1))

    def no_hour_sold_twice(self) -> None:
        owned = [(b.developer.id, cell) for b in self.all_bookings if b.holds for cell in b.cells]
        assert len(owned) == len(set(owned))

    def fee_and_earning_equal_price(self, booking: Booking) -> None:
        assert booking.fee + booking.earning == booking.price

    def paid_booking_has_one_job(self, booking: Booking) -> None:
        was_paid = payments.Status.PAID in self.store.statuses[booking.payment_id]
        owned = [j for j in self.store.repositories.jobs.table.all() if j.booking_id == booking.id]
        assert len(owned) == was_paid
        assert [job.id for job in owned] == [booking.job_id] * was_paid

    def open_work_has_messages(self, booking: Booking) -> None:
        """Every open booking, job, payment and refund has a message in the outbox."""
        ready = {e.id: e for e in self.store.messages if e.state is State.READY}
        payment = self.payment_of(booking)
        polled = any(
            e.kind == "payments.poll" and e.payload["payment"] == payment.id for e in ready.values()
        )
        match booking.status:
            case bookings.Status.HELD:
                assert f"{booking.id}:bookings.expire" in ready
                assert payment.status is not payments.Status.PENDING or polled
            case bookings.Status.REQUESTED:
                assert f"{booking.id}:bookings.auto_cancel" in ready
        if booking.job_id:
            job = self.store.repositories.jobs.table.find(booking.job_id)
            assert job
            deadlines = {
                each.kind: (each.payload.get("delivery"), each.due_at)
                for each in sorted(ready.values(), key=lambda each: each.due_at)
                if each.payload.get("job") == job.id
            }
            match job.status:
                case jobs.Status.DELIVERED:
                    number, due = deadlines["jobs.auto_approve"]
                    assert number == str(job.deliveries)
                    assert job.approve_by and due >= job.approve_by
                case jobs.Status.ACTIVE | jobs.Status.CHANGES_REQUESTED:
                    assert deadlines["jobs.give_up"][1] >= job.deliver_by
        for refund in payment.refunds:
            if refund.status is RefundStatus.DUE:
                assert f"{refund.id}:payments.refund" in ready
            if refund.status is RefundStatus.SENT:
                assert polled, f"{refund.id} is not polled"

    def timeline_entries_are_unique(self, booking: Booking) -> None:
        every = self.store.repositories.timeline.table.all()
        kinds = Counter(entry.what for entry in every if entry.booking_id == booking.id)
        assert kinds["held"] == 1
        assert {what for what in kinds if kinds[what] > 1} & ONCE_ONLY == set()

    def money_is_explained(self, booking: Booking) -> None:
        """What the page says about the money, and the time it names, is what will happen."""
        clearings: Any = self.store.repositories.documents(CLEARINGS)
        check_promise(
            booking,
            self.payment_of(booking),
            self.store.repositories.jobs.table.find(booking.job_id or ""),
            self.dispute_of(booking),
            now=self.app.clock.now(),
            messages=self.store.messages,
            clearing=clearings.table.find(booking.id),
        )

    def dispute_of(self, booking: Booking) -> Dispute | None:
        """The newest one; `test_dispute_machine.py` opens some."""
        return None

    def review_outlasts_the_meeting(self, booking: Booking) -> None:
        """Nothing is approved automatically before 72 hours after the booked end, and nothing is
        given up before 14 days after it; only the client can release the money earlier."""
        least = {"approved": booking.terms.approve_within, "not_delivered": 14 * DAY}
        for entry in self.store.repositories.timeline.table.all():
            if entry.booking_id == booking.id and entry.actor is Actor.DEADLINE:
                wait = least.get(entry.what)
                assert wait is None or entry.at >= booking.end + wait, entry

    def messages_fail_as_expected(self) -> None:
        for message in self.store.messages:
            if message.last_error:
                assert message.last_error.startswith(EXPECTED_ERRORS), (
                    message.id,
                    message.last_error,
                )

    # Final state

    def teardown(self) -> None:
        try:
            if not self.broken:
                self.runner.run(self.pass_twenty_days())
                self.assert_final_state()
        finally:
            self.runner.close()

    async def pass_twenty_days(self) -> None:
        """The provider answers again, and operators retry dead messages."""
        self.gateway.down = self.gateway.fail_after_commit = False
        self.gateway.refunds_succeed_at_once = True
        self.gateway.finish_refunds()
        self.store.conflicts = 0
        now = self.app.clock.now()
        for message in self.store.messages:
            await self.store.repositories.outbox.retry(message.id, now=now)
        await self.app.run()
        for _ in range(20):
            await self.app.pass_time(DAY)

    def assert_final_state(self) -> None:
        self.all_invariants_hold()
        self.assert_balances_equal()
        self.assert_money_is_audited()
        for booking in self.all_bookings:
            assert booking.status not in (bookings.Status.HELD, bookings.Status.REQUESTED)
            assert self.payment_of(booking).status not in (
                payments.Status.PENDING,
                payments.Status.REFUNDING,
            )

    def assert_money_is_audited(self) -> None:
        """Each ledger entry is in the client's audit chain, each share in the developer's."""
        recorded = Counter(
            (entry.account_id, entry.key.rpartition(f":{entry.what}:")[0], entry.detail["amount"])
            for entry in self.store.repositories.audit.table.all()
            if entry.what in ACTIVITY_OF.values()
        )
        accounts = {str(c.id): c.account_id for c in self.store.repositories.clients.table.all()}
        accounts |= {str(d.id): d.account_id for d in self.developers}
        moved = Counter[tuple[str, str, str]]()
        for entry in self.store.repositories.transactions.table.all():
            if entry.kind not in ACTIVITY_OF:  # no movement between the parties
                continue
            whole = -entry.lines[0].amount.amount
            moved[accounts[entry.client_id or ""], entry.id, str(whole)] += 1
            for line in entry.lines:
                if line.account == clearing(entry.developer_id or ""):
                    share = str(line.amount.amount)
                    moved[accounts[entry.developer_id or ""], entry.id, share] += 1
        assert recorded == moved
        assert self.runner.run(self.services.audit.verify_all()).flaws == ()

    def assert_balances_equal(self) -> None:
        self.app.quarantined = sum(self.quarantined(booking) for booking in self.all_bookings)
        self.runner.run(self.app.assert_ledger_balances())

    # State at the provider

    def quarantined(self, booking: Booking) -> int:
        """For an order with a wrong amount: what the gateway has and the ledger has not."""
        payment = self.payment_of(booking)
        if not payment.mismatch:
            return 0
        known = {e.id for e in self.store.repositories.transactions.table.all()}
        facts = self.facts_of(payment)
        return -sum(moved for fact, moved in facts.items() if fact not in known)

    def payment_of(self, booking: Booking) -> Payment:
        payment: Payment | None = self.store.repositories.payments.table.find(booking.payment_id)
        assert payment
        return payment

    def gateway_facts(self) -> dict[str, int]:
        facts: dict[str, int] = {}
        for booking in self.all_bookings:
            facts |= self.facts_of(self.payment_of(booking))
        return facts

    def facts_of(self, payment: Payment) -> dict[str, int]:
        """The gateway's transactions as the ledger records them: incoming amounts are negative."""
        reported = self.look(payment)
        if reported is None:
            return {}
        facts = {
            f"pay:memory:{a.id}": -a.amount.amount
            for a in reported.attempts
            if a.status is AttemptStatus.SUCCESS
        }
        for fact in reported.refunds:
            if fact.status is RefundStatus.SUCCEEDED:
                name = f"refund:{fact.ours}" if fact.ours else f"refund:memory:{fact.id}"
                facts[name] = fact.amount.amount
        return facts

    def look(self, payment: Payment) -> OrderFacts | None:
        """The order at the gateway, read without simulated faults."""
        network = self.gateway.down, self.gateway.fail_after_commit
        self.gateway.down = self.gateway.fail_after_commit = False
        try:
            return self.runner.run(self.gateway.fetch_order(payment.order_id))
        except OneHourError:
            return None
        finally:
            self.gateway.down, self.gateway.fail_after_commit = network

    def is_polled(self, payment: Payment) -> bool:
        """A provider reports within six days; after seven it is no longer polled."""
        return self.app.clock.now() < payment.created_at + 6 * DAY

    def open_attempts(self) -> list[str]:
        """The attempts that may still succeed: a provider may change a failure to a success."""
        polled = [p for p in map(self.payment_of, self.all_bookings) if self.is_polled(p)]
        reported = [self.look(payment) for payment in polled]
        attempts = [a for facts in reported if facts for a in facts.attempts]
        return [a.id for a in attempts if a.status is not AttemptStatus.SUCCESS]


async def _run(work: Awaitable[None]) -> None:
    await work


def next_quarter_hour(moment: datetime) -> datetime:
    seconds = -(-moment.timestamp() // 900) * 900
    return datetime.fromtimestamp(seconds, UTC)


QUICK = settings(
    max_examples=150,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
LONG = settings(QUICK, max_examples=3_000, stateful_step_count=60, derandomize=False)


def test_all_invariants_hold_whatever_users_do() -> None:
    run_state_machine_as_test(MarketplaceMachine, settings=QUICK)


@pytest.mark.long
def test_every_transition_is_taken_and_all_invariants_hold() -> None:
    visited.clear()
    run_state_machine_as_test(MarketplaceMachine, settings=LONG)
    assert EDGES - set(visited) == set()
