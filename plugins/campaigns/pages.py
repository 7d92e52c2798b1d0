"""The pages of administrators: all campaigns, and one of them."""

from __future__ import annotations

from quart import Blueprint, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from plugins.api import (
    Invalid,
    PluginContext,
    Who,
    allow,
    me,
    next_cursor,
    now,
    page_cursor,
    refilled,
)
from plugins.campaigns import forms
from plugins.campaigns.consents import TOPICS
from plugins.campaigns.model import Campaign, State
from plugins.campaigns.service import CampaignService
from plugins.campaigns.words import WORDS

PER_PAGE = 30


def pages(context: PluginContext) -> Blueprint:
    blueprint = Blueprint(
        "campaigns", __name__, template_folder="templates", url_prefix="/admin/campaigns"
    )

    def campaigns() -> CampaignService:
        return context.service(CampaignService)

    async def listed(form: forms.Fields, errors: forms.Fields) -> str:
        found, following = await campaigns().page(limit=PER_PAGE, cursor=page_cursor())
        return await render_template(
            "campaigns/index.html",
            campaigns=found,
            following=next_cursor(following),
            form=form,
            errors=errors,
        )

    async def editor(campaign: Campaign, form: forms.Fields, errors: forms.Fields) -> str:
        count = await campaigns().count(
            campaign.id, campaign.topic, campaign.segment, zone=me().timezone
        )
        return await render_template(
            "campaigns/edit.html",
            campaign=campaign,
            form={**forms.fields_of(campaign), **form},
            errors=errors,
            count=count,
            labels=forms,
            topics=TOPICS,
            words=WORDS,
            saved="saved" in request.args,
        )

    @blueprint.get("")
    @allow(Who.ADMIN)
    async def index() -> str:
        return await listed(refilled(url_for(".create")) or {}, {})

    @blueprint.post("")
    @allow(Who.ADMIN)
    async def create() -> ResponseReturnValue:
        form = await request.form
        try:
            made = await campaigns().create(form.get("name", ""), by=me())
        except Invalid as error:
            return await listed(form, error.fields), 422
        return redirect(url_for(".show", campaign_id=made.id), 303)

    @blueprint.get("/<campaign_id>")
    @allow(Who.ADMIN)
    async def show(campaign_id: str) -> str:
        campaign = await campaigns().get(campaign_id)
        if campaign.state is State.DRAFT:
            kept = refilled(url_for(".save", campaign_id=campaign_id)) or {}
            return await editor(campaign, kept, {})
        progress = await campaigns().progress(campaign_id)
        return await render_template(
            "campaigns/show.html", campaign=campaign, progress=progress, labels=forms, at=now()
        )

    @blueprint.post("/<campaign_id>")
    @allow(Who.ADMIN)
    async def save(campaign_id: str) -> ResponseReturnValue:
        """Save the draft; with `do=schedule` also send it."""
        form = dict((await request.form).items())
        campaign = await campaigns().get(campaign_id)
        try:
            campaign = await campaigns().write(
                campaign_id,
                name=form.get("name", ""),
                topic=forms.topic_of(form),
                segment=forms.segment_of(form),
                words=forms.words_of(form),
                by=me(),
            )
            if form.get("do") == "schedule":
                await campaigns().schedule(
                    campaign_id,
                    starts_at=forms.start_of(form, me().timezone),
                    rate=forms.rate_of(form),
                    by=me(),
                )
        except Invalid as error:
            return await editor(campaign, form, error.fields), 422
        return redirect(url_for(".show", campaign_id=campaign_id, saved="yes"), 303)

    async def back(campaign_id: str) -> ResponseReturnValue:
        return redirect(url_for(".show", campaign_id=campaign_id), 303)

    @blueprint.post("/<campaign_id>/pause")
    @allow(Who.ADMIN, page="campaigns.show", label="Pause the campaign")
    async def pause(campaign_id: str) -> ResponseReturnValue:
        await campaigns().pause(campaign_id, by=me())
        return await back(campaign_id)

    @blueprint.post("/<campaign_id>/resume")
    @allow(Who.ADMIN, page="campaigns.show", label="Go on with the campaign")
    async def resume(campaign_id: str) -> ResponseReturnValue:
        await campaigns().resume(campaign_id, by=me())
        return await back(campaign_id)

    @blueprint.post("/<campaign_id>/cancel")
    @allow(Who.ADMIN, page="campaigns.show", label="Stop the campaign")
    async def cancel(campaign_id: str) -> ResponseReturnValue:
        await campaigns().cancel(campaign_id, by=me())
        return await back(campaign_id)

    return blueprint
