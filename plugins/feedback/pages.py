"""The pages: write a review, reply, and all reviews of a developer."""

from __future__ import annotations

from functools import partial

from quart import Blueprint, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from plugins.api import (
    BookingId,
    DeveloperId,
    NotFound,
    PluginContext,
    Who,
    allow,
    me,
    next_cursor,
    now,
    page_cursor,
    read_form,
    refilled,
    services,
    viewer,
)
from plugins.feedback.forms import Filled, booking_with_job, shown_again
from plugins.feedback.model import ASPECTS, REPLY_MAXIMUM, TEXT_MAXIMUM, Writer
from plugins.feedback.moderation import ModerationService
from plugins.feedback.reports import REASON_MAXIMUM
from plugins.feedback.service import ORDERS, FeedbackService

PER_PAGE = 20


def pages(context: PluginContext) -> Blueprint:
    blueprint = Blueprint("feedback", __name__, template_folder="templates")

    @blueprint.get("/bookings/<booking_id>/review")
    @allow(Who.PARTY)
    async def form(booking_id: str) -> str:
        return await _form_page(context, booking_id, Filled(refilled(request.path) or {}))

    @blueprint.post("/bookings/<booking_id>/review")
    @allow(Who.PARTY, label="Send this review")
    async def write(booking_id: str) -> ResponseReturnValue:
        sent = await read_form()
        booking, job_id = await booking_with_job(booking_id)
        side = Writer.CLIENT if booking.client.account_id == me().id else Writer.DEVELOPER
        written = context.service(FeedbackService).write(
            job_id,
            by=me().id,
            rating=_stars(sent.get("rating", "")),
            aspects=[_stars(sent.get(each.name, "")) for each in ASPECTS[side]],
            text=sent.get("text", ""),
        )
        again = await shown_again(partial(_form_page, context, booking_id), sent, written)
        return again or _to_reviews(booking_id)

    @blueprint.get("/reviews/<review_id>/reply")
    @allow(Who.PARTY)
    async def reply_form(review_id: str) -> str:
        return await _reply_page(context, review_id, Filled(refilled(request.path) or {}))

    @blueprint.post("/reviews/<review_id>/reply")
    @allow(Who.PARTY, label="Send this reply")
    async def reply(review_id: str) -> ResponseReturnValue:
        sent, feedback = await read_form(), context.service(FeedbackService)
        replied = feedback.reply(review_id, by=me().id, text=sent.get("text", ""))
        again = await shown_again(partial(_reply_page, context, review_id), sent, replied)
        if again:
            return again
        return _to_reviews((await feedback.shown(review_id, to=me())).booking_id)

    @blueprint.get("/reviews/<review_id>/report")
    @allow(Who.SIGNED_IN)
    async def report_form(review_id: str) -> str:
        return await _report_page(context, review_id, Filled(refilled(request.path) or {}))

    @blueprint.post("/reviews/<review_id>/report")
    @allow(Who.SIGNED_IN, label="Report this review")
    async def report(review_id: str) -> ResponseReturnValue:
        sent = await read_form()
        reported = context.service(ModerationService).report(
            review_id, by=me(), reason=sent.get("reason", "")
        )
        again = await shown_again(partial(_report_page, context, review_id), sent, reported)
        return again or await _report_page(context, review_id, Filled({}, sent=True))

    @blueprint.get("/developers/<developer_id>/reviews")
    @allow(Who.ANYONE)
    async def index(developer_id: str) -> str:
        account, order = viewer(), request.args.get("sort", "")
        order = order if order in ORDERS else ORDERS[0]
        developer = await services().developers.get(
            DeveloperId(developer_id), by=account.id if account else None
        )
        feedback = context.service(FeedbackService)
        found, more = await feedback.about(
            developer.id, order=order, limit=PER_PAGE, cursor=page_cursor()
        )
        return await render_template(
            "feedback/index.html",
            developer=developer,
            summary=await feedback.summary(developer.id),
            reviews=found,
            order=order,
            following=next_cursor(more),
        )

    return blueprint


def _to_reviews(booking_id: str) -> ResponseReturnValue:
    return redirect(url_for("bookings.show", booking_id=booking_id) + "#reviews", 303)


async def _form_page(context: PluginContext, booking_id: str, filled: Filled) -> str:
    booking = await services().bookings.get(BookingId(booking_id), by=me().id)
    view = await context.service(FeedbackService).view(booking.job_id or "", by=me().id)
    if view is None:
        raise NotFound
    return await render_template(
        "feedback/write.html",
        booking=booking,
        view=view,
        other=view.exchange.party(view.writer.other),
        aspects=ASPECTS[view.writer],
        may_write=view.exchange.may_write(view.writer, now=now()),
        maximum=TEXT_MAXIMUM,
        **filled.values,
    )


async def _report_page(context: PluginContext, review_id: str, filled: Filled) -> str:
    review = await context.service(FeedbackService).shown(review_id, to=me())
    if review.author == me().id:
        raise NotFound
    return await render_template(
        "feedback/report.html",
        review=review,
        is_about_me=review.about_account == me().id,
        maximum=REASON_MAXIMUM,
        **filled.values,
    )


async def _reply_page(context: PluginContext, review_id: str, filled: Filled) -> str:
    review = await context.service(FeedbackService).shown(review_id, to=me())
    if review.about_account != me().id:
        raise NotFound
    return await render_template(
        "feedback/reply.html", review=review, maximum=REPLY_MAXIMUM, **filled.values
    )


def _stars(text: str) -> int:
    """0 for an empty field, -1 for anything that is no number of stars."""
    if not text:
        return 0
    return int(text) if text in ("1", "2", "3", "4", "5") else -1
