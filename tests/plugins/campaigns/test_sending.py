"""Who gets a campaign and when: segments, nights, weeks, refusals, and pauses by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.accounts import AccountId, Role
from core.bookings import BookingId
from core.errors import Unavailable
from core.suppressions import Suppression
from plugins.campaigns import sending
from plugins.campaigns.consents import Topic
from plugins.campaigns.model import RECIPIENTS, Segment, Since, Words
from plugins.campaigns.people import Bookings
from plugins.campaigns.returns import Returns
from tests.app import CALLER
from tests.plugins.campaigns.world import HELLO, HOUR, World, a_world

NIGHT = 15 * HOUR


@pytest.fixture
async def world() -> World:
    return await a_world()


async def reached(world: World, segment: Segment) -> int:
    count = await world.campaigns.count("", Topic.NEWS, segment, zone="Asia/Kolkata")
    return count.gets


async def finished_booking(world: World, client_name: str) -> tuple[str, str]:
    """Account and developer of a booking whose work was approved."""
    client = await world.person(client_name, Topic.NEWS)
    developer = await world.app.developer()
    job = await world.app.delivered(client, developer)
    await world.app.services.jobs.approve(job.id, by=client.id)
    await world.plugins.deliver("campaigns", "approved", {"booking": job.booking_id})
    await world.app.run()
    return client.id, developer.id


async def test_a_segment_is_by_role_zone_language_and_bookings(world: World) -> None:
    await finished_booking(world, "Priya Raman")
    madrid = await world.app.account(Role.CLIENT, "Ben Okoye", "Europe/Madrid")
    await world.consents.choose([Topic.NEWS], clicks=False, by=madrid.id)
    lucia = await world.app.developer("Chitra Rao")
    await world.consents.choose([Topic.NEWS], clicks=False, by=lucia.account_id)

    assert await reached(world, Segment()) == 2
    assert await reached(world, Segment(role=Role.DEVELOPER)) == 1
    assert await reached(world, Segment(zone="Europe/Madrid")) == 1
    assert await reached(world, Segment(zone="Europe")) == 1
    assert await reached(world, Segment(zone="Eur")) == 0
    assert await reached(world, Segment(language="en-IN")) == 2
    assert await reached(world, Segment(language="de-DE")) == 0
    assert await reached(world, Segment(skill="postgresql")) == 1
    assert await reached(world, Segment(skill="Cobol")) == 0
    assert await reached(world, Segment(since=Since.NEVER)) == 1
    assert await reached(world, Segment(since=Since.RECENT)) == 1
    assert await reached(world, Segment(since=Since.LONG_AGO)) == 0
    await world.app.pass_time(timedelta(days=90))
    assert await reached(world, Segment(since=Since.LONG_AGO)) == 1


async def test_the_words_are_those_of_the_last_booking(world: World) -> None:
    account_id, developer_id = await finished_booking(world, "Priya Raman")
    words = Words(
        subject="{{ developer }}, {{ hours }}",
        text="In {{ last_month }}: “{{ topic }}”.",
        button="See the times of {{ developer }}",
        target=HELLO.target.DEVELOPER,
    )

    campaign = await world.sent(words=words, segment=Segment(skill="PostgreSQL"))

    account = await world.app.store.repositories.accounts.get(AccountId(account_id))
    (mail,) = world.mails_of(account)
    assert mail.subject.replace("\u00a0", " ").startswith("Lucía, ")
    assert "In November: “" in mail.text
    assert f"See the times of Lucía:\nhttps://onehour.test/developers/{developer_id}" in mail.text
    assert (await world.outcomes(campaign))["Priya Raman"] == "sent"


async def test_who_agrees_after_a_booking_is_known_too(world: World) -> None:
    client, _ = await world.app.client("Priya Raman")
    job = await world.app.delivered(client, await world.app.developer())
    await world.app.services.jobs.approve(job.id, by=client.id)
    await world.app.run()

    await world.consents.choose([Topic.NEWS], clicks=False, by=client.id)
    known = await reached(world, Segment(since=Since.RECENT))
    await world.app.services.built[Bookings].finished(BookingId(job.booking_id))

    assert known == await reached(world, Segment(since=Since.RECENT)) == 1


async def test_a_word_that_is_empty_sends_no_mail_with_a_gap(world: World) -> None:
    priya = await world.person("Priya Raman", Topic.NEWS)

    campaign = await world.sent(words=replace(HELLO, text="From {{ developer }}"))

    assert await world.outcomes(campaign) == {"Priya Raman": "empty"}
    assert world.mails_of(priya) == []


async def test_nobody_gets_it_at_night_on_their_own_clocks(world: World) -> None:
    zones = ("Asia/Kolkata", "Europe/Madrid", "America/Los_Angeles", "Pacific/Auckland")
    for number, zone in enumerate(zones):
        account = await world.app.account(Role.CLIENT, f"Person {number}", zone)
        await world.consents.choose([Topic.NEWS], clicks=False, by=account.id)
    world.app.clock.advance(NIGHT)

    campaign = await world.scheduled()
    await world.let_run(hours=24)

    rows = world.app.store.repositories.documents(RECIPIENTS).each(campaign=campaign.id)
    hours = {row.zone: _hour(row.sent_at, row.zone) async for row in rows}
    assert set(hours) == set(zones)
    assert all(9 <= hour < 21 for hour in hours.values()), hours


async def test_who_is_still_waiting_when_the_night_begins_gets_it_in_the_morning(
    world: World,
) -> None:
    for number in range(5):
        await world.person(f"Person {number}", Topic.NEWS)
    world.app.clock.advance(9 * HOUR + timedelta(minutes=28))  # 20:58 in India

    campaign = await world.scheduled(rate=60)
    await world.app.run()
    for _ in range(10):
        await world.app.pass_time(timedelta(minutes=1))
    in_the_evening = list((await world.outcomes(campaign)).values()).count("sent")
    await world.let_run(hours=13)

    rows = world.app.store.repositories.documents(RECIPIENTS).each(campaign=campaign.id)
    hours = [_hour(row.sent_at, row.zone) async for row in rows]
    assert in_the_evening == 2
    assert sorted(hours) == [9, 9, 9, 20, 20]


async def test_at_most_two_a_week_and_again_a_week_later(world: World) -> None:
    priya = await world.person("Priya Raman", Topic.NEWS)
    first = await world.sent()
    await world.sent()

    third = await world.sent()
    counted = await world.campaigns.count("", Topic.NEWS, Segment(), zone="UTC")
    await world.app.pass_time(timedelta(days=7))
    fourth = await world.sent()

    assert (await world.outcomes(first), await world.outcomes(third)) == (
        {"Priya Raman": "sent"},
        {},
    )
    assert (counted.agreed, counted.enough, counted.gets) == (1, 1, 0)
    assert await world.outcomes(fourth) == {"Priya Raman": "sent"}
    assert len(world.mails_of(priya)) == 3


async def test_two_campaigns_at_once_keep_the_limit_of_the_week(world: World) -> None:
    priya = await world.person("Priya Raman", Topic.NEWS)

    campaigns = [await world.scheduled() for _ in range(4)]
    await world.let_run()

    outcomes = [(await world.outcomes(each)).get("Priya Raman") for each in campaigns]
    assert sorted(outcomes, key=str) == ["enough", "enough", "sent", "sent"]
    assert len(world.mails_of(priya)) == 2


async def test_the_speed_is_kept(world: World) -> None:
    for number in range(6):
        await world.person(f"Person {number}", Topic.NEWS)

    campaign = await world.scheduled(rate=120)
    counts = []
    for _ in range(3):
        await world.app.run()
        counts.append(list((await world.outcomes(campaign)).values()).count("sent"))
        await world.app.pass_time(timedelta(minutes=1))

    assert counts == [2, 4, 6]


async def test_an_address_that_is_refused_gets_no_mail_any_more(world: World) -> None:
    priya = await world.person("Priya Raman", Topic.NEWS)
    ben = await world.person("Ben Okoye", Topic.NEWS)
    world.app.mailer.unknown_addresses.add(priya.email)
    now = world.app.clock.now()
    await world.app.store.repositories.suppressions.add(Suppression(ben.email, "Unknown.", now))

    campaign = await world.sent()
    counted = await world.campaigns.count("", Topic.NEWS, Segment(), zone="UTC")

    assert await world.outcomes(campaign) == {"Priya Raman": "bounced"}
    assert await world.app.store.repositories.suppressions.find(priya.email)
    assert (counted.agreed, counted.returns, counted.gets) == (2, 2, 0)


async def test_a_mail_that_is_refused_for_its_content_ends_only_itself(world: World) -> None:
    await world.person("Priya Raman", Topic.NEWS)
    await world.person("Ben Okoye", Topic.NEWS)
    world.app.mailer.rejected_texts.add("Dear Priya")

    campaign = await world.sent()

    assert await world.outcomes(campaign) == {"Priya Raman": "failed", "Ben Okoye": "sent"}


async def test_a_mail_server_that_is_down_is_tried_again_for_days(world: World) -> None:
    priya = await world.person("Priya Raman", Topic.NEWS)
    world.app.mailer.down = True
    campaign = await world.scheduled()
    await world.let_run(hours=2)
    attempts = world.app.mailer.attempts

    world.app.mailer.down = False
    await world.let_run(hours=20)

    assert 2 <= attempts - 1 <= 4, "not more often than every 30 minutes"
    assert await world.outcomes(campaign) == {"Priya Raman": "sent"}
    assert len(world.mails_of(priya)) == 1


async def test_a_database_that_does_not_answer_for_a_while_repeats_no_mail(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "RECORD_AGAIN_S", (0.0, 0.0))
    priya = await world.person("Priya Raman", Topic.NEWS)
    store, transact = world.app.store, world.app.store.transact
    failures = list[object]()

    async def failing(step: Any) -> Any:
        if world.mails_of(priya) and len(failures) < 7:
            failures.append(step)
            raise Unavailable
        return await transact(step)

    monkeypatch.setattr(store, "transact", failing)
    campaign = await world.sent()

    assert await world.outcomes(campaign) == {"Priya Raman": "sent"}
    assert (len(failures), len(world.mails_of(priya))) == (7, 1)


async def test_after_four_days_it_is_given_up(world: World) -> None:
    await world.person("Priya Raman", Topic.NEWS)
    world.app.mailer.down = True
    campaign = await world.scheduled()

    for _ in range(20):
        await world.app.pass_time(timedelta(hours=8))

    assert await world.outcomes(campaign) == {"Priya Raman": "failed"}
    assert (await world.campaigns.get(campaign.id)).state == "done"


async def test_it_pauses_by_itself_when_many_mails_come_back(world: World) -> None:
    for number in range(30):
        account = await world.person(f"Person {number}", Topic.NEWS)
        if number % 2:
            world.app.mailer.unknown_addresses.add(account.email)

    campaign = await world.sent()

    stored = await world.campaigns.get(campaign.id)
    findings = await world.app.store.repositories.findings.open()
    assert (stored.state, stored.by) == ("paused", "The site")
    assert stored.reason.endswith("mails came back.")
    assert [each.kind for each in findings] == ["campaign_paused"]
    assert list((await world.outcomes(campaign)).values()).count("waiting") > 0


async def test_what_comes_back_later_is_counted_once_and_a_complaint_withdraws(
    world: World,
) -> None:
    priya = await world.person("Priya Raman", Topic.NEWS)
    ben = await world.person("Ben Okoye", Topic.NEWS)
    first, second = await world.sent(), await world.sent()
    suppressions = world.app.store.repositories.suppressions
    now = world.app.clock.now()
    await suppressions.add(Suppression(priya.email, "Came back.", now))
    await suppressions.add(Suppression(ben.email, "Unwanted.", now, complaint=True))

    for _ in range(3):
        await world.app.services.built[Returns].read()
        world.app.clock.advance(timedelta(minutes=5))

    assert await world.outcomes(first) == {"Priya Raman": "sent", "Ben Okoye": "sent"}
    assert await world.outcomes(second) == {"Priya Raman": "bounced", "Ben Okoye": "complained"}
    consent = await world.consents.find(ben.id)
    assert (consent.topics, consent.changes[-1].way) == ((), "complaint")
    assert (await world.consents.find(priya.id)).topics


async def test_it_pauses_by_itself_after_complaints(world: World) -> None:
    people = [await world.person(f"Person {number}", Topic.NEWS) for number in range(5)]
    campaign = await world.scheduled(rate=60)
    await world.app.run()
    for _ in range(3):
        await world.app.pass_time(timedelta(minutes=1))
    for each in people:
        if world.mails_of(each):
            now = world.app.clock.now()
            listed = Suppression(each.email, "Unwanted.", now, complaint=True)
            await world.app.store.repositories.suppressions.add(listed)
    await world.app.services.built[Returns].read()

    await world.let_run(hours=1)

    stored = await world.campaigns.get(campaign.id)
    assert (stored.state, stored.reason) == ("paused", "4 of 5 people complained.")


async def test_a_campaign_waits_for_its_start(world: World) -> None:
    priya = await world.person("Priya Raman", Topic.NEWS)
    draft = await world.draft()
    start = world.app.clock.now() + 3 * HOUR
    await world.campaigns.schedule(
        draft.id, starts_at=start, rate=60, by=world.admin, caller=CALLER
    )

    await world.let_run(hours=2)
    before = len(world.mails_of(priya))
    await world.let_run(hours=2)

    assert (before, len(world.mails_of(priya))) == (0, 1)


async def test_an_account_that_is_erased_or_suspended_gets_nothing(world: World) -> None:
    priya = await world.person("Priya Raman", Topic.NEWS)
    ben = await world.person("Ben Okoye", Topic.NEWS)
    campaign = await world.scheduled(rate=60)
    accounts = world.app.store.repositories.accounts
    await accounts.save((await accounts.get(ben.id)).suspend(now=world.app.clock.now()))
    exported = await world.app.services.personal_data.export(priya, CALLER)
    await world.app.services.personal_data.erase(priya, CALLER)

    await world.let_run()

    assert exported["campaign_consent"]["topics"] == ["news"]
    assert not (await world.consents.find(priya.id)).topics
    assert await world.outcomes(campaign) == {}
    assert world.mails_of(ben) == world.mails_of(priya) == []


def _hour(moment: datetime | None, zone: str) -> int:
    assert moment
    return moment.astimezone(ZoneInfo(zone)).hour
