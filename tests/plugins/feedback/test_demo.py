"""The reviews of the demo."""

from __future__ import annotations

from onehour import demo
from onehour.api import DemoWork
from plugins.feedback.demo import REVIEWS, write_demo
from plugins.feedback.summary import SUMMARIES
from tests.plugins.feedback.world import new_world


def test_each_finished_booking_of_the_demo_has_reviews() -> None:
    assert {each.name for each in demo.BOOKINGS if each.note} == set(REVIEWS)


async def test_they_are_shown_at_once_and_written_once() -> None:
    world = await new_world()
    job = await world.approved()
    work = DemoWork("pooling", job.id, world.client.id, world.developer.account_id)

    for _ in range(2):
        await write_demo(world.app.services.built, [work])
    profile = await world.page(f"/developers/{world.developer.id}")

    assert "Found the cause and set the limits right." in profile
    assert profile.count("I now propose two hours") == 1
    summary = await world.app.store.repositories.documents(SUMMARIES).find(world.developer.id)
    assert summary and summary.version <= 1
