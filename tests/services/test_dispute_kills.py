"""A process is killed at each crossing of the database port while a dispute is settled, and while
the relay runs what follows: the money is divided once, and nothing is left undone."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import pytest

from adapters.memory.clock import FixedClock
from adapters.memory.store import MemoryStore
from core.bookings import Booking
from core.dispute_parts import OfferId
from core.errors import Conflict
from core.money import Money
from core.policy import HOUR, MINUTE
from ports.store import Repositories
from services.bootstrap import CAPABILITIES
from services.shared.capabilities import documents_of
from tests.app import CALLER, MONDAY, MemoryApp
from tests.services.test_disputes import PRICE, Case, a_case

T = TypeVar("T")
REFUND, EARNING, FEE = 177_600, 272_160, 30_240


class Killed(BaseException):
    """As SIGKILL: nothing catches it."""


class Crossing:
    """Passes every call on, and kills the process at one of them."""

    def __init__(self, target: Any, cross: Callable[[], None]) -> None:
        self._target, self._cross = target, cross

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if name == "documents":
            return lambda kind: Crossing(found(kind), self._cross)
        if inspect.iscoroutinefunction(found):
            return self._crossing(found)
        return Crossing(found, self._cross) if hasattr(found, "table") else found

    def _crossing(self, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def crossed(*args: Any, **more: Any) -> Any:
            self._cross()
            return await call(*args, **more)

        return crossed


class KillableStore(MemoryStore):
    """`left` crossings until the process is killed; None for never. `crossed` counts them."""

    left: int | None = None
    crossed = 0

    def cross(self) -> None:
        self.crossed += 1
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Killed

    @property
    def repositories(self) -> Any:
        return Crossing(super().repositories, self.cross)

    async def transact(self, step: Callable[[Repositories], Awaitable[T]]) -> T:
        async def crossing(repositories: Repositories) -> T:
            return await step(Crossing(repositories, self.cross))

        result = await super().transact(crossing)
        self.cross()  # the commit is done, and its answer is lost
        return result


async def prepared() -> tuple[KillableStore, Case]:
    clock = FixedClock(MONDAY)
    store = KillableStore(clock, documents=documents_of(CAPABILITIES))
    app = MemoryApp(clock=clock, store=store)
    case = await a_case(app)
    await app.services.offers.offer(case.dispute.id, by=case.lucia_id, refund=Money(REFUND))
    await app.run()
    return store, case


async def decide(case: Case) -> None:
    await case.app.services.decisions.settle(
        case.dispute.id, by=case.asha, caller=CALLER, refund=Money(REFUND), reason="A share."
    )


async def accept(case: Case) -> None:
    await case.app.services.offers.accept(case.dispute.id, OfferId("ofr_1"), by=case.meera.id)


async def claimed() -> tuple[KillableStore, MemoryApp, Booking]:
    """A client waits alone in the room, long enough to say that the developer did not come."""
    clock = FixedClock(MONDAY)
    store = KillableStore(clock, documents=documents_of(CAPABILITIES))
    app = MemoryApp(clock=clock, store=store)
    client, _ = await app.client("Gita")
    booking = await app.confirmed(client, await app.developer("Ravi"), starts_in=6 * HOUR)
    await app.pass_time(booking.start - clock.now())
    await app.services.call_presence.join(booking.id, "page", by=client.id)
    await app.pass_time(11 * MINUTE)
    return store, app, booking


async def claim_and_wait(app: MemoryApp, booking: Booking) -> None:
    with suppress(Conflict):
        await app.services.no_shows.claim(booking.id, by=booking.client.account_id)
    for _ in range(3):
        await app.pass_time(25 * HOUR)
    await app.settle(booking)
    await app.run()


async def test_killed_while_a_claim_is_made_or_stands_everything_goes_back_once() -> None:
    store, app, booking = await claimed()
    before = store.crossed
    await claim_and_wait(app, booking)
    crossings = store.crossed - before
    assert crossings > 50
    for number in range(0, crossings, 23):
        store, app, booking = await claimed()
        store.left = number
        with pytest.raises(Killed):
            await claim_and_wait(app, booking)
        store.left = None

        app.clock.advance(HOUR)  # the leases of the killed relay end
        await claim_and_wait(app, booking)

        assert await app.balances() == {}, number
        told = {m.to for m in app.mailer.sent if m.subject.startswith("Settled:")}
        assert len(told) == 2, number


@pytest.mark.parametrize("settle", [decide, accept])
async def test_killed_at_a_crossing_the_money_is_divided_once(
    settle: Callable[[Case], Awaitable[None]],
) -> None:
    """At every ninth; the long test takes all of them."""
    for number in range(0, await crossings_of(settle), 9):
        await _killed_at(number, settle)


@pytest.mark.long
@pytest.mark.parametrize("settle", [decide, accept])
async def test_killed_at_each_crossing_the_money_is_divided_once(
    settle: Callable[[Case], Awaitable[None]],
) -> None:
    for number in range(await crossings_of(settle)):
        await _killed_at(number, settle)


async def crossings_of(settle: Callable[[Case], Awaitable[None]]) -> int:
    store, case = await prepared()
    before = store.crossed
    await settle(case)
    await case.app.run()
    crossings = store.crossed - before
    assert crossings > 50
    return crossings


async def _killed_at(number: int, settle: Callable[[Case], Awaitable[None]]) -> None:
    store, case = await prepared()
    store.left = number
    with pytest.raises(Killed):
        await settle(case)
        await case.app.run()
    store.left = None

    case.app.clock.advance(HOUR)  # the leases of the killed relay end
    try:
        await settle(case)  # the person tries again
    except Conflict:
        assert not (await case.now()).open, "it was settled by the first request"
    await case.app.run()
    await case.app.settle(case.booking)
    await case.app.run()

    assert await case.app.balances() == {
        "gateway:memory": REFUND - PRICE,
        f"clearing:{case.lucia.id}": EARNING,
        "fees": FEE,
    }, number
    told = [m.to for m in case.app.mailer.sent if m.subject.startswith("Settled:")]
    assert len(told) >= 2, number
    assert len(set(told)) == 2, number
