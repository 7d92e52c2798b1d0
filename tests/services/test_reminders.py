"""Reminders of meetings: to both, once, and never of a meeting that is not."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.memory.clock import FixedClock
from core.bookings import Booking
from core.notifications import EMAIL
from core.policy import DAY, HOUR, MINUTE, Policies
from core.reminders import NOTICE, RemindOfMeeting, reminder_times
from core.reminders_policy import ReminderPolicy
from services.bootstrap import CAPABILITIES
from services.notifications.documents import NOTIFICATIONS
from services.shared.capabilities import documents_of
from services.shared.links import call_url
from services.shared.notices import REMINDERS
from tests.app import MONDAY, SITE, MemoryApp, memory_app
from tests.services.test_dispute_kills import KillableStore, Killed

SECOND = timedelta(seconds=1)


async def a_meeting(app: MemoryApp, **fields: object) -> Booking:
    meera, _ = await app.client("Meera K")
    lucia = await app.developer("Lucia F")
    booking = await app.confirmed(meera, lucia, **fields)
    app.mailer.sent.clear()
    return booking


def reminded(app: MemoryApp) -> list[tuple[str, str]]:
    """Who got a reminder by e-mail, and how long before the start it says."""
    return sorted(
        (mail.to.partition("-")[0], mail.subject.partition(":")[0])
        for mail in app.mailer.sent
        if f".{NOTICE}." in mail.id
    )


async def listed(app: MemoryApp, account: str) -> int:
    stored = app.store.repositories.documents(NOTIFICATIONS).each(account_id=account)
    return len([each async for each in stored if each.notice == NOTICE])


async def test_both_sides_are_reminded_three_times(app: MemoryApp) -> None:
    booking = await a_meeting(app)

    for before in (DAY, HOUR, 10 * MINUTE):
        app.clock.set(booking.start - before - SECOND)
        await app.run()
        assert reminded(app) == []
        app.clock.set(booking.start - before)
        await app.run()
        assert [to for to, _ in reminded(app)] == ["lucia", "meera"], before
        app.mailer.sent.clear()
    app.clock.set(booking.end)
    await app.run()

    assert reminded(app) == []
    assert await listed(app, booking.client.account_id) == 3
    assert await listed(app, booking.developer.account_id) == 3


async def test_the_e_mail_has_the_time_and_the_way_to_join(app: MemoryApp) -> None:
    booking = await a_meeting(app)
    app.clock.set(booking.start - HOUR)
    await app.run()

    mail = next(m for m in app.mailer.sent if m.to.startswith("meera") and NOTICE in m.id)

    assert mail.subject == (
        "In 1\N{NO-BREAK SPACE}hour: 2\N{NO-BREAK SPACE}hours with Lucia, "
        f"Thu 26 Nov 2026, 11:30 IST ({booking.number})"
    )
    assert call_url(SITE, booking.id) in mail.text
    assert f"> {booking.brief}" in mail.text


@pytest.mark.parametrize(("starts_in", "most"), [(23 * HOUR, 2), (5 * HOUR, 2), (25 * HOUR, 3)])
async def test_what_is_past_when_the_booking_is_confirmed_is_not_sent(
    app: MemoryApp, starts_in: timedelta, most: int
) -> None:
    booking = await a_meeting(app, starts_in=starts_in)

    await app.pass_time(MINUTE)
    assert reminded(app) == []
    for _ in range(26 * 6):
        await app.pass_time(10 * MINUTE)

    assert await listed(app, booking.client.account_id) == most


async def test_a_cancelled_meeting_is_not_reminded_of(app: MemoryApp) -> None:
    booking = await a_meeting(app)
    await app.services.answers.cancel(booking.id, by=booking.client.account_id)

    await app.pass_time(4 * DAY)

    assert await listed(app, booking.developer.account_id) == 0


@pytest.mark.parametrize("by", [DAY, -DAY, 30 * MINUTE])
async def test_a_moved_meeting_is_reminded_of_at_its_new_time(
    app: MemoryApp, by: timedelta
) -> None:
    booking = await a_meeting(app)
    service = app.services.reschedules
    await service.propose(booking.id, by=booking.client.account_id, start=booking.start + by)
    moved = await service.accept(booking.id, by=booking.developer.account_id)

    found = list[timedelta]()
    while app.clock.now() < max(booking.start, moved.start):
        app.mailer.sent.clear()
        await app.pass_time(10 * MINUTE)
        found += [moved.start - app.clock.now()] * (len(reminded(app)) // 2)

    assert found == [DAY, HOUR, 10 * MINUTE]


async def test_a_meeting_that_moves_there_and_back_is_reminded_of_once(app: MemoryApp) -> None:
    booking = await a_meeting(app)
    service, client, developer = (
        app.services.reschedules,
        booking.client.account_id,
        booking.developer.account_id,
    )
    for start in (booking.start + DAY, booking.start):
        await service.propose(booking.id, by=client, start=start)
        await service.accept(booking.id, by=developer)

    await app.pass_time(2 * DAY)
    for _ in range(24 * 6):
        await app.pass_time(10 * MINUTE)

    assert await listed(app, client) == 3


async def test_after_an_outage_only_the_latest_reminder_is_sent(app: MemoryApp) -> None:
    booking = await a_meeting(app)

    app.clock.set(booking.start - 5 * MINUTE)
    await app.run()

    assert [words.replace("\N{NO-BREAK SPACE}", " ") for _, words in reminded(app)] == (
        ["In 5 min"] * 2
    )
    app.clock.set(booking.start)
    await app.run()
    assert await listed(app, booking.client.account_id) == 1


async def test_an_e_mail_that_waited_for_the_server_is_void_when_it_is_no_longer_true(
    app: MemoryApp,
) -> None:
    booking = await a_meeting(app)
    app.mailer.down = True
    app.clock.set(booking.start - DAY)
    await app.run()
    await app.services.answers.cancel(booking.id, by=booking.developer.account_id)
    app.mailer.down = False

    await app.pass_time(2 * HOUR)

    assert reminded(app) == []


async def test_each_person_chooses_the_channels(app: MemoryApp) -> None:
    booking = await a_meeting(app)
    await app.services.notice_preferences.change(
        {(REMINDERS.name, EMAIL): False}, None, by=booking.client.account_id
    )
    app.clock.set(booking.start - HOUR)
    await app.run()

    assert [to for to, _ in reminded(app)] == ["lucia"]
    assert await listed(app, booking.client.account_id) == 1


def test_the_times_to_come_are_those_of_the_policy() -> None:
    assert ReminderPolicy().meeting_reminders == (DAY, HOUR, 10 * MINUTE)


async def test_a_repeated_run_reminds_nobody_again(app: MemoryApp) -> None:
    booking = await a_meeting(app)
    app.clock.set(booking.start - HOUR)
    await app.run()
    app.mailer.sent.clear()

    await app.services.reminders.remind(RemindOfMeeting(booking.id, booking.start, 60))
    await app.run()

    assert reminded(app) == []
    assert reminder_times(booking, now=app.clock.now(), policy=ReminderPolicy()) == (
        (10 * MINUTE, booking.start - 10 * MINUTE),
    )


async def prepared() -> tuple[KillableStore, MemoryApp, Booking]:
    clock = FixedClock(MONDAY)
    store = KillableStore(clock, documents=documents_of(CAPABILITIES))
    app = MemoryApp(clock=clock, store=store)
    booking = await a_meeting(app)
    app.clock.set(booking.start - HOUR)
    return store, app, booking


async def test_killed_at_a_crossing_both_are_reminded_and_listed_once() -> None:
    """At each crossing of the database port while the reminder runs."""
    store, app, _ = await prepared()
    before = store.crossed
    await app.run()
    crossings = store.crossed - before
    assert crossings > 20

    for number in range(0, crossings, 3):
        store, app, booking = await prepared()
        store.left = number
        with pytest.raises(Killed):
            await app.run()
        store.left = None
        app.clock.advance(20 * MINUTE)  # the leases of the killed relay end
        await app.run()

        for side in (booking.client, booking.developer):
            assert await listed(app, side.account_id) == 1, number
        mails = [mail.id for mail in app.mailer.sent if NOTICE in mail.id]
        assert len(set(mails)) == 2, number
        assert len(mails) <= 3, number  # what was sent before the kill has the same id


async def waiting(app: MemoryApp) -> int:
    ready = await app.store.repositories.outbox.in_state("ready", limit=100)
    return len([each for each in ready if each.kind == RemindOfMeeting.kind])


async def test_bookings_of_a_version_without_reminders_get_them_once() -> None:
    app = memory_app(policies=Policies(ReminderPolicy(meeting_reminders=())))
    booking = await a_meeting(app)
    completing = replace(app.services.reminders, policy=ReminderPolicy())

    assert await waiting(app) == 0
    await completing.complete()
    assert await waiting(app) == 0  # it is in more than a day
    app.clock.set(booking.start - DAY - HOUR)
    await asyncio.gather(completing.complete(), completing.complete())
    await completing.complete()
    app.clock.set(booking.start - DAY)
    await app.run()

    assert [to for to, _ in reminded(app)] == ["lucia", "meera"]
    app.clock.set(booking.start - HOUR)
    await completing.complete()
    await app.run()
    assert [to for to, _ in reminded(app)] == ["lucia", "lucia", "meera", "meera"]
