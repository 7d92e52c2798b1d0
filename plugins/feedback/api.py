"""Reviews over the API."""

from __future__ import annotations

from typing import Literal

from pydantic import StrictInt
from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_querystring, validate_request

from plugins.api import (
    API,
    Body,
    DeveloperId,
    Invalid,
    JobId,
    Listed,
    NotFound,
    Paging,
    PluginContext,
    Who,
    allow,
    caller,
    document_errors,
    json_response,
    limits,
    me,
    page_response,
    services,
    viewer,
)
from plugins.feedback import schemas
from plugins.feedback.model import (
    ASPECTS,
    REPLY_MAXIMUM,
    TEXT_MAXIMUM,
    AlreadyReplied,
    AlreadyReviewed,
    NotApproved,
    NotShown,
    TooLateToReply,
    TooLateToReview,
    Writer,
)
from plugins.feedback.moderation import ModerationService
from plugins.feedback.reports import REASON_MAXIMUM, AlreadyReported, Outcome
from plugins.feedback.service import FeedbackService

about = tag(["Feedback"])


class ReviewBody(Body):
    """`aspects` may have stars by name: of a client `explains`, `on_time` and `as_agreed`, of a
    developer `is_clear`, `on_time` and `answers`."""

    job_id: str
    rating: StrictInt = limits(minimum=1, maximum=5)
    text: str = limits(minLength=1, maxLength=TEXT_MAXIMUM)
    aspects: dict[str, StrictInt] = limits({})


class ReplyBody(Body):
    text: str = limits(minLength=1, maxLength=REPLY_MAXIMUM)


class ReasonBody(Body):
    reason: str = limits(minLength=1, maxLength=REASON_MAXIMUM)


class ThreatBody(ReasonBody):
    job_id: str


class DecisionBody(Body):
    outcome: Literal["kept", "removed"]


class ReviewsQuery(Paging):
    sort: Literal["newest", "lowest"] = "newest"


def api(context: PluginContext) -> Blueprint:
    blueprint = Blueprint("api_feedback", __name__, url_prefix=API)
    _reading(blueprint, context)
    _writing(blueprint, context)
    _moderating(blueprint, context)
    return blueprint


def _reading(blueprint: Blueprint, context: PluginContext) -> None:
    @blueprint.get("/developers/<developer_id>/feedback")
    @allow(Who.ANYONE)
    @about
    @validate_querystring(ReviewsQuery)
    @document_response(schemas.ReviewsSchema)
    async def index(developer_id: str, query_args: ReviewsQuery) -> Response:
        """The shown reviews of a developer, and their summary."""
        account = viewer()
        developer = await services().developers.get(
            DeveloperId(developer_id), by=account.id if account else None
        )
        feedback = context.service(FeedbackService)
        found, following = await feedback.about(
            developer.id, order=query_args.sort, limit=query_args.limit, cursor=query_args.cursor
        )
        summary = await feedback.summary(developer.id)
        return page_response(
            [schemas.review_schema(each) for each in found],
            following,
            summary=schemas.summary_schema(summary, Writer.CLIENT),
        )

    @blueprint.get("/jobs/<job_id>/feedback")
    @allow(Who.PARTY)
    @about
    @document_response(schemas.ExchangeSchema)
    @document_errors(NotApproved)
    async def of_job(job_id: str) -> Response:
        """The reviews of an approved job, for one of its sides."""
        view = await context.service(FeedbackService).view(job_id, by=me().id)
        if view is None:
            raise NotApproved
        return json_response(schemas.exchange_schema(view))


def _writing(blueprint: Blueprint, context: PluginContext) -> None:
    @blueprint.post("/feedback")
    @allow(Who.PARTY)
    @about
    @validate_request(ReviewBody)
    @document_response(schemas.ReviewSchema, 201)
    @document_errors(NotFound, NotApproved, AlreadyReviewed, TooLateToReview)
    async def write(data: ReviewBody) -> Response:
        """Review the other side of an approved job. It is sealed until both sides have written, or
        the time is up."""
        view = await context.service(FeedbackService).view(data.job_id, by=me().id)
        if view is None:
            raise NotApproved
        review = await context.service(FeedbackService).write(
            JobId(data.job_id),
            by=me().id,
            rating=data.rating,
            aspects=_aspects(data.aspects, view.writer),
            text=data.text,
        )
        return json_response(schemas.review_schema(review), 201)

    @blueprint.post("/feedback/<review_id>/reply")
    @allow(Who.PARTY)
    @about
    @validate_request(ReplyBody)
    @document_response(schemas.ReviewSchema)
    @document_errors(NotShown, AlreadyReplied, TooLateToReply)
    async def reply(review_id: str, data: ReplyBody) -> Response:
        """The one reply of the reviewed person."""
        review = await context.service(FeedbackService).reply(review_id, by=me().id, text=data.text)
        return json_response(schemas.review_schema(review))


def _moderating(blueprint: Blueprint, context: PluginContext) -> None:
    @blueprint.post("/feedback/<review_id>/report")
    @allow(Who.SIGNED_IN)
    @about
    @validate_request(ReasonBody)
    @document_response(schemas.ReportSchema, 201)
    @document_errors(AlreadyReported)
    async def report(review_id: str, data: ReasonBody) -> Response:
        """Report a review to the administrators."""
        made = await context.service(ModerationService).report(
            review_id, by=me(), reason=data.reason
        )
        return json_response(schemas.report_schema(made), 201)

    @blueprint.post("/feedback/threats")
    @allow(Who.PARTY)
    @about
    @validate_request(ThreatBody)
    @document_response(schemas.ReportSchema, 201)
    @document_errors(NotFound, NotApproved, AlreadyReported)
    async def report_threat(data: ThreatBody) -> Response:
        """Report that the other side of an approved job threatens with its review. The review does
        not count until an administrator has decided."""
        made = await context.service(ModerationService).report_threat(
            JobId(data.job_id), by=me().id, reason=data.reason
        )
        return json_response(schemas.report_schema(made), 201)

    @blueprint.get("/admin/feedback")
    @allow(Who.ADMIN)
    @about
    @validate_querystring(Paging)
    @document_response(Listed[schemas.ReportedSchema])
    async def reports(query_args: Paging) -> Response:
        """The open reports, earliest first."""
        found, following = await context.service(ModerationService).open_reports(
            limit=query_args.limit, cursor=query_args.cursor
        )
        return page_response([schemas.reported_schema(each) for each in found], following)

    @blueprint.post("/admin/feedback/<report_id>/decide")
    @allow(Who.ADMIN)
    @about
    @validate_request(DecisionBody)
    @document_response(schemas.ReportSchema)
    async def decide(report_id: str, data: DecisionBody) -> Response:
        """Keep the reported review, or remove it. A closed report stays as it is."""
        decided = await context.service(ModerationService).decide(
            report_id, Outcome(data.outcome), by=me(), caller=caller()
        )
        return json_response(schemas.report_schema(decided))


def _aspects(given: dict[str, int], writer: Writer) -> tuple[int, ...]:
    """In the order of `ASPECTS`, 0 for none. Raises `Invalid`."""
    names = [aspect.name for aspect in ASPECTS[writer]]
    if not given.keys() <= set(names):
        raise Invalid(aspects=f"Rate only {', '.join(names)}.")
    return tuple(given.get(name, 0) for name in names)
