"""Reviews: from paid work only, sealed until both are written or the time is up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.developers import Rating
from core.errors import Invalid, NotFound
from plugins.feedback.model import (
    AlreadyReplied,
    AlreadyReviewed,
    NotApproved,
    NotShown,
    State,
    TooLateToReply,
    TooLateToReview,
)
from tests.plugins.feedback.world import NO_ASPECTS, World


async def test_a_review_is_sealed_until_the_other_side_has_written(world: World) -> None:
    job = await world.approved()

    first = await world.from_client(job, 5)
    before = await world.page(f"/developers/{world.developer.id}")
    second = await world.from_developer(job, 4)
    after = await world.page(f"/developers/{world.developer.id}")

    assert (first.state, second.state) == (State.SEALED, State.SHOWN)
    assert "Clear and quick." not in before and "No reviews yet" in before
    assert "Clear and quick." in after and "of 5, from 1\N{NO-BREAK SPACE}review" in after
    assert (await world.app.store.repositories.developers.get(world.developer.id)).rating == Rating(
        500, 1
    )
    assert (await world.feedback.summary(job.client.id)).rating == Rating(400, 1)


async def test_neither_side_reads_the_sealed_review_of_the_other(world: World) -> None:
    job = await world.approved()
    developer = await world.developer_account()

    await world.from_client(job)
    theirs = await world.page(f"/bookings/{job.booking_id}", developer)
    own = await world.page(f"/bookings/{job.booking_id}", world.client)

    assert "Clear and quick." not in theirs and "Write a review" in theirs
    assert "Clear and quick." in own and "Sealed until Lucía has written too" in own


async def test_what_one_side_wrote_is_shown_when_the_time_is_up(world: World) -> None:
    job = await world.approved()
    await world.from_client(job)

    booking = await world.app.booking(job.booking_id)
    closes = booking.end + timedelta(days=14)
    await world.app.pass_time(closes - world.app.clock.now() - timedelta(seconds=1))
    sealed, _ = await world.feedback.about(world.developer.id)
    await world.app.pass_time(timedelta(seconds=1))
    (shown,), _ = await world.feedback.about(world.developer.id)

    assert sealed == ()
    assert (shown.opinion.text, shown.state) == ("Clear and quick.", State.SHOWN)
    with pytest.raises(TooLateToReview):
        await world.from_developer(job)


async def test_work_that_is_not_approved_cannot_be_reviewed(world: World) -> None:
    job = await world.app.delivered(world.client, world.developer)

    with pytest.raises(NotApproved):
        await world.from_client(job)

    assert "Write a review" not in await world.page(f"/bookings/{job.booking_id}", world.client)


async def test_others_cannot_write_and_nobody_writes_twice(world: World) -> None:
    job = await world.approved()
    stranger, _ = await world.app.client("Ravi Iyer")
    await world.from_client(job)

    with pytest.raises(NotFound):
        await world.feedback.write(job.id, by=stranger.id, rating=1, aspects=NO_ASPECTS, text="Hm.")
    with pytest.raises(AlreadyReviewed):
        await world.from_client(job, 1)


@pytest.mark.parametrize(
    ("rating", "aspects", "text", "fields"),
    [
        (0, NO_ASPECTS, "Good.", {"rating"}),
        (6, NO_ASPECTS, " ", {"rating", "text"}),
        (5, (6, 0, 0), "Good.", {"aspects"}),
        (5, (1, 2), "Good.", {"aspects"}),
        (5, NO_ASPECTS, "g" * 4001, {"text"}),
    ],
)
async def test_what_is_not_valid_is_named_and_nothing_is_stored(
    world: World, rating: int, aspects: tuple[int, ...], text: str, fields: set[str]
) -> None:
    job = await world.approved()

    with pytest.raises(Invalid) as refused:
        await world.feedback.write(
            job.id, by=world.client.id, rating=rating, aspects=aspects, text=text
        )

    assert set(refused.value.fields) == fields
    view = await world.feedback.view(job.id, by=world.client.id)
    assert view and view.mine is None


async def test_a_job_approved_while_the_plugin_was_off_can_be_reviewed(world: World) -> None:
    job = await world.app.delivered(world.client, world.developer)
    await world.app.services.jobs.approve(job.id, by=world.client.id)

    review = await world.from_client(job)

    assert review.state is State.SEALED


async def test_the_reviewed_person_replies_once_in_time(world: World) -> None:
    job = await world.approved()
    review = await world.from_client(job)
    with pytest.raises(NotShown):
        await world.feedback.reply(review.id, by=world.developer.account_id, text="Early.")
    await world.from_developer(job)

    with pytest.raises(NotFound):
        await world.feedback.reply(review.id, by=world.client.id, text="Mine.")
    replied = await world.feedback.reply(review.id, by=world.developer.account_id, text="Thanks.")

    assert "Thanks." in await world.page(f"/developers/{world.developer.id}")
    with pytest.raises(AlreadyReplied):
        await world.feedback.reply(replied.id, by=world.developer.account_id, text="Again.")


async def test_a_reply_comes_within_four_weeks(world: World) -> None:
    job = await world.approved()
    review = await world.from_client(job)
    await world.from_developer(job)

    await world.app.pass_time(timedelta(days=28))

    with pytest.raises(TooLateToReply):
        await world.feedback.reply(review.id, by=world.developer.account_id, text="Late.")


async def test_who_has_not_written_is_invited_after_the_meeting_reminded_and_told(
    world: World,
) -> None:
    job = await world.approved()
    booking = await world.app.booking(job.booking_id)
    developer = await world.developer_account()
    early = [message.subject for message in world.app.mailer.to(world.client.email)]
    await world.from_client(job)
    await world.app.pass_time(booking.end - world.app.clock.now() + timedelta(days=11))
    await world.app.pass_time(timedelta(days=3))

    def reviews(address: str) -> list[str]:
        subjects = [message.subject for message in world.app.mailer.to(address)]
        words = ("How was the work", "Reminder: your review", "reviewed you")
        return [each.partition(" (")[0] for each in subjects if any(w in each for w in words)]

    assert not [each for each in early if "How was the work" in each]
    assert reviews(world.client.email) == [], "has written before"
    assert reviews(developer.email) == [
        "How was the work with Meera?",
        "Reminder: your review of Meera",
        "Meera reviewed you",
    ]


async def test_the_rating_is_in_search_rows_and_the_api(world: World) -> None:
    job = await world.approved()
    await world.from_client(job, 4)
    await world.from_developer(job)

    html = await world.page("/developers")
    browser = await world.browser()
    api = "/api/v1/developers?sort=rating&min_rating="
    found = await (await browser.ask("GET", f"{api}4")).get_json()
    higher = await (await browser.ask("GET", f"{api}4.5")).get_json()

    (card,) = found["items"]
    assert card["rating"] == {"average": 4.0, "count": 1}
    assert found["relaxed"] is None and higher["relaxed"]["filters"] == ["min_rating"]
    assert "<b>4.0</b>" in html and 'name="min_rating"' in html and 'value="rating"' in html


async def test_a_profile_says_how_many_are_recent_and_which_booking_it_was(world: World) -> None:
    first, second = await world.approved(), await world.approved()
    for job in (first, second):
        await world.from_client(job)
        await world.from_developer(job)

    def facts(html: str) -> tuple[int, bool, bool]:
        return html.count("second booking"), "2 of 2" in html, "0 of 2" in html

    now = await world.page(f"/developers/{world.developer.id}")
    world.app.clock.advance(timedelta(days=366))
    later = await world.page(f"/developers/{world.developer.id}")

    assert (facts(now), facts(later)) == ((1, True, False), (1, False, True))
