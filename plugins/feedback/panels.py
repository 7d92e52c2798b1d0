"""Reviews on the pages of others: search, profile, booking."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from quart import render_template

from plugins.api import Account, Booking, Developer, Job, PluginContext, Render, now
from plugins.feedback.model import Review
from plugins.feedback.service import FeedbackService

ON_PROFILE = 3


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


def _reply_until(feedback: FeedbackService, theirs: Review | None) -> datetime | None:
    """Until when the viewer may still reply."""
    if theirs is None or theirs.replied_at:
        return None
    until = theirs.reply_until(feedback.settings.reply_within)
    return until if until and now() < until else None
