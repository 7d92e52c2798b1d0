"""Calls: who enters when, whom signals reach, and what is known about who was there."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from adapters.memory.clock import FixedClock
from adapters.memory.video import SIGNATURE, MemoryVideo, signature
from core.bookings import Booking
from core.calls import CallClosed, TooManySignals, Verdict, Window
from core.calls_policy import CallPolicy
from core.errors import NotFound
from core.policy import HOUR, MINUTE, SECOND, Policies
from ports.video import ForgedNews, NewsKind, VideoUnavailable
from services.calls.storage import CALLS
from tests.app import MONDAY, MemoryApp, memory_app


async def booked(app: MemoryApp) -> Booking:
    client, developer = await app.client("Gita"), await app.developer("Ravi")
    return await app.confirmed(client[0], developer, starts_in=6 * HOUR, hours=1)


async def open_room(app: MemoryApp) -> Booking:
    """A booking whose room has just opened."""
    booking = await booked(app)
    await app.pass_time(booking.start - 15 * MINUTE - app.clock.now())
    return booking


@pytest.fixture
def app() -> MemoryApp:
    clock = FixedClock(MONDAY)
    return memory_app(clock=clock, video=MemoryVideo(clock))


async def test_both_parties_are_admitted_to_one_room_until_it_closes(app: MemoryApp) -> None:
    booking = await open_room(app)

    first, second = await asyncio.gather(
        *(
            app.services.calls.admit(booking.id, by=party.account_id)
            for party in (booking.client, booking.developer)
        )
    )

    assert first.room == second.room and first.room not in booking.id
    assert first.admission.expires_at == booking.end + 30 * MINUTE
    assert first.admission.token != second.admission.token


async def test_other_settings_do_not_change_the_room_of_a_booking() -> None:
    app = memory_app(policies=Policies(CallPolicy(20 * MINUTE, 40 * MINUTE, 5 * MINUTE)))
    booking = await booked(app)

    changed = replace(app.services.calls, policy=CallPolicy())

    assert changed.window(booking) == Window(booking.start - 20 * MINUTE, booking.end + 40 * MINUTE)
    old = replace(booking, call_terms=None)
    assert changed.window(old) == Window(booking.start - 15 * MINUTE, booking.end + 30 * MINUTE)


async def test_nobody_else_is_admitted_and_nobody_too_early_or_too_late(app: MemoryApp) -> None:
    booking = await booked(app)
    stranger, _ = await app.client("Nils")
    by = booking.client.account_id

    with pytest.raises(CallClosed, match="not open yet"):
        await app.services.calls.admit(booking.id, by=by)
    await app.pass_time(booking.start - app.clock.now())
    with pytest.raises(NotFound):
        await app.services.calls.admit(booking.id, by=stranger.id)
    await app.pass_time(HOUR + 30 * MINUTE)
    with pytest.raises(CallClosed, match="has closed"):
        await app.services.calls.admit(booking.id, by=by)


async def test_the_room_is_ended_at_its_time_and_the_pages_are_told(app: MemoryApp) -> None:
    booking = await open_room(app)
    admitted = await app.services.calls.admit(booking.id, by=booking.client.account_id)
    await app.pass_time(HOUR + 44 * MINUTE)
    assert isinstance(app.video, MemoryVideo) and admitted.room in app.video.rooms

    await app.pass_time(MINUTE)

    assert app.video.rooms == {}
    assert [e.room for e in app.live.published if e.event == "call:ended"] == [f"call:{booking.id}"]
    with pytest.raises(CallClosed):
        await app.services.call_presence.signal(booking.id, by=booking.client.account_id)


async def test_the_room_of_a_booking_that_was_moved_stays_until_the_new_end(app: MemoryApp) -> None:
    booking = await open_room(app)
    await app.services.calls.admit(booking.id, by=booking.client.account_id)
    stored = await app.booking(booking.id)
    moved = replace(stored, start=booking.start + 2 * HOUR)
    await app.store.repositories.bookings.save(moved)
    assert isinstance(app.video, MemoryVideo)

    await app.pass_time(2 * HOUR)
    assert len(app.video.rooms) == 1
    await app.pass_time(2 * HOUR)

    assert app.video.rooms == {}


async def test_after_its_end_a_room_is_not_used_again(app: MemoryApp) -> None:
    booking = await open_room(app)
    by = booking.client.account_id
    old = await app.services.calls.admit(booking.id, by=by)
    calls = app.store.repositories.documents(CALLS)
    call = await calls.get(booking.id)
    await calls.save(call.end(app.clock.now()))

    new = await app.services.calls.admit(booking.id, by=by)

    assert new.room != old.room


async def test_an_unavailable_provider_is_asked_again_for_the_same_room(app: MemoryApp) -> None:
    booking = await open_room(app)
    assert isinstance(app.video, MemoryVideo)
    app.video.down = True
    with pytest.raises(VideoUnavailable):
        await app.services.calls.admit(booking.id, by=booking.client.account_id)
    room = (await app.store.repositories.documents(CALLS).get(booking.id)).room

    app.video.down = False
    admitted = await app.services.calls.admit(booking.id, by=booking.client.account_id)

    assert admitted.room == room


async def test_the_second_who_joins_learns_of_the_first(app: MemoryApp) -> None:
    booking = await open_room(app)
    presence = app.services.call_presence
    client, developer = booking.client.account_id, booking.developer.account_id

    first = await presence.join(booking.id, "one", by=client)
    second = await presence.join(booking.id, "two", by=developer)

    assert (first.polite, first.other) == (True, None)
    assert (second.polite, second.other) == (False, "one")
    assert await presence.signal(booking.id, by=client) == developer
    assert await presence.signal(booking.id, by=developer) == client
    told = [(e.data["account"], e.data["present"]) for e in app.live.published if "peer" in e.event]
    assert told == [(client, True), (developer, True)]


async def test_who_has_left_is_not_there_any_more(app: MemoryApp) -> None:
    booking = await open_room(app)
    presence = app.services.call_presence
    await presence.join(booking.id, "one", by=booking.client.account_id)
    app.clock.advance(5 * SECOND)
    await presence.leave(booking.id, "one", by=booking.client.account_id)

    second = await presence.join(booking.id, "two", by=booking.developer.account_id)

    assert second.other is None


async def test_signals_and_notes_are_limited(app: MemoryApp) -> None:
    booking = await open_room(app)
    by = booking.client.account_id
    for _ in range(50):
        await app.services.call_presence.signal(booking.id, by=by)
    with pytest.raises(TooManySignals):
        await app.services.call_presence.signal(booking.id, by=by)
    await app.services.call_presence.signal(booking.id, by=booking.developer.account_id)

    for number in range(120):
        await app.services.call_presence.here(booking.id, f"page-{number}", by=by)
    with pytest.raises(TooManySignals):
        await app.services.call_presence.here(booking.id, "one", by=by)


async def test_both_see_who_was_there(app: MemoryApp) -> None:
    booking = await open_room(app)
    presence, client = app.services.call_presence, booking.client.account_id
    await app.services.calls.admit(booking.id, by=booking.developer.account_id)
    await presence.join(booking.id, "one", by=client)
    for _ in range(15 * 60 // 4):
        app.clock.advance(4 * SECOND)
        await presence.here(booking.id, "one", by=client)
    await presence.leave(booking.id, "one", by=client)
    await app.pass_time(10 * MINUTE)

    meeting = await presence.of_party(booking.id, by=booking.developer.account_id)

    assert (meeting.client.verdict, meeting.client.length) == (Verdict.ATTENDED, 15 * MINUTE)
    assert meeting.developer.verdict is Verdict.TROUBLE
    assert meeting.together.total_seconds() == 0
    stranger, _ = await app.client("Nils")
    with pytest.raises(NotFound):
        await presence.of_party(booking.id, by=stranger.id)


async def test_news_of_the_provider_are_evidence_however_often_they_come(app: MemoryApp) -> None:
    booking = await open_room(app)
    by = booking.client.account_id
    admitted = await app.services.calls.admit(booking.id, by=by)
    start = app.clock.now()
    told = [
        {"kind": NewsKind.LEFT, "at": start + 20 * MINUTE},
        {"kind": NewsKind.JOINED, "at": start + 16 * MINUTE},
        {"kind": NewsKind.LEFT, "at": start + 20 * MINUTE},
        {"kind": NewsKind.OTHER, "at": start},
        {"kind": NewsKind.JOINED, "at": start, "guest": "acc_stranger"},
        {"kind": NewsKind.JOINED, "at": start, "room": "room_unknown"},
    ]
    await app.pass_time(25 * MINUTE)

    for each in told:
        usual = {"room": admitted.room, "guest": by, "connection": "PA_1"}
        body = json.dumps({**usual, **each}, default=lambda at: at.isoformat()).encode()
        headers = {SIGNATURE: signature(body)}
        await app.services.call_presence.hear("memory", headers, body)

    meeting = await app.services.call_presence.of_party(booking.id, by=by)
    assert meeting.client.verdict is Verdict.ATTENDED
    (seen,) = meeting.client.presences
    assert (seen.since, seen.until) == (start + 16 * MINUTE, start + 20 * MINUTE)
    with pytest.raises(ForgedNews):
        await app.services.call_presence.hear("memory", {}, b"{}")
    with pytest.raises(NotFound):
        await app.services.call_presence.hear("postcards", {}, b"{}")


async def test_the_provider_is_polled_for_who_is_there(app: MemoryApp) -> None:
    booking = await open_room(app)
    admitted = await app.services.calls.admit(booking.id, by=booking.client.account_id)
    assert isinstance(app.video, MemoryVideo) and app.video.enter(admitted.admission)

    for _ in range(20):
        await app.services.call_presence.poll()
        app.clock.advance(MINUTE)

    by = booking.developer.account_id
    meeting = await app.services.call_presence.of_party(booking.id, by=by)
    assert (meeting.client.verdict, meeting.client.length) == (Verdict.ATTENDED, 19 * MINUTE)
    app.video.down = True
    await app.services.call_presence.poll()


async def test_nothing_is_asked_from_browser_to_browser() -> None:
    app = memory_app()
    booking = await open_room(app)
    await app.services.calls.admit(booking.id, by=booking.client.account_id)

    await app.services.call_presence.poll()

    assert app.clock.now() > MONDAY
