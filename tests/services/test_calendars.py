"""Invitations with e-mails, files of bookings, and secret feeds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from ical.calendar_stream import IcsCalendarStream

from core.accounts import Account, AccountId
from core.bookings import Booking
from core.calendars import TooManyReads
from core.calendars_policy import CalendarPolicy
from core.dispute_parts import OfferId, Reason, WishKind
from core.errors import NotFound
from core.jobs import JobId
from core.policy import DAY, HOUR, Policies
from ports.mail import Attachment
from services.calendars import NotAgreed
from services.calendars.documents import FEEDS
from services.shared.links import call_url
from tests.app import CALLER, SITE, MemoryApp


async def two_sides(app: MemoryApp) -> tuple[Account, Account, Any]:
    meera, _ = await app.client("Meera K")
    lucia = await app.developer("Lucia F")
    account = await app.store.repositories.accounts.get(AccountId(lucia.account_id))
    return meera, account, lucia


def invitations(app: MemoryApp, account: Account) -> list[Attachment]:
    """Those of the e-mails to this person, oldest first."""
    return [file for mail in app.mailer.to(account.email) for file in mail.attachments]


def events_of(files: Sequence[Attachment | bytes]) -> list[Any]:
    texts = [each if isinstance(each, bytes) else each.content for each in files]
    found = []
    for text in texts:
        stream = IcsCalendarStream.from_ics(text.decode())
        found += [event for calendar in stream.calendars for event in calendar.events]
    return found


async def feed_of(app: MemoryApp, secret: str) -> list[Any]:
    feed = await app.services.feeds.read(secret, source="198.51.100.7")
    return events_of([await app.services.feeds.write(feed)])


async def moved(app: MemoryApp, booking: Booking) -> Booking:
    service = app.services.reschedules
    await service.propose(booking.id, by=booking.client.account_id, start=booking.start + DAY)
    after = await service.accept(booking.id, by=booking.developer.account_id)
    await app.run()
    return after


async def test_the_confirmation_invites_both_sides(app: MemoryApp) -> None:
    meera, account, lucia = await two_sides(app)
    booking = await app.confirmed(meera, lucia)

    for reader, other in ((meera, "Lucia F"), (account, "Meera K")):
        (file,) = invitations(app, reader)
        assert (file.name, file.media_type) == (
            "invite.ics",
            "text/calendar; method=REQUEST; charset=utf-8",
        )
        (event,) = events_of([file])
        assert (event.uid, event.sequence) == (f"{booking.id}@onehour.test", 0)
        assert (event.start, event.end) == (booking.start, booking.end)
        assert event.summary == f"2\N{NO-BREAK SPACE}hours with {other}"
        assert event.location == call_url(SITE, booking.id)
        assert f"Booking {booking.number}" in event.description
        assert booking.brief in event.description
        assert [str(each.uri) for each in event.attendees] == [f"mailto:{reader.email}"]


async def test_a_request_that_is_not_answered_invites_nobody(app: MemoryApp) -> None:
    meera, _, lucia = await two_sides(app)
    booking = await app.paid(meera, lucia)

    assert invitations(app, meera) == []
    with pytest.raises(NotAgreed):
        await app.services.invitations.file(booking.id, by=meera.id)
    await app.services.answers.decline(booking.id, by=lucia.account_id)
    await app.run()
    assert invitations(app, meera) == []


async def test_moves_and_the_cancellation_count_up(app: MemoryApp) -> None:
    meera, account, lucia = await two_sides(app)
    booking = await app.confirmed(meera, lucia)
    after = await moved(app, booking)
    await app.services.answers.cancel(booking.id, by=meera.id)
    await app.run()

    for reader in (meera, account):
        files = invitations(app, reader)
        events = events_of(files)
        assert [file.media_type.split("; ")[1] for file in files] == [
            "method=REQUEST",
            "method=REQUEST",
            "method=CANCEL",
        ]
        assert [(event.sequence, event.start) for event in events] == [
            (0, booking.start),
            (1, after.start),
            (2, after.start),
        ]
        assert len({event.uid for event in events}) == 1
        assert events[-1].status == "CANCELLED"


async def test_a_request_that_was_moved_is_invited_at_its_new_time(app: MemoryApp) -> None:
    meera, _, lucia = await two_sides(app)
    booking = await app.paid(meera, lucia)
    after = await moved(app, booking)
    assert invitations(app, meera) == []

    await app.services.answers.accept(booking.id, by=lucia.account_id)
    await app.run()

    (event,) = events_of(invitations(app, meera))
    assert (event.sequence, event.start) == (1, after.start)


async def test_a_case_that_cancels_the_meeting_cancels_the_invitation(app: MemoryApp) -> None:
    meera, _, lucia = await two_sides(app)
    booking = await app.confirmed(meera, lucia)
    dispute = await app.services.disputes.open(
        JobId(booking.job_id or ""), by=meera.id, reason=Reason.OTHER, wish=WishKind.ALL, text="No."
    )
    await app.services.offers.offer(dispute.id, by=lucia.account_id, refund=booking.price)
    await app.services.offers.accept(dispute.id, OfferId("ofr_1"), by=meera.id)
    await app.run()

    assert invitations(app, meera)[-1].media_type.startswith("text/calendar; method=CANCEL")


async def test_the_file_of_a_booking_has_no_addresses(app: MemoryApp) -> None:
    meera, _, lucia = await two_sides(app)
    booking = await app.confirmed(meera, lucia)

    content = await app.services.invitations.file(booking.id, by=meera.id)

    assert b"mailto" not in content
    assert b"METHOD:PUBLISH" in content
    stranger, _ = await app.client("Rohan D")
    with pytest.raises(NotFound):
        await app.services.invitations.file(booking.id, by=stranger.id)


async def test_a_feed_has_the_meetings_of_both_roles_and_nothing_else(app: MemoryApp) -> None:
    meera, account, lucia = await two_sides(app)
    booking = await app.confirmed(meera, lucia)
    await app.paid(meera, lucia, starts_in=4 * DAY)
    rohan, _ = await app.client("Rohan D")
    other = await app.confirmed(rohan, lucia, starts_in=5 * DAY)

    mine = await feed_of(app, await app.services.feeds.renew(by=meera.id))
    theirs = await feed_of(app, await app.services.feeds.renew(by=account.id))

    assert [event.uid for event in mine] == [f"{booking.id}@onehour.test"]
    assert [event.uid.partition("@")[0] for event in theirs] == [booking.id, other.id]


async def test_a_cancelled_meeting_stays_thirty_days(app: MemoryApp) -> None:
    meera, _, lucia = await two_sides(app)
    booking = await app.confirmed(meera, lucia, starts_in=50 * DAY)
    secret = await app.services.feeds.renew(by=meera.id)
    before = await app.services.feeds.read(secret, source="a")
    await app.services.answers.cancel(booking.id, by=lucia.account_id)
    await app.run()

    after = await app.services.feeds.read(secret, source="a")
    (event,) = await feed_of(app, secret)
    assert (event.status, event.sequence) == ("CANCELLED", 1)
    assert before.tag != after.tag
    await app.pass_time(30 * DAY - timedelta(seconds=1))
    assert len(await feed_of(app, secret)) == 1
    await app.pass_time(timedelta(seconds=1))
    assert await feed_of(app, secret) == []


async def test_a_past_meeting_leaves_the_feed_after_ninety_days(app: MemoryApp) -> None:
    meera, _, lucia = await two_sides(app)
    booking = await app.confirmed(meera, lucia)
    secret = await app.services.feeds.renew(by=meera.id)

    app.clock.set(booking.start + 89 * DAY)
    assert len(await feed_of(app, secret)) == 1
    app.clock.set(booking.start + 90 * DAY)
    assert await feed_of(app, secret) == []


async def test_the_tag_changes_with_the_content_only(app: MemoryApp) -> None:
    meera, _, lucia = await two_sides(app)
    booking = await app.confirmed(meera, lucia)
    secret = await app.services.feeds.renew(by=meera.id)

    first = await app.services.feeds.read(secret, source="a")
    app.clock.advance(HOUR)
    assert (await app.services.feeds.read(secret, source="a")).tag == first.tag
    await moved(app, booking)
    assert (await app.services.feeds.read(secret, source="a")).tag != first.tag


async def test_a_new_address_ends_the_one_before(app: MemoryApp) -> None:
    meera, _, _ = await two_sides(app)
    feeds = app.services.feeds
    assert await feeds.secret(by=meera.id) is None
    old = await feeds.renew(by=meera.id)
    assert await feeds.secret(by=meera.id) == old

    new = await feeds.renew(by=meera.id)

    assert new != old
    assert await feeds.read(new, source="a")
    with pytest.raises(NotFound):
        await feeds.read(old, source="a")
    await feeds.remove(by=meera.id)
    with pytest.raises(NotFound):
        await feeds.read(new, source="a")
    assert await feeds.secret(by=meera.id) is None


async def test_who_reads_the_database_does_not_know_the_address(app: MemoryApp) -> None:
    meera, _, _ = await two_sides(app)
    secret = await app.services.feeds.renew(by=meera.id)

    stored = await app.store.repositories.documents(FEEDS).find(meera.id)

    assert secret not in repr(stored)
    assert len(secret) == 43


async def test_a_suspended_person_has_no_feed(app: MemoryApp) -> None:
    meera, _, _ = await two_sides(app)
    secret = await app.services.feeds.renew(by=meera.id)
    admin = await app.admin()

    await app.services.administration.change(meera.id, by=admin, caller=CALLER, suspended=True)

    with pytest.raises(NotFound):
        await app.services.feeds.read(secret, source="a")


async def test_a_feed_and_a_network_have_limits() -> None:
    policy = CalendarPolicy(feed_reads_per_hour=3, feed_misses_per_hour=2)
    app = MemoryApp(policies=Policies(policy))
    meera, _, _ = await two_sides(app)
    secret = await app.services.feeds.renew(by=meera.id)
    feeds = app.services.feeds

    for _ in range(3):
        await feeds.read(secret, source="a")
    with pytest.raises(TooManyReads):
        await feeds.read(secret, source="b")
    for _ in range(2):
        with pytest.raises(NotFound):
            await feeds.read("guess", source="a")
    with pytest.raises(TooManyReads):
        await feeds.read("guess", source="a")
    app.clock.advance(HOUR)
    assert await feeds.read(secret, source="a")


async def test_the_export_names_the_feed_and_erasure_ends_it(app: MemoryApp) -> None:
    meera, _, _ = await two_sides(app)
    secret = await app.services.feeds.renew(by=meera.id)

    exported = await app.services.personal_data.export(meera, CALLER)
    await app.services.personal_data.erase(meera, CALLER)

    assert exported["calendar_feed"] == {"created_at": app.clock.now()}
    assert secret not in repr(exported)
    assert await app.store.repositories.documents(FEEDS).find(meera.id) is None
    with pytest.raises(NotFound):
        await app.services.feeds.read(secret, source="a")
