"""Campaigns over the API: for administrators, and the links of mails for anyone."""

from __future__ import annotations

from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_querystring, validate_request

from plugins.api import (
    API,
    Paging,
    PluginContext,
    Who,
    allow,
    caller,
    document_errors,
    json_response,
    me,
    page_response,
)
from plugins.campaigns import schemas
from plugins.campaigns.consent_service import ConsentService
from plugins.campaigns.consents import Way
from plugins.campaigns.model import WrongState
from plugins.campaigns.service import CampaignService
from plugins.campaigns.tokens import UnknownLink

about = tag(["Campaigns"])


def api(context: PluginContext) -> Blueprint:
    blueprint = Blueprint("api_campaigns", __name__, url_prefix=API)
    _drafts(blueprint, context)
    _runs(blueprint, context)
    _links(blueprint, context)
    return blueprint


def links(context: PluginContext) -> Blueprint:
    """The links of mails alone."""
    blueprint = Blueprint("api_campaigns", __name__, url_prefix=API)
    _links(blueprint, context)
    return blueprint


def _drafts(blueprint: Blueprint, context: PluginContext) -> None:
    def campaigns() -> CampaignService:
        return context.service(CampaignService)

    @blueprint.get("/admin/campaigns")
    @allow(Who.ADMIN)
    @about
    @validate_querystring(Paging)
    @document_response(schemas.CampaignPage)
    async def index(query_args: Paging) -> Response:
        """All campaigns, the newest first."""
        found, following = await campaigns().page(limit=query_args.limit, cursor=query_args.cursor)
        return page_response([schemas.campaign(each) for each in found], following)

    @blueprint.post("/admin/campaigns")
    @allow(Who.ADMIN)
    @about
    @validate_request(schemas.CreateBody)
    @document_response(schemas.CampaignSchema, 201)
    async def create(data: schemas.CreateBody) -> Response:
        """Begin a draft."""
        made = await campaigns().create(data.name, by=me(), caller=caller())
        return json_response(schemas.campaign(made), 201)

    @blueprint.get("/admin/campaigns/<campaign_id>")
    @allow(Who.ADMIN)
    @about
    @document_response(schemas.CampaignDetails)
    async def show(campaign_id: str) -> Response:
        """A campaign, and how many would get it now."""
        found = await campaigns().get(campaign_id)
        count = await campaigns().count(found.id, found.topic, found.segment, zone=me().timezone)
        return json_response({**schemas.campaign(found), "count": schemas.count(count)})

    @blueprint.patch("/admin/campaigns/<campaign_id>")
    @allow(Who.ADMIN)
    @about
    @validate_request(schemas.ChangeBody)
    @document_response(schemas.CampaignSchema)
    @document_errors(WrongState)
    async def change(campaign_id: str, data: schemas.ChangeBody) -> Response:
        """Change a draft."""
        stored = await campaigns().get(campaign_id)
        changed = await campaigns().write(
            campaign_id,
            name=stored.name if data.name is None else data.name,
            topic=data.topic or stored.topic,
            segment=data.segment.segment() if data.segment else stored.segment,
            words=data.words.words() if data.words else stored.words,
            by=me(),
        )
        return json_response(schemas.campaign(changed))

    @blueprint.post("/admin/campaigns/<campaign_id>/test")
    @allow(Who.ADMIN)
    @about
    @validate_request(schemas.TrialBody)
    async def test(campaign_id: str, data: schemas.TrialBody) -> tuple[str, int]:
        """Send the saved words to yourself, with the data of a person who agreed."""
        await campaigns().send_test(campaign_id, reader=data.reader, by=me(), caller=caller())
        return "", 204


def _runs(blueprint: Blueprint, context: PluginContext) -> None:
    def campaigns() -> CampaignService:
        return context.service(CampaignService)

    @blueprint.post("/admin/campaigns/<campaign_id>/schedule")
    @allow(Who.ADMIN)
    @about
    @validate_request(schemas.ScheduleBody)
    @document_response(schemas.CampaignSchema)
    @document_errors(WrongState)
    async def schedule(campaign_id: str, data: schemas.ScheduleBody) -> Response:
        """Send it, from a time on, at most so many mails an hour."""
        planned = await campaigns().schedule(
            campaign_id, starts_at=data.starts_at, rate=data.rate, by=me(), caller=caller()
        )
        return json_response(schemas.campaign(planned))

    @blueprint.post("/admin/campaigns/<campaign_id>/pause")
    @allow(Who.ADMIN)
    @about
    @document_response(schemas.CampaignSchema)
    @document_errors(WrongState)
    async def pause(campaign_id: str) -> Response:
        """Begin no further mail."""
        return json_response(
            schemas.campaign(await campaigns().pause(campaign_id, by=me(), caller=caller()))
        )

    @blueprint.post("/admin/campaigns/<campaign_id>/resume")
    @allow(Who.ADMIN)
    @about
    @document_response(schemas.CampaignSchema)
    @document_errors(WrongState)
    async def resume(campaign_id: str) -> Response:
        """Go on with the next person."""
        return json_response(
            schemas.campaign(await campaigns().resume(campaign_id, by=me(), caller=caller()))
        )

    @blueprint.post("/admin/campaigns/<campaign_id>/cancel")
    @allow(Who.ADMIN)
    @about
    @document_response(schemas.CampaignSchema)
    @document_errors(WrongState)
    async def cancel(campaign_id: str) -> Response:
        """Stop it for good; those who wait get nothing."""
        return json_response(
            schemas.campaign(await campaigns().cancel(campaign_id, by=me(), caller=caller()))
        )

    @blueprint.get("/admin/campaigns/<campaign_id>/stats")
    @allow(Who.ADMIN)
    @about
    @document_response(schemas.StatsSchema)
    async def stats(campaign_id: str) -> Response:
        """What came of it so far."""
        found = await campaigns().get(campaign_id)
        results = await campaigns().results(found.id, zone=me().timezone)
        return json_response(schemas.stats(results))


def _links(blueprint: Blueprint, context: PluginContext) -> None:
    @blueprint.get("/mail/unsubscribe/<token>")
    @allow(Who.ANYONE, cookies=False, lasting=True)
    @about
    @document_response(schemas.ConsentSchema)
    @document_errors(UnknownLink)
    async def read(token: str) -> Response:
        """What the person behind the link of a mail agreed to. Changes nothing."""
        account, consent = await context.service(ConsentService).opened(token)
        return json_response(schemas.consent(account.shown_email, consent))

    @blueprint.post("/mail/unsubscribe/<token>")
    @allow(Who.ANYONE, cookies=False, lasting=True)
    @about
    @document_errors(UnknownLink)
    async def stop(token: str) -> tuple[str, int]:
        """Stop campaign mails at once (RFC 8058)."""
        await context.service(ConsentService).stop(token, way=Way.LINK)
        return "", 204
