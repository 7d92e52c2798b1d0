"""The report of a threat, and the reports as administrators see them."""

from __future__ import annotations

from functools import partial

from quart import Blueprint, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from plugins.api import (
    Invalid,
    NotFound,
    PluginContext,
    Who,
    allow,
    caller,
    me,
    next_cursor,
    page_cursor,
    read_form,
    refilled,
)
from plugins.feedback.forms import Filled, booking_with_job, shown_again
from plugins.feedback.moderation import ModerationService
from plugins.feedback.reports import REASON_MAXIMUM, Outcome
from plugins.feedback.service import FeedbackService

PER_PAGE = 20


def moderation_pages(context: PluginContext) -> Blueprint:
    blueprint = Blueprint("feedback_reports", __name__, template_folder="templates")

    @blueprint.get("/bookings/<booking_id>/threat")
    @allow(Who.PARTY)
    async def threat_form(booking_id: str) -> str:
        return await _threat_page(context, booking_id, Filled(refilled(request.path) or {}))

    @blueprint.post("/bookings/<booking_id>/threat")
    @allow(Who.PARTY, label="Report a threat with a review")
    async def report_threat(booking_id: str) -> ResponseReturnValue:
        sent, (_, job_id) = await read_form(), await booking_with_job(booking_id)
        reported = context.service(ModerationService).report_threat(
            job_id, by=me().id, reason=sent.get("reason", "")
        )
        again = await shown_again(partial(_threat_page, context, booking_id), sent, reported)
        return again or await _threat_page(context, booking_id, Filled({}, sent=True))

    @blueprint.get("/admin/reviews")
    @allow(Who.ADMIN)
    async def index() -> str:
        """The open reports, earliest first."""
        found, following = await context.service(ModerationService).open_reports(
            limit=PER_PAGE, cursor=page_cursor()
        )
        return await render_template(
            "feedback/reports.html",
            items=found,
            following=next_cursor(following),
            decided=request.args.get("decided", ""),
        )

    @blueprint.post("/admin/reviews/<report_id>/decide")
    @allow(Who.ADMIN, page="feedback_reports.index", label="Decide about a reported review")
    async def decide(report_id: str) -> ResponseReturnValue:
        outcome = (await read_form()).get("outcome", "")
        if outcome not in set(Outcome):
            raise Invalid(outcome="Keep the review, or remove it.")
        moderation = context.service(ModerationService)
        await moderation.decide(report_id, Outcome(outcome), by=me(), caller=caller())
        return redirect(url_for(".index", decided=outcome), 303)

    return blueprint


async def _threat_page(context: PluginContext, booking_id: str, filled: Filled) -> str:
    _, job_id = await booking_with_job(booking_id)
    view = await context.service(FeedbackService).view(job_id, by=me().id)
    if view is None:
        raise NotFound
    return await render_template(
        "feedback/threat.html",
        booking_id=booking_id,
        other=view.exchange.party(view.writer.other),
        maximum=REASON_MAXIMUM,
        **filled.values,
    )
