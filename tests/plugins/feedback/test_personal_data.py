"""Export and erasure of what reviews say about people."""

from __future__ import annotations

from core.accounts import ERASED_NAME
from tests.app import CALLER
from tests.plugins.feedback.world import World

THANKS = "Thank you, Meera."


async def test_the_export_has_own_reviews_reports_and_those_that_are_shown(world: World) -> None:
    shown, sealed = await world.approved(), await world.approved()
    await world.from_client(shown, text="Mine, shown.")
    await world.from_developer(shown, text="About me, shown.")
    await world.from_developer(sealed, text="About me, sealed.")
    await world.moderation.report_threat(sealed.id, by=world.client.id, reason="Pay or else.")

    exported = await world.app.services.personal_data.export(world.client, CALLER)

    assert [each["opinion"]["text"] for each in exported["reviews"]] == ["Mine, shown."]
    assert [each["opinion"]["text"] for each in exported["reviews_about_you"]] == [
        "About me, shown."
    ]
    assert [each["reason"] for each in exported["review_reports"]] == ["Pay or else."]
    assert "About me, sealed." not in str(exported)


async def test_erasure_takes_words_and_names_and_leaves_the_numbers(world: World) -> None:
    job = await world.approved()
    review = await world.from_client(job, 4, text="I am Meera and it was clear.")
    theirs = await world.from_developer(job)
    await world.feedback.reply(theirs.id, by=world.client.id, text=THANKS)
    booking = await world.app.booking(job.booking_id)
    await world.app.pass_time(booking.end - world.app.clock.now())
    profile = f"/developers/{world.developer.id}"

    await world.app.services.personal_data.erase(world.client, CALLER)
    page = await world.page(profile)

    assert "Meera" not in page and "it was clear" not in page
    assert ERASED_NAME in page and "of 5, from 1" in page
    assert (await world.feedback.summary(world.developer.id)).hundredths == 400
    stored = await world.feedback.shown(review.id, to=await world.developer_account())
    assert (stored.opinion.text, stored.author_name) == ("", ERASED_NAME)
    answered = await world.feedback.shown(theirs.id, to=await world.developer_account())
    assert (answered.reply, answered.about_name) == ("", ERASED_NAME)
