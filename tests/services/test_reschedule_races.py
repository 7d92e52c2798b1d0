"""Moving, cancelling and booking at the same time, in every order: no hour is lost or doubled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

import pytest

from adapters.memory.clock import FixedClock
from core.bookings import Booking, Status
from core.developers import DeveloperId
from core.errors import OneHourError
from core.policy import DAY, HOUR
from core.timeline import Actor
from tests.app import MONDAY, MemoryApp
from tests.turns import Turns, TurnStore, every_order


@dataclass
class Race:
    """A confirmed booking with a proposed time, and a client who wants a time of the developer."""

    app: MemoryApp
    store: TurnStore
    booking: Booking
    rival: str
    runs: int = 0

    @classmethod
    async def prepared(cls) -> Race:
        clock = FixedClock(MONDAY)
        store = TurnStore(clock)
        app = MemoryApp(clock=clock, store=store)
        meera, _ = await app.client("Meera K")
        rohan, _ = await app.client("Rohan D")
        booking = await app.confirmed(meera, await app.developer("Lucia F"))
        await app.services.reschedules.propose(booking.id, by=meera.id, start=booking.start + DAY)
        await app.run()
        race = cls(app, store, booking, rohan.id)
        race.saved = {name: dict(rows) for name, rows in store._tables.rows.items()}
        return race

    def __post_init__(self) -> None:
        self.saved: dict[str, dict[Any, Any]] = {}

    def reset(self) -> None:
        """As it was after `prepared`."""
        rows = self.store._tables.rows
        rows.clear()
        rows.update({name: dict(kept) for name, kept in self.saved.items()})
        self.store._tables.changed_at.clear()
        self.runs += 1

    def act(self, name: str) -> Coroutine[Any, Any, object]:
        service, answers, booking = (
            self.app.services.reschedules,
            self.app.services.answers,
            self.booking,
        )
        client, developer = booking.client.account_id, booking.developer.account_id
        match name:
            case "accept":
                return service.accept(booking.id, by=developer)
            case "refuse":
                return service.refuse(booking.id, by=developer)
            case "withdraw":
                return service.withdraw(booking.id, by=client)
            case "cancel":
                return answers.cancel(booking.id, by=client)
            case "book new":
                return self.hold(booking, DAY + HOUR)
            case "book old":
                return self.hold(booking, HOUR)
            case _:
                raise AssertionError(name)

    async def hold(self, booking: Booking, later: Any) -> Booking:
        return (await self.app.services.bookings.hold(
            by=self.rival, developer_id=DeveloperId(booking.developer.id),
            start=booking.start + later, hours=1, brief="Mine.",
            request_id=f"bkg_rival{self.runs:06d}{'0' * 15}",
        )).booking  # fmt: skip

    async def look(self, names: list[str], outcomes: list[object]) -> str:
        """Check the stored state against the outcomes. Returns who succeeded."""
        for outcome in outcomes:
            assert not isinstance(outcome, BaseException) or isinstance(outcome, OneHourError)
        done = {n for n, o in zip(names, outcomes, strict=True) if isinstance(o, Booking)}
        bookings: list[Booking] = self.store.repositories.bookings.table.all()
        cells = Counter(cell for each in bookings if each.holds for cell in each.cells)
        assert set(cells.values()) <= {1}
        busy = (await self.store.repositories.bookings.busy(
            [self.booking.developer.id], since=MONDAY, until=MONDAY + 9 * DAY
        ))[self.booking.developer.id]  # fmt: skip
        assert busy == set(cells)
        current = await self.app.booking(self.booking.id)
        old, new = self.booking.start, self.booking.start + DAY
        assert current.start == (new if "accept" in done else old)
        assert (current.status is Status.CANCELLED) == ("cancel" in done)
        assert len(done & {"accept", "refuse", "withdraw"}) <= 1
        if "book new" in names:
            assert not ({"accept", "book new"} <= done and "cancel" not in done)
            assert "book new" in done or "accept" in done
        if "book old" in names:
            assert not (
                "book old" in done and current.status is Status.CONFIRMED and current.start == old
            )
        await self.money_follows(current)
        return " and ".join(sorted(done))

    async def money_follows(self, current: Booking) -> None:
        """One payment, held; or refunded in full, two days and more before both starts."""
        payments = [
            p for p in self.store.repositories.payments.table.all() if p.booking_id == current.id
        ]
        assert len(payments) == 1
        refunds = [each.amount for each in payments[0].refunds]
        assert refunds == ([current.price] if current.status is Status.CANCELLED else [])
        entries = Counter(
            e.what for e in self.store.repositories.timeline.table.all()
            if e.booking_id == current.id
        )  # fmt: skip
        assert entries["moved"] == current.moves
        ends = sum(entries[f"move_{how}"] for how in ("refused", "withdrawn", "taken", "expired"))
        assert ends + entries["moved"] + bool(current.proposal) <= 1
        assert current.cancellation_refund(by=Actor.CLIENT, now=MONDAY) == current.price


async def outcomes_of(names: list[str]) -> Counter[str]:
    race = await Race.prepared()

    async def play(turns: Turns) -> tuple[list[object], str]:
        race.reset()
        race.store.turns = turns
        outcomes = await turns.play([race.act(name) for name in names])
        race.store.turns = None
        return outcomes, await race.look(names, outcomes)

    return Counter([who async for _, who in every_order(play)])


@pytest.mark.parametrize("hour", ["book new", "book old"])
async def test_accept_cancel_and_book_in_every_order(hour: str) -> None:
    found = await outcomes_of(["accept", "cancel", hour])

    assert sum(found.values()) > 50
    both = f"{hour} and cancel"
    assert found.keys() == {"accept and cancel", both, f"accept and {both}"} | (
        set() if hour == "book new" else {"cancel"}
    )


@pytest.mark.parametrize("answer", ["refuse", "withdraw"])
async def test_two_answers_and_a_booking_in_every_order(answer: str) -> None:
    found = await outcomes_of(["accept", answer, "book new"])

    assert {"accept", f"book new and {answer}"} <= found.keys()
