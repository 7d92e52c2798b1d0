"""Reports of reviews: what they change at once, and what the decision changes."""

from __future__ import annotations

from core.jobs import JobId
from plugins.feedback.model import State, Writer
from plugins.feedback.reports import Outcome, Report
from tests.app import CALLER
from tests.plugins.feedback.world import World


async def decide(world: World, report: str, outcome: Outcome) -> Report:
    admin = await world.app.admin()
    return await world.moderation.decide(report, outcome, by=admin, caller=CALLER)


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

    await decide(world, text.id, Outcome.KEPT)
    before = await counted(world)
    await decide(world, threat.id, Outcome.KEPT)

    assert (before, await counted(world)) == (0, 1)


async def test_a_threatened_review_that_is_written_later_does_not_count(world: World) -> None:
    job = await world.approved()
    by = job.developer.account_id
    threat = await world.moderation.report_threat(JobId(job.id), by=by, reason="Pay back.")

    await world.from_developer(job)
    review = await world.from_client(job, 1)
    before = await counted(world)
    await decide(world, threat.id, Outcome.KEPT)

    assert (review.state, review.frozen, before) == (State.SHOWN, True, 0)
    assert await counted(world) == 1


async def test_a_review_that_is_removed_before_it_is_written_is_never_shown(world: World) -> None:
    job = await world.approved()
    by = job.developer.account_id
    threat = await world.moderation.report_threat(JobId(job.id), by=by, reason="Pay back.")
    await decide(world, threat.id, Outcome.REMOVED)

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

    removed = await decide(world, report.id, Outcome.REMOVED)
    again = await decide(world, report.id, Outcome.KEPT)

    assert (removed.outcome, again.outcome) == (Outcome.REMOVED, Outcome.REMOVED)
    assert await counted(world) == 0
    assert await world.moderation.waiting(limit=9) == 0


async def test_the_decision_is_in_the_activity_of_the_administrator(world: World) -> None:
    job = await world.approved()
    by = job.developer.account_id
    report = await world.moderation.report_threat(JobId(job.id), by=by, reason="Pay back.")
    admin = await world.app.admin()

    for _ in range(2):
        await world.moderation.decide(report.id, Outcome.REMOVED, by=admin, caller=CALLER)
    await world.app.run()
    activity = await (await world.browser(admin)).look("/account/activity")

    audit = world.app.store.repositories.audit
    entries = [each async for each in audit.chain(admin.id) if each.what == "review_removed"]
    assert [each.detail["booking"] for each in entries] == [job.booking_id]
    assert "Reported review removed" in activity[1]
