"""Reports of reviews: what they change at once, and what the decision changes."""

from __future__ import annotations

from core.jobs import JobId
from plugins.feedback.model import State, Writer
from plugins.feedback.reports import Outcome
from tests.plugins.feedback.world import World

ADMIN = "acc_admin"


async def counted(world: World) -> int:
    return (await world.feedback.summary(world.developer.id)).count


async def test_keeping_a_text_does_not_end_the_report_of_a_threat(world: World) -> None:
    job = await world.approved()
    review = await world.from_client(job, 1)
    await world.from_developer(job)
    by = await world.developer_account()
    reader, _ = await world.app.client("Nils Aasen")
    text = await world.moderation.report(review.id, by=reader, reason="An insult.")
    threat = await world.moderation.report_threat(JobId(job.id), by=by.id, reason="Pay back.")

    await world.moderation.decide(text.id, Outcome.KEPT, by=ADMIN)
    before = await counted(world)
    await world.moderation.decide(threat.id, Outcome.KEPT, by=ADMIN)

    assert (before, await counted(world)) == (0, 1)


async def test_a_threatened_review_that_is_written_later_does_not_count(world: World) -> None:
    job = await world.approved()
    by = job.developer.account_id
    threat = await world.moderation.report_threat(JobId(job.id), by=by, reason="Pay back.")

    await world.from_developer(job)
    review = await world.from_client(job, 1)
    before = await counted(world)
    await world.moderation.decide(threat.id, Outcome.KEPT, by=ADMIN)

    assert (review.state, review.frozen, before) == (State.SHOWN, True, 0)
    assert await counted(world) == 1


async def test_a_review_that_is_removed_before_it_is_written_is_never_shown(world: World) -> None:
    job = await world.approved()
    by = job.developer.account_id
    threat = await world.moderation.report_threat(JobId(job.id), by=by, reason="Pay back.")
    await world.moderation.decide(threat.id, Outcome.REMOVED, by=ADMIN)

    hidden = await world.from_client(job, 1, "One star.")
    await world.from_developer(job)

    assert hidden.state is State.HIDDEN
    assert (await world.feedback.about(world.developer.id))[0] == ()
    assert (await counted(world), (await world.feedback.summary(job.client.id)).count) == (0, 1)
    view = await world.feedback.view(job.id, by=world.client.id)
    assert view and view.writer is Writer.CLIENT and view.mine and view.theirs


async def test_a_closed_report_stays_as_it_was_decided(
    world: World,
) -> None:
    job = await world.approved()
    review = await world.from_client(job)
    await world.from_developer(job)
    by = await world.developer_account()
    report = await world.moderation.report(review.id, by=by, reason="Untrue.")

    removed = await world.moderation.decide(report.id, Outcome.REMOVED, by=ADMIN)
    again = await world.moderation.decide(report.id, Outcome.KEPT, by=ADMIN)

    assert (removed.outcome, again.outcome) == (Outcome.REMOVED, Outcome.REMOVED)
    assert await counted(world) == 0
    assert await world.moderation.waiting(limit=9) == 0
