"""Every transition of disputes and of frozen jobs, taken step by step in the machine of
`test_money_machine.py`: all its invariants hold after each step, and at the end."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from core import jobs
from core.bookings import Booking
from core.chargebacks import Status
from core.dispute_parts import WishKind
from core.payments import PaymentId
from core.policy import DAY
from tests.services.machine.running import Machine
from tests.services.machine.watching import EDGES, visited
from tests.services.machine.world import World, next_quarter_hour

FROZEN = {str(each) for each in jobs.FROZEN}
DISPUTE_EDGES = {each for each in EDGES if each[0] == "documents:disputes"}
JOB_EDGES = {each for each in EDGES if each[0] == "jobs" and FROZEN & {*each[1:]}}

OPENED = "client open"
EVIDENCE = f"{OPENED}, developer answer"
DECISION = f"{EVIDENCE}, 3 days"
PROPOSED = "developer deliver, client cancel"
CONTESTED = f"{PROPOSED}, developer answer"
CHANGES = "developer deliver, client request_changes"
ENDS = ("client withdraw", "developer offer, client accept", "admin settle", "developer once_more")
PATHS = (
    *(f"{before}, {end}" for before in (OPENED, EVIDENCE, DECISION) for end in ENDS),
    *(f"developer deliver, {OPENED}, {end}" for end in ENDS),
    *(f"{CHANGES}, {OPENED}, {end}" for end in ENDS),
    f"{DECISION}, admin ask, developer evidence, 3 days, admin settle",
    f"{OPENED}, 5 days, developer answer, 3 days, developer offer, client accept",
    f"{OPENED}, 5 days, 3 days, 40 days, 12 days",
    "developer open, client answer, client offer, developer offer, client accept",
    "developer deliver, developer open, client answer, 61 days",
    f"{PROPOSED}, developer accept",
    f"{PROPOSED}, client withdraw",
    f"{PROPOSED}, 3 days",
    f"{CHANGES}, client cancel, client withdraw, developer deliver, client approve",
    f"{CHANGES}, client cancel, developer accept",
    f"{CONTESTED}, 3 days, admin settle",
    f"{CONTESTED}, client withdraw, client open, developer offer, client accept",
    f"{CONTESTED}, developer offer, client accept",
    f"{CONTESTED}, 61 days",
    *(f"{before}, bank takes" for before in (OPENED, EVIDENCE, DECISION, PROPOSED)),
    f"{OPENED}, client withdraw, client open, client withdraw, developer deliver, client approve",
)
"""Each begins with an accepted booking that starts in five days."""


class Path(Machine):
    """Follows one path about one booking."""

    def follow(self, path: str) -> None:
        start = next_quarter_hour(self.world.now + 5 * DAY)
        booking = self.hold_at(0, 0, start, 1)
        assert booking
        self.mine = booking.id
        self.advance(booking, "pay accept")
        for step in path.split(", "):
            before = self._state()
            self._take(step)
            self.invariants.check()
            assert self._state() != before, f"{step!r} has no effect in {path!r}"
        self.end()

    def _take(self, step: str) -> None:
        first, _, second = step.partition(" ")
        if second == "days":
            self.do(self.app.pass_time(timedelta(days=int(first))))
            return
        booking = self.world.booking(self.mine)
        if first == "bank":
            self._bank_takes_all(booking)
            return
        by = self.world.account_of(booking, first if first != "admin" else "other user")
        wish = WishKind.CHANGES if first == "client" else WishKind.PART
        self.do(self.dispute_act(booking, second, by, 37, wish))
        if second in ("cancel", "approve", "accept", "settle"):
            self.do(self.app.settle(booking))

    def _bank_takes_all(self, booking: Booking) -> None:
        reference = self.gateway.question(self.world.payment_of(booking).order_id)
        self.gateway.decide(reference, Status.LOST)
        self.do(self.services.chargebacks.refresh(PaymentId(booking.payment_id)))
        self.do(self.app.run())

    def _state(self) -> object:
        booked = self.world.booking(self.mine)
        return self.world.now, booked, self.world.job_of(booked), self.world.disputes


def test_every_transition_ends_with_the_money_where_it_belongs() -> None:
    before, world = Counter(visited), World()

    for path in PATHS:
        try:
            Path(world).follow(path)
        except BaseException as error:
            error.add_note(path)
            raise

    world.close()
    assert (DISPUTE_EDGES | JOB_EDGES) - set(visited - before) == set()
