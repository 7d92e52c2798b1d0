"""API schemas of reviews."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from typing_extensions import TypedDict

from plugins.api import Moment, moment
from plugins.feedback.model import Review, Writer
from plugins.feedback.moderation import Reported
from plugins.feedback.reports import Report
from plugins.feedback.service import View
from plugins.feedback.summary import Summary


class ReplySchema(TypedDict):
    text: str
    at: Moment


class ReviewSchema(TypedDict):
    """A review of one side of a job about the other. `aspects` are the stars by name, without those
    that were not rated. `counted`: it is part of the summary."""

    id: str
    job_id: str
    writer: Literal["client", "developer"]
    author: str
    about: str
    rating: int
    aspects: dict[str, int]
    text: str
    hours: int
    at: Moment
    state: Literal["sealed", "shown", "hidden"]
    shown_at: Moment | None
    counted: bool
    reply: ReplySchema | None


class SummarySchema(TypedDict):
    """`average` is null without a review; `stars` is how many gave 1 to 5 stars, `aspects` are
    averages by name."""

    average: float | None
    count: int
    stars: dict[str, int]
    aspects: dict[str, float]


class ReviewsSchema(TypedDict):
    """A page of the reviews of a developer, with the numbers of all."""

    items: list[ReviewSchema]
    next: str | None
    summary: SummarySchema


class ExchangeSchema(TypedDict):
    """The reviews of a job for one of its sides. `theirs` is null while it is sealed; both sides
    can write until `closes_at`, and are shown at `shown_at`."""

    job_id: str
    mine: ReviewSchema | None
    theirs: ReviewSchema | None
    closes_at: Moment
    shown_at: Moment | None


class ReportSchema(TypedDict):
    """A report that an administrator will read."""

    id: str
    kind: Literal["content", "threat"]
    job_id: str
    reason: str
    at: Moment
    outcome: Literal["kept", "removed"] | None


class ReportedSchema(ReportSchema):
    """`review` is null while it is not written."""

    review: ReviewSchema | None


def review_schema(value: Review) -> dict[str, object]:
    return {
        "id": value.id,
        "job_id": value.job_id,
        "writer": value.writer,
        "author": value.author_name,
        "about": value.about,
        "rating": value.opinion.rating,
        "aspects": {aspect.name: stars for aspect, stars in value.aspects},
        "text": value.opinion.text,
        "hours": value.hours,
        "at": moment(value.written_at),
        "state": value.state,
        "shown_at": _maybe(value.shown_at),
        "counted": value.counts,
        "reply": _reply(value),
    }


def summary_schema(value: Summary, writer: Writer) -> dict[str, object]:
    averages = {aspect.name: round(average, 2) for aspect, average in value.aspects(writer)}
    return {
        "average": value.rating.average if value.count else None,
        "count": value.count,
        "stars": {str(stars): count for stars, count in enumerate(value.stars, 1)},
        "aspects": averages,
    }


def exchange_schema(value: View) -> dict[str, object]:
    return {
        "job_id": value.exchange.id,
        "mine": review_schema(value.mine) if value.mine else None,
        "theirs": review_schema(value.theirs) if value.theirs else None,
        "closes_at": moment(value.exchange.closes_at),
        "shown_at": _maybe(value.exchange.shown_at),
    }


def report_schema(value: Report) -> dict[str, object]:
    return {
        "id": value.id,
        "kind": value.kind,
        "job_id": value.job_id,
        "reason": value.reason,
        "at": moment(value.at),
        "outcome": value.outcome,
    }


def reported_schema(value: Reported) -> dict[str, object]:
    review = review_schema(value.review) if value.review else None
    return {**report_schema(value.report), "review": review}


def _reply(value: Review) -> dict[str, object] | None:
    if not (value.reply and value.replied_at):
        return None
    return {"text": value.reply, "at": moment(value.replied_at)}


def _maybe(value: datetime | None) -> Moment | None:
    return moment(value) if value else None
