"""What plugins store together with a booking: all of it or nothing, and never without its price."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from core.bookings import PriceChanged
from core.errors import Conflict, Invalid
from core.money import Money
from core.policy import DAY
from onehour.api import (
    AddDocument,
    Booking,
    Capability,
    DocumentType,
    PluginContext,
    PriceLine,
    SaveDocument,
    Stale,
    Store,
    Unavailable,
    Vetoed,
    implements,
)
from plugins import calls, steps
from plugins.manager import Plugins
from ports.extensions import WrongFields
from tests.app import CALLER, MemoryApp
from tests.plugins.site import app_with, switched_on

DISCOUNT = PriceLine("Half", Money(-120_000))
Write = AddDocument[Any] | SaveDocument[Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """What the plugin stores with a booking."""

    id: str
    code: str
    calls: int = 1
    version: int = 0


KEPT = DocumentType("keeps", Kept)


@dataclass(frozen=True, slots=True)
class Keeper:
    """The service of the plugin."""

    store: Store


class Keeps:
    """Gives a discount, and stores what was typed; or raises `error`, or hangs."""

    def __init__(self, error: BaseException | None = None, *, hangs: bool = False) -> None:
        self.error, self.hangs = error, hangs

    @implements
    def onehour_capabilities(self) -> list[Capability]:
        record = Capability(
            name="keeps",
            build=lambda d, b: {"keeper": Keeper(d.store)},
            personal_data=None,
            documents=(KEPT,),
        )
        return [record]

    @implements
    async def onehour_price(self, booking: Booking) -> Sequence[PriceLine]:
        return [DISCOUNT]

    @implements
    async def onehour_book(
        self, booking: Booking, fields: Mapping[str, str], context: PluginContext
    ) -> Sequence[Write] | None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.error:
            raise self.error
        stored = await context.service(Keeper).store.repositories.documents(KEPT).find(booking.id)
        if stored:
            return [SaveDocument(KEPT, replace(stored, calls=stored.calls + 1))]
        return [AddDocument(KEPT, Kept(booking.id, fields.get("code", "")))]


def world(plugin: object) -> MemoryApp:
    return app_with(switched_on(plugin, "keeps"))


async def book(app: MemoryApp, expecting: Money | None = None) -> Booking:
    (client, _), developer = await app.client(), await app.developer()
    return (await app.services.bookings.hold(
        by=client.id, developer_id=developer.id, start=app.clock.now() + DAY, hours=1,
        brief="Slow.", fields={"code": "HALF"}, expecting=expecting,
    )).booking  # fmt: skip


async def kept(app: MemoryApp) -> list[Kept]:
    return [each async for each in app.store.repositories.documents(KEPT).each()]


async def failures(app: MemoryApp) -> int:
    assert isinstance(app.extensions, Plugins)
    await app.extensions.health.told()
    return sum(len(state.failures) for state in (await app.services.plugin_states.all()).values())


async def test_it_is_stored_in_the_transaction_of_the_booking() -> None:
    app = world(Keeps())

    booking = await book(app)

    assert await kept(app) == [Kept(booking.id, "HALF")]


async def test_a_transaction_that_runs_again_stores_it_once() -> None:
    app = world(Keeps())
    app.store.conflicts = 3  # type: ignore[attr-defined]

    booking = await book(app)

    assert await kept(app) == [Kept(booking.id, "HALF")]
    assert await failures(app) == 0


@pytest.mark.parametrize(
    ("refusal", "raised", "message"),
    [
        (Invalid(code="Used up."), WrongFields, "Used up."),
        (Invalid("Not this time."), Vetoed, "Not this time."),
        (Conflict("Not today."), Vetoed, "Not today."),
    ],
)
async def test_what_it_refuses_is_not_booked(
    refusal: Exception, raised: type[Exception], message: str
) -> None:
    app = world(Keeps(refusal))

    with pytest.raises(raised, match=message):
        await book(app)

    assert await kept(app) == []
    assert await failures(app) == 0


@pytest.mark.parametrize(
    "error", [ZeroDivisionError(), SystemExit(3), KeyboardInterrupt(), Unavailable("Of its own.")]
)
async def test_after_a_failure_the_booking_is_made_without_its_price(error: BaseException) -> None:
    app = world(Keeps(error))

    booking = await book(app)

    assert (booking.price_lines, booking.price) == ((), booking.hours_price)
    assert await kept(app) == []
    assert await failures(app) == 1


async def test_after_a_failure_nobody_pays_another_price_than_the_shown_one() -> None:
    app = world(Keeps(ZeroDivisionError()))

    with pytest.raises(PriceChanged):
        await book(app, expecting=Money(120_000))

    assert await kept(app) == []


async def test_one_that_hangs_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "QUESTION_S", 0.02)
    app = world(Keeps(hangs=True))

    booking = await book(app)

    assert booking.price == booking.hours_price
    assert await kept(app) == []
    assert await failures(app) == 1


class Answers(Keeps):
    """Whatever a test wants: `what` is called with the booking."""

    def __init__(self, what: Callable[[Booking], object]) -> None:
        super().__init__()
        self.what = what

    @implements
    async def onehour_book(self, booking: Booking) -> Any:  # type: ignore[override]
        return self.what(booking)


def keep_the_loop(booking: Booking) -> None:
    time.sleep(2)


def change_the_booking(booking: Booking) -> None:
    object.__setattr__(booking, "rate", Money(1))
    object.__setattr__(booking, "status", "cancelled")


OTHERS = DocumentType("of_nobody", Kept)
WRONG: dict[str, Callable[[Booking], object]] = {
    "keeps the loop": keep_the_loop,
    "a text": lambda booking: "nonsense",
    "texts": lambda booking: ["nonsense"],
    "another entity": lambda booking: [AddDocument(KEPT, DISCOUNT)],
    "too much": lambda booking: [AddDocument(KEPT, Kept(f"{n}", "")) for n in range(21)],
    "a collection of nobody": lambda booking: [AddDocument(OTHERS, Kept("a", ""))],
    "what is not there": lambda booking: [SaveDocument(KEPT, Kept("a", ""))],
    "twice the same": lambda booking: [AddDocument(KEPT, Kept("a", ""))] * 2,
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_a_wrong_answer_is_left_out(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if wrong == "keeps the loop":
        monkeypatch.setattr(steps, "STEP_S", 0.15)
    app = world(Answers(WRONG[wrong]))

    booking = await book(app)

    assert booking.price == booking.hours_price
    assert await kept(app) == []
    assert await failures(app) == 1


async def test_it_gets_a_copy_of_the_booking() -> None:
    app, without = world(Answers(change_the_booking)), world(Answers(lambda booking: None))

    assert await book(app) == await book(without)
    assert await failures(app) == 0


@pytest.mark.parametrize(("times", "failed"), [(3, 0), (1000, 1)])
@pytest.mark.parametrize("how", ["saved", "added"])
async def test_what_others_have_stored_meanwhile_is_read_again(
    how: str, times: int, failed: int
) -> None:
    """Each time it is asked, somebody else is faster, so many times."""
    asked = 0

    def answer(booking: Booking) -> object:
        nonlocal asked
        asked += 1
        behind = asked <= times
        if how == "saved":
            return [SaveDocument(KEPT, Kept("all", "", version=7 if behind else 0))]
        return [AddDocument(KEPT, Kept("all" if behind else booking.id, ""))]

    app = world(Answers(answer))
    await app.store.repositories.documents(KEPT).add(Kept("all", "first"))

    booking = await book(app)

    assert bool(booking.price_lines) is not bool(failed)
    assert await failures(app) == failed


class IsBehind(Keeps):
    """Has itself saved what somebody else has saved meanwhile, some times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    @implements
    async def onehour_book(self) -> None:  # type: ignore[override]
        self.times -= 1
        if self.times >= 0:
            raise Stale


async def test_its_own_conflict_is_a_failure() -> None:
    app = world(IsBehind(1))

    booking = await book(app)

    assert booking.price == booking.hours_price
    assert await failures(app) == 1


async def test_while_it_is_switched_off_its_lines_do_not_count() -> None:
    plugin = Keeps()
    app = world(plugin)
    admin = await app.admin()

    class SwitchedOffMeanwhile:
        @implements
        async def onehour_may_book(self) -> str | None:
            states = app.services.plugin_states
            await states.switch("keeps", on=False, by=admin, caller=CALLER)
            return None

    assert isinstance(app.extensions, Plugins)
    app.extensions.add(SwitchedOffMeanwhile, "switches")
    app.extensions.connect(app.services.built)

    booking = await book(app)

    assert booking.price == booking.hours_price
    assert await kept(app) == []


async def test_a_late_payment_asks_it_again() -> None:
    app = world(Keeps())
    booking = await book(app)
    await app.pass_time(DAY / 24)

    await app.pay(booking)
    await app.settle(booking)

    assert (await app.booking(booking.id)).status == "requested"
    assert await kept(app) == [Kept(booking.id, "HALF", calls=2, version=1)]


@pytest.mark.parametrize("refusal", [Conflict("Used up."), Invalid(code="Used up.")])
async def test_a_late_payment_that_it_refuses_is_given_back(refusal: Exception) -> None:
    plugin = Keeps()
    app = world(plugin)
    booking = await book(app)
    await app.pass_time(DAY / 24)
    plugin.error = refusal

    await app.pay(booking)
    await app.settle(booking)
    await app.run()

    payment = await app.payment(booking)
    assert (await app.booking(booking.id)).status == "expired"
    assert sum((each.amount for each in payment.refunds), Money(0)) == booking.price
    await app.assert_ledger_balances()


async def test_a_late_payment_is_not_lost_by_its_failure() -> None:
    plugin = Keeps()
    app = world(plugin)
    booking = await book(app)
    await app.pass_time(DAY / 24)
    plugin.error = ZeroDivisionError()

    await app.pay(booking)
    await app.settle(booking)

    assert (await app.booking(booking.id)).status == "requested"
    await app.assert_ledger_balances()
