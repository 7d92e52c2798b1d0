"""Reviews on the pages of others: search, profile, booking."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from quart import render_template

from plugins.api import Account, Booking, Developer, Job, PluginContext, Render, now
from plugins.feedback.model import Review, Writer
from plugins.feedback.moderation import ModerationService
from plugins.feedback.service import FeedbackService

ON_PROFILE = 3
MOST_COUNTED = 100


async def stars(facts: Mapping[str, object]) -> str | None:
    """Average and count, which are stored with the profile: no read for each row of a list."""
    developer = facts["developer"]
    assert isinstance(developer, Developer)
    if not developer.rating.count:
        return None
    return await render_template("feedback/_stars.html", developer=developer)


def on_profile(context: PluginContext) -> Render:
    async def render(facts: Mapping[str, object]) -> str:
        developer = facts["developer"]
        assert isinstance(developer, Developer)
        feedback = context.service(FeedbackService)
        summary = await feedback.summary(developer.id)
        reviews, more = await feedback.about(developer.id, limit=ON_PROFILE)
        return await render_template(
            "feedback/_profile.html",
            developer=developer,
            summary=summary,
            reviews=reviews,
            more=more,
            write_days=feedback.settings.write_days,
        )

    return render


def on_booking(context: PluginContext) -> Render:
    """For the two sides, once the work is approved."""

    async def render(facts: Mapping[str, object]) -> str | None:
        booking, job, viewer = facts["booking"], facts["job"], facts["viewer"]
        assert isinstance(booking, Booking) and isinstance(viewer, Account)
        if not isinstance(job, Job):
            return None
        feedback = context.service(FeedbackService)
        view = await feedback.view(job.id, by=viewer.id)
        if view is None:
            return None
        return await render_template(
            "feedback/_booking.html",
            booking=booking,
            view=view,
            other=view.exchange.party(view.writer.other),
            may_write=view.exchange.may_write(view.writer, now=now()),
            reply_until=_reply_until(feedback, view.theirs),
        )

    return render


def of_client(context: PluginContext) -> Render:
    """For the developer of a booking: what others say about its client."""

    async def render(facts: Mapping[str, object]) -> str | None:
        booking, viewer = facts["booking"], facts["viewer"]
        assert isinstance(booking, Booking) and isinstance(viewer, Account)
        if viewer.id != booking.developer.account_id:
            return None
        feedback = context.service(FeedbackService)
        reviews, _ = await feedback.about(booking.client.id, limit=ON_PROFILE)
        if not reviews:
            return None
        summary = await feedback.summary(booking.client.id)
        return await render_template(
            "feedback/_client.html", client=booking.client, summary=summary, reviews=reviews
        )

    return render


def to_write(context: PluginContext, writer: Writer) -> Render:
    """On the dashboard of one side: the jobs it can still review."""

    async def render(facts: Mapping[str, object]) -> str | None:
        viewer = facts["viewer"]
        assert isinstance(viewer, Account)
        found = await context.service(FeedbackService).to_write(by=viewer.id, writer=writer)
        if not found:
            return None
        return await render_template(
            "feedback/_to_write.html", exchanges=found, others=writer.other
        )

    return render


def waiting(context: PluginContext) -> Render:
    """On the overview of administrators: how many reports are open."""

    async def render(facts: Mapping[str, object]) -> str | None:
        count = await context.service(ModerationService).waiting(limit=MOST_COUNTED)
        if not count:
            return None
        return await render_template("feedback/_waiting.html", count=count, most=MOST_COUNTED)

    return render


def _reply_until(feedback: FeedbackService, theirs: Review | None) -> datetime | None:
    """Until when the viewer may still reply."""
    if theirs is None or theirs.replied_at:
        return None
    until = theirs.reply_until(feedback.settings.reply_within)
    return until if until and now() < until else None
