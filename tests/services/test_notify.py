"""One fact is told to each person once on each channel, as they have chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.memory.live import PublishedEvent
from core.accounts import Account
from core.accounts_messages import AccountEmail
from core.bookings import Booking
from core.errors import Invalid
from core.notice_preferences import QuietHours
from core.notifications import (
    EMAIL,
    HERE,
    Area,
    BookingNews,
    Notification,
    NotifyAccount,
    NotifyParty,
)
from core.outbox import OutboxMessage, State, message
from core.policy import DAY, HOUR, MINUTE
from services.accounts import ChangeEmail
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies
from services.shared.notices import MESSAGES, Notice, NoticeReader
from tests.app import CALLER, MemoryApp
from tests.services.booking_emails import Scene, scene

NIGHT = QuietHours("22:00", "07:30")


async def greeting(_: object, about: NoticeReader) -> ChangeEmail | None:
    facts = AccountEmail("greeted", about.account.email, about.account.timezone)
    return None if about.delivery.subject == "gone" else ChangeEmail(about.site, about.now, facts)


def nothing(dependencies: Dependencies, built: Built) -> Mapping[str, object]:
    return {}


GREETINGS = Capability(
    name="greetings",
    build=nothing,
    personal_data=None,
    notices=(
        Notice("greeted", "accounts/two_factor_on", MESSAGES, context=greeting, unless_read=True),
    ),
)


async def choose(app: MemoryApp, by: str, quiet: QuietHours | None = None) -> None:
    await app.services.notice_preferences.change({}, quiet, by=by)


async def turn_off(app: MemoryApp, by: str, group: str, channel: str) -> None:
    await app.services.notice_preferences.change({(group, channel): False}, None, by=by)


async def entries(app: MemoryApp, by: str) -> list[Notification]:
    return list((await app.services.notifications.page(by=by, limit=100)).items)


async def kinds(app: MemoryApp, by: str) -> list[str]:
    return [each.notice for each in await entries(app, by)]


async def confirmed(here: Scene, starts_in: timedelta = 3 * DAY) -> Booking:
    """Paid now, and accepted a minute later."""
    booking = await here.paid(starts_in)
    here.app.clock.advance(MINUTE)
    await here.app.services.answers.accept(booking.id, by=here.developer.id)
    return await here.current(booking)


def mailed(app: MemoryApp, account: Account) -> list[str]:
    """The kinds of the e-mails about bookings."""
    return [each.id.split(".")[1] for each in app.mailer.to(account.email) if "." in each.id]


async def test_each_step_of_a_booking_is_in_the_list_of_both_and_in_their_mailboxes() -> None:
    here = await scene()
    booking = await confirmed(here)
    app, meera, lucia = here.app, here.client, here.developer

    assert await kinds(app, meera.id) == ["accepted", "paid"]
    assert await kinds(app, lucia.id) == ["accepted", "requested"]
    assert mailed(app, meera)[-2:] == ["paid", "accepted"]
    accepted, paid = await entries(app, meera.id)
    assert accepted == Notification(
        id=accepted.id,
        account_id=meera.id,
        notice="accepted",
        area=Area.BOOKINGS,
        at=app.clock.now(),
        expires_at=app.clock.now() + 180 * DAY,
        booking_id=booking.id,
        fact=accepted.fact,
        actor=lucia.id,
        until=booking.start,
    )
    assert (paid.area, paid.until) == (Area.MONEY, booking.accept_by)


async def test_what_people_did_themselves_is_in_their_list_as_read() -> None:
    here = await scene()
    await confirmed(here)

    mine, requested = await entries(here.app, here.developer.id)

    assert (mine.notice, mine.read_at) == ("accepted", here.app.clock.now())
    assert (requested.notice, requested.read_at) == ("requested", None)
    assert await here.app.services.notifications.unread(by=here.developer.id) == 1


async def test_open_browsers_of_the_account_hear_of_a_new_entry() -> None:
    here = await scene()
    await confirmed(here)
    accepted, _ = await entries(here.app, here.client.id)

    new = {"id": accepted.id, "kind": "accepted"}
    assert PublishedEvent(f"account:{here.client.id}", "notification:new", new) in (
        here.app.live.published
    )


async def test_a_channel_that_was_turned_off_gets_nothing() -> None:
    here = await scene()
    await turn_off(here.app, here.client.id, "bookings", EMAIL)
    await turn_off(here.app, here.developer.id, "bookings", HERE)

    await confirmed(here)

    assert await kinds(here.app, here.client.id) == ["accepted", "paid"]
    assert mailed(here.app, here.client)[-1] == "paid"
    assert await kinds(here.app, here.developer.id) == []
    assert mailed(here.app, here.developer)[-2:] == ["requested", "accepted"]


@pytest.mark.parametrize("channel", [HERE, EMAIL])
@pytest.mark.parametrize("group", ["payments", "security"])
async def test_what_proves_money_and_access_cannot_be_turned_off(
    app: MemoryApp, group: str, channel: str
) -> None:
    meera, _ = await app.client()

    with pytest.raises(Invalid) as refused:
        await turn_off(app, meera.id, group, channel)

    assert "always on: " in refused.value.fields["choices"]


@pytest.mark.parametrize(("group", "channel"), [("nothing", EMAIL), ("bookings", "pigeon")])
async def test_unknown_kinds_and_channels_are_refused(
    app: MemoryApp, group: str, channel: str
) -> None:
    with pytest.raises(Invalid):
        await turn_off(app, "acc_1", group, channel)


async def night_scene() -> Scene:
    """At 22:30 in India, where the client has quiet hours."""
    here = await scene()
    booking_time = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
    await choose(here.app, here.client.id, NIGHT)
    here.app.clock.advance(booking_time - here.app.clock.now())
    return here


async def test_mail_waits_until_the_morning_and_the_list_does_not() -> None:
    here = await night_scene()
    await confirmed(here)
    assert await kinds(here.app, here.client.id) == ["accepted", "paid"]
    assert mailed(here.app, here.client)[-1] == "paid", "money does not wait"

    await here.app.pass_time(9 * HOUR - 2 * MINUTE)
    assert mailed(here.app, here.client)[-1] == "paid"
    await here.app.pass_time(MINUTE)

    assert mailed(here.app, here.client)[-1] == "accepted"


async def test_mail_that_would_come_in_the_last_hour_before_the_meeting_does_not_wait() -> None:
    here = await night_scene()

    await confirmed(here, starts_in=9 * HOUR + 45 * MINUTE)

    assert mailed(here.app, here.client)[-1] == "accepted"


async def test_codes_and_security_do_not_wait_and_are_in_the_list_once() -> None:
    here = await night_scene()
    app, meera = here.app, here.client
    await app.services.factors.set_two_factor(meera.id, on=True, caller=CALLER)
    await app.run()

    assert app.mailer.to(meera.email)[-1].subject == "Log-ins now ask for a code"
    (entry,) = await entries(app, meera.id)
    assert (entry.notice, entry.area, entry.actor) == ("two_factor_on", Area.ACCOUNT, "")


async def told(app: MemoryApp, account: Account, key: str = "1", subject: str = "") -> None:
    payload = NotifyAccount("greeted", account.id, fact="hello", subject=subject)
    await app.store.repositories.outbox.add(message(payload, key, due_at=app.clock.now()))


async def test_one_fact_is_told_once_however_often_it_is_reported() -> None:
    app = MemoryApp(added=(GREETINGS,))
    meera, _ = await app.client()
    for key in ("1", "2", "3"):
        await told(app, meera, key)
    await app.run()

    assert await kinds(app, meera.id) == ["greeted"]
    assert mailed(app, meera).count("greeted") == 1


async def test_a_relay_that_dies_between_the_steps_repeats_nothing() -> None:
    """The handler runs again from the start after each death, as after a lost lease."""
    app = MemoryApp(added=(GREETINGS,))
    meera, _ = await app.client()
    payload = NotifyAccount("greeted", meera.id, fact="hello")
    handle = app.services.outbox.handlers[NotifyAccount.kind].run
    published = len(app.live.published)

    await handle(payload)
    await app.run()
    await handle(payload)
    await app.run()

    assert await kinds(app, meera.id) == ["greeted"]
    assert mailed(app, meera).count("greeted") == 1
    assert len(app.live.published) == published + 1


async def test_a_step_tells_both_parties_once_when_its_message_runs_again() -> None:
    here = await scene()
    booking, app = await here.paid(3 * DAY), here.app
    app.clock.advance(MINUTE)
    await app.services.answers.accept(booking.id, by=here.developer.id)
    handler = app.services.outbox.handlers[BookingNews.kind]
    news = await find_news(app, booking)

    for _ in range(2):  # as after a lost lease, while and after its mails are sent
        await handler(news)
        await handler(news)
        await app.run()

    for account in (here.client, here.developer):
        assert (await kinds(app, account.id))[0] == "accepted"
        assert (await kinds(app, account.id)).count("accepted") == 1
        assert mailed(app, account).count("accepted") == 1
        new = [e for e in app.live.published if e.event == "notification:new"]
        of_account = [e.data["kind"] for e in new if e.room == f"account:{account.id}"]
        assert of_account.count("accepted") == 1


async def test_a_party_that_was_told_before_does_not_keep_the_other_from_being_told() -> None:
    """A worker of an earlier version tells each party by a message of its own."""
    here = await scene()
    booking, app = await here.paid(3 * DAY), here.app
    app.clock.advance(MINUTE)
    await app.services.answers.accept(booking.id, by=here.developer.id)
    news = BookingNews.decode((await find_news(app, booking)).payload)
    earlier = NotifyParty("accepted", here.client.id, booking.id, news.fact)
    await app.services.outbox.handlers[NotifyParty.kind].run(earlier)

    await app.run()

    for account in (here.client, here.developer):
        assert (await kinds(app, account.id)).count("accepted") == 1
        assert mailed(app, account).count("accepted") == 1


async def find_news(app: MemoryApp, booking: Booking) -> OutboxMessage:
    ready = await app.store.repositories.outbox.in_state(State.READY, limit=100)
    (found,) = (each for each in ready if each.kind == BookingNews.kind)
    assert found.payload["booking"] == booking.id
    return found


async def test_what_was_read_by_then_is_not_mailed() -> None:
    app = MemoryApp(added=(GREETINGS,))
    meera, _ = await app.client()
    await choose(app, meera.id, QuietHours("06:00", "12:00"))
    await told(app, meera)
    await app.run()
    await app.services.notifications.read_all(by=meera.id)

    await app.pass_time(DAY)

    assert mailed(app, meera).count("greeted") == 0


async def test_what_has_nothing_to_tell_any_more_is_not_mailed() -> None:
    app = MemoryApp(added=(GREETINGS,))
    meera, _ = await app.client()
    await told(app, meera, subject="gone")
    await app.run()

    assert mailed(app, meera).count("greeted") == 0


async def test_an_erased_person_is_told_nothing() -> None:
    app = MemoryApp(added=(GREETINGS,))
    meera, _ = await app.client()
    await app.services.personal_data.erase(meera, CALLER)
    await app.run()
    await told(app, meera)
    await app.run()

    assert await entries(app, meera.id) == []


async def test_reading_some_leaves_the_others_and_those_of_others_as_they_are() -> None:
    here = await scene()
    app, meera = here.app, here.client
    booking = await confirmed(here)
    app.clock.advance(MINUTE)
    await here.app.services.jobs.deliver(
        (await app.job(await here.current(booking))).id, by=here.developer.id, note="Done."
    )
    await app.run()
    delivered, accepted, paid = await entries(app, meera.id)
    (other,) = [each for each in await entries(app, here.developer.id) if not each.read_at]

    await app.services.notifications.read([accepted.id, other.id, "unknown"], by=meera.id)
    await app.run()

    later = app.clock.now()
    assert await entries(app, meera.id) == [
        delivered,
        replace(accepted, read_at=later, version=1),
        paid,
    ]
    assert await app.services.notifications.unread(by=here.developer.id) == 1
    assert app.live.published[-1] == PublishedEvent(
        f"account:{meera.id}", "notifications:read", {"ids": [accepted.id]}
    )


async def test_all_of_very_many_are_read_at_once() -> None:
    app = MemoryApp(added=(GREETINGS,))
    meera, _ = await app.client()
    for number in range(120):
        payload = NotifyAccount("greeted", meera.id, fact=f"{number}")
        await app.store.repositories.outbox.add(
            message(payload, f"{number}", due_at=app.clock.now())
        )
    await app.run()
    assert await app.services.notifications.unread(by=meera.id) == 100, "not counted further"

    await app.services.notifications.read_all(by=meera.id)

    assert await app.services.notifications.unread(by=meera.id) == 0


async def test_the_list_and_the_choices_are_exported_and_erased() -> None:
    app = MemoryApp(added=(GREETINGS,))
    meera, _ = await app.client()
    await told(app, meera)
    await app.run()
    await choose(app, meera.id, NIGHT)

    exported = await app.services.personal_data.export(meera, CALLER)
    await app.services.personal_data.erase(meera, CALLER)

    assert [each["notice"] for each in exported["notifications"]] == ["greeted"]
    assert exported["notice_preferences"][0]["quiet"] == {"start": "22:00", "end": "07:30"}
    assert await entries(app, meera.id) == []
    assert (await app.services.notice_preferences.find(by=meera.id)).quiet is None
