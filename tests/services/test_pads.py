"""Pads: who may write when, what is refused, and that nothing that was acknowledged is lost."""

from __future__ import annotations

import asyncio
import random
from base64 import b64decode
from dataclasses import dataclass

import pytest

from adapters.memory.clock import FixedClock
from core.bookings import Booking
from core.errors import Invalid, NotFound
from core.pads import (
    MalformedChange,
    MissingChanges,
    PadChange,
    PadClosed,
    PadFull,
    TooManyChanges,
)
from core.pads_policy import PadPolicy
from core.policy import HOUR, MINUTE, Policies
from services.pads import PadService
from services.pads.documents import CHANGES, STATES
from services.pads.writing import COMPACT_AFTER
from tests.app import MONDAY, MemoryApp, memory_app
from tests.services.yjs import EMPTY, Writer

MOST = PadPolicy().pad_bytes_maximum


def policies(**limits: int) -> Policies:
    return Policies(PadPolicy(**limits))


async def booked(app: MemoryApp) -> Booking:
    client, developer = await app.client("Gita"), await app.developer("Ravi")
    return await app.confirmed(client[0], developer, starts_in=6 * HOUR, hours=1)


@dataclass
class Pair:
    """The two parties of a booking, each with a page."""

    app: MemoryApp
    booking: Booking
    one: Writer
    two: Writer

    @property
    def pads(self) -> PadService:
        return self.app.services.pads

    async def send(self, change: bytes, *, by_developer: bool = False) -> int:
        party = self.booking.developer if by_developer else self.booking.client
        return await self.pads.change(self.booking.id, change, by=party.account_id)

    async def text(self) -> str:
        return (await self.pads.of_booking(self.booking)).pad.text

    async def rebuilt(self, app: MemoryApp | None = None) -> str:
        """The text of all that is stored, as a page without anything gets it."""
        page = Writer()
        found = await (app or self.app).services.pads.sync(
            self.booking.id, vector=EMPTY, change=b"", by=self.booking.client.account_id
        )
        page.hear(found.missing)
        return page.text


async def pair_of(app: MemoryApp) -> Pair:
    return Pair(app, await booked(app), Writer(1), Writer(2))


@pytest.fixture
async def pair(any_app: MemoryApp) -> Pair:
    return await pair_of(any_app)


async def test_both_write_one_text(pair: Pair) -> None:
    assert await pair.text() == ""

    await pair.send(pair.one.write("def f():\n"))
    found = await pair.pads.sync(
        pair.booking.id,
        vector=pair.two.vector(),
        change=b"",
        by=pair.booking.developer.account_id,
    )
    pair.two.hear(found.missing)
    seq = await pair.send(pair.two.write("    return 1\n", 9), by_developer=True)

    assert (found.seq, seq) == (1, 2)
    assert await pair.text() == await pair.rebuilt() == "def f():\n    return 1\n"
    events = [each for each in pair.app.live.published if each.event == "pad:changed"]
    assert [(each.room, each.data["seq"]) for each in events] == [
        (f"pad:{pair.booking.id}", 1),
        (f"pad:{pair.booking.id}", 2),
    ]
    pair.one.hear(b64decode(str(events[1].data["change"])))
    assert pair.one.text == pair.two.text


async def test_a_change_can_be_sent_again(pair: Pair) -> None:
    change = pair.one.write("once")

    numbers = [await pair.send(change) for _ in range(3)]

    assert (numbers, await pair.text()) == ([1, 1, 1], "once")


async def test_nobody_else_reads_or_writes(pair: Pair) -> None:
    stranger, _ = await pair.app.client("Nils")
    await pair.send(pair.one.write("secret"))
    booking = pair.booking.id

    for attempt in (
        pair.pads.read(booking, by=stranger.id),
        pair.pads.change(booking, pair.two.write("x"), by=stranger.id),
        pair.pads.sync(booking, vector=EMPTY, change=b"", by=stranger.id),
        pair.pads.choose(booking, "sql", by=stranger.id),
        pair.pads.show_cursor(booking, by=stranger.id),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert await pair.text() == "secret"


async def test_it_is_read_only_before_the_confirmation_and_after_the_room_has_closed() -> None:
    app = memory_app(clock=FixedClock(MONDAY))
    pair = await pair_of(app)
    await pair.send(pair.one.write("kept"))
    by = pair.booking.client.account_id

    await app.pass_time(pair.booking.end + 29 * MINUTE - app.clock.now())
    await pair.send(pair.one.write("!"))
    await app.pass_time(MINUTE)

    with pytest.raises(PadClosed, match="The meeting is over"):
        await pair.send(pair.one.write("late"))
    with pytest.raises(PadClosed):
        await pair.pads.choose(pair.booking.id, "sql", by=by)
    with pytest.raises(PadClosed):
        await pair.pads.show_cursor(pair.booking.id, by=by)
    read = await pair.pads.read(pair.booking.id, by=by)
    assert (read.pad.text, read.is_editable) == ("!kept", False)
    assert await pair.rebuilt() == "!kept"


async def test_an_unconfirmed_booking_has_no_pad() -> None:
    app = memory_app(clock=FixedClock(MONDAY))
    client, developer = await app.client("Gita"), await app.developer("Ravi")
    booking = await app.paid(client[0], developer, starts_in=6 * HOUR)
    pair = Pair(app, booking, Writer(1), Writer(2))

    with pytest.raises(PadClosed, match="not confirmed"):
        await pair.send(pair.one.write("early"))


async def test_the_language_is_one_for_both(pair: Pair) -> None:
    by = pair.booking.developer.account_id
    await asyncio.gather(
        pair.pads.choose(pair.booking.id, "sql", by=by),
        pair.send(pair.one.write("SELECT 1")),
    )

    read = await pair.pads.read(pair.booking.id, by=pair.booking.client.account_id)
    assert (read.pad.language, read.pad.text) == ("sql", "SELECT 1")
    with pytest.raises(Invalid, match="do not have this language"):
        await pair.pads.choose(pair.booking.id, "cobol", by=by)


@pytest.mark.parametrize("change", [b"", b"\xff" * 100, b"\1\1\7\0\5\1\3pad\2{}\0"])
async def test_what_is_no_change_is_refused_and_the_pad_goes_on(pair: Pair, change: bytes) -> None:
    await pair.send(pair.one.write("good"))
    good = pair.one.write("more ")

    results = await asyncio.gather(
        pair.send(change, by_developer=True), pair.send(good), return_exceptions=True
    )

    assert isinstance(results[0], MalformedChange) and results[1] == 2
    assert await pair.text() == await pair.rebuilt() == "more good"


async def test_changes_that_follow_missing_ones_are_refused_until_all_is_sent(pair: Pair) -> None:
    pair.one.write("first")
    second = pair.one.write("second ")

    with pytest.raises(MissingChanges):
        await pair.send(second)

    assert await pair.text() == ""
    await pair.send(pair.one.all())
    assert await pair.text() == "second first"


async def test_a_full_pad_takes_deletions_only(pair: Pair) -> None:
    await pair.send(pair.one.write("x" * (MOST - 10)))
    pair.two.hear(pair.one.all())

    with pytest.raises(PadFull, match=r"holds 200 kB\. Delete about 10 characters"):
        await pair.send(pair.one.write("y" * 20))
    await pair.send(pair.two.write("z" * 10), by_developer=True)
    with pytest.raises(PadFull):
        await pair.send(pair.two.write("é"), by_developer=True)
    assert len(await pair.text()) == MOST

    pair.one.delete(0, 1000)
    await pair.send(pair.one.all())
    assert len(await pair.text()) == MOST - 980
    await pair.send(pair.two.all(), by_developer=True)
    assert len((await pair.rebuilt()).encode()) == MOST - 980 + 2


async def test_two_who_fill_it_at_once_cannot_exceed_it(pair: Pair) -> None:
    results = await asyncio.gather(
        pair.send(pair.one.write("x" * (MOST - 100))),
        pair.send(pair.two.write("y" * (MOST - 100)), by_developer=True),
        return_exceptions=True,
    )

    assert sorted(type(each).__name__ for each in results) == ["PadFull", "int"]
    assert len(await pair.text()) == MOST - 100


async def test_somebody_who_sends_too_much_waits() -> None:
    app = memory_app(
        clock=FixedClock(MONDAY),
        policies=policies(pad_changes_per_minute=5),
    )
    pair = await pair_of(app)
    for _ in range(5):
        await pair.send(pair.one.write("x"))

    refused = pair.one.write("x")
    with pytest.raises(TooManyChanges):
        await pair.send(refused)
    await pair.send(pair.two.write("y"), by_developer=True)

    app.clock.advance(MINUTE / 5)
    await pair.send(refused)
    assert await pair.text() in ("xxxxxxy", "yxxxxxx")


async def test_a_state_takes_the_place_of_many_changes(pair: Pair) -> None:
    for _ in range(COMPACT_AFTER + 5):
        await pair.send(pair.one.write_somewhere())
        pair.app.clock.advance(MINUTE)

    await pair.pads.writer.idle()
    repositories = pair.app.store.repositories
    state = await repositories.documents(STATES).find(pair.booking.id)
    changes = repositories.documents(CHANGES).each(booking_id=pair.booking.id)
    stored = sorted([each.seq async for each in changes])
    assert state and state.seq == COMPACT_AFTER
    assert stored == list(range(COMPACT_AFTER + 1, COMPACT_AFTER + 6))
    assert await pair.rebuilt() == await pair.text() == pair.one.text


async def test_changes_of_a_state_that_were_not_removed_do_no_harm(any_app: MemoryApp) -> None:
    pair = await pair_of(any_app)
    for _ in range(COMPACT_AFTER):
        await pair.send(pair.one.write_somewhere())
        pair.app.clock.advance(MINUTE)
    changes = any_app.store.repositories.documents(CHANGES)
    await pair.pads.writer.idle()
    assert await changes.find(f"{pair.booking.id}:{COMPACT_AFTER}") is None

    for seq in (COMPACT_AFTER - 1, COMPACT_AFTER):
        await changes.add(PadChange(pair.booking.id, seq, pair.one.all()))

    other = MemoryApp(clock=any_app.clock, store=any_app.store)
    await other.services.pads.change(
        pair.booking.id, pair.one.write("end"), by=pair.booking.client.account_id
    )

    assert await pair.rebuilt() == await pair.rebuilt(other) == pair.one.text


async def test_a_process_that_heard_nothing_takes_what_follows_on_the_changes_of_others(
    any_app: MemoryApp,
) -> None:
    """The page has heard of a change whose predecessor neither it nor this process knows."""
    other = MemoryApp(clock=any_app.clock, store=any_app.store)
    pair = await pair_of(any_app)
    first = pair.one.write("one ")
    await other.services.pads.change(pair.booking.id, first, by=pair.booking.client.account_id)
    await pair.send(pair.one.write("two ", at=4))
    await pair.send(later := pair.one.write("three", at=8))
    pair.two.hear(first)
    pair.two.hear(later)
    pair.two.write("zero ")

    await other.services.pads.change(
        pair.booking.id, pair.two.all(), by=pair.booking.developer.account_id
    )

    assert await pair.rebuilt() == await pair.rebuilt(other) == "zero one two three"


async def test_a_process_that_heard_nothing_knows_how_full_the_pad_is(any_app: MemoryApp) -> None:
    other = MemoryApp(clock=any_app.clock, store=any_app.store)
    pair = await pair_of(any_app)
    full = pair.one.write("x" * MOST)
    await other.services.pads.change(pair.booking.id, full, by=pair.booking.client.account_id)
    await pair.send(pair.one.delete(0, 100))

    await other.services.pads.change(
        pair.booking.id, pair.one.write("y" * 50), by=pair.booking.client.account_id
    )

    assert await pair.rebuilt(other) == "y" * 50 + "x" * (MOST - 100)


@pytest.mark.parametrize("seed", range(6))
async def test_all_converge_whatever_is_lost_doubled_or_reordered(
    any_app: MemoryApp, seed: int
) -> None:
    """Three pages write over two processes. What the site relays is lost, doubled and reordered;
    each page exchanges with the site now and then."""
    other = MemoryApp(clock=any_app.clock, store=any_app.store)
    pair = await pair_of(any_app)
    source = random.Random(seed)
    apps = (any_app, other)
    pages = [Writer(seed * 10 + number) for number in range(3)]
    accounts = [pair.booking.client, pair.booking.developer, pair.booking.client]

    async def exchange(number: int, app: MemoryApp, change: bytes) -> None:
        page, by = pages[number], accounts[number].account_id
        found = await app.services.pads.sync(
            pair.booking.id, vector=page.vector(), change=change, by=by
        )
        page.hear(found.missing)

    async def work(number: int) -> None:
        page, by = pages[number], accounts[number].account_id
        for _ in range(25):
            page.write_somewhere()
            await asyncio.sleep(0)
            app = source.choice(apps)
            if source.random() < 0.2:
                await exchange(number, app, page.all())
                page.unsent.clear()
            elif source.random() < 0.8:  # otherwise without a connection
                change = b"".join(page.unsent[:1])
                try:
                    await app.services.pads.change(pair.booking.id, change, by=by)
                    del page.unsent[:1]
                    if source.random() < 0.2:
                        await app.services.pads.change(pair.booking.id, change, by=by)
                except MissingChanges:
                    await exchange(number, app, page.all())
                    page.unsent.clear()
            _relay(source, any_app, other, pages)
            any_app.clock.advance(MINUTE / 60)

    await asyncio.gather(*map(work, range(3)))
    for _ in range(2):
        for number, page in enumerate(pages):
            await exchange(number, source.choice(apps), page.all())

    texts = {page.text for page in pages}
    texts |= {await pair.text(), await pair.rebuilt(), await pair.rebuilt(other)}
    assert len(texts) == 1 and len(texts.pop()) > 20


def _relay(source: random.Random, one: MemoryApp, other: MemoryApp, pages: list[Writer]) -> None:
    """Some of what was published reaches some pages and the other process, in any order."""
    for app, peer in ((one, other), (other, one)):
        events = [each for each in app.live.published if each.event == "pad:changed"]
        for event in source.sample(events, min(len(events), 3)):
            if source.random() < 0.5:
                peer.services.pads.learn(event.data)
        if events and source.random() < 0.5:
            change = b64decode(str(source.choice(events[-3:]).data["change"] or ""))
            source.choice(pages).hear(change)
