"""The pages of administrators: all campaigns, and one of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from quart import Blueprint, Response, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from plugins.api import (
    Invalid,
    PluginContext,
    Who,
    allow,
    caller,
    me,
    next_cursor,
    page_cursor,
    refilled,
)
from plugins.campaigns import forms
from plugins.campaigns.editor import Editor
from plugins.campaigns.model import Progress, State
from plugins.campaigns.results import table
from plugins.campaigns.service import CampaignService

PER_PAGE = 30


def pages(context: PluginContext) -> Blueprint:
    blueprint = Blueprint(
        "campaigns", __name__, template_folder="templates", url_prefix="/admin/campaigns"
    )

    def campaigns() -> CampaignService:
        return context.service(CampaignService)

    def editor() -> Editor:
        return Editor(campaigns(), me())

    async def listed(form: forms.Fields, errors: forms.Fields) -> str:
        found, following = await campaigns().page(limit=PER_PAGE, cursor=page_cursor())
        return await render_template(
            "campaigns/index.html",
            campaigns=found,
            following=next_cursor(following),
            form=form,
            errors=errors,
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
            made = await campaigns().create(form.get("name", ""), by=me(), caller=caller())
        except Invalid as error:
            return await listed(form, error.fields), 422
        return redirect(url_for(".show", campaign_id=made.id), 303)

    @blueprint.get("/<campaign_id>")
    @allow(Who.ADMIN)
    async def show(campaign_id: str) -> str:
        campaign = await campaigns().get(campaign_id)
        if campaign.state is State.DRAFT:
            kept = refilled(url_for(".save", campaign_id=campaign_id)) or {}
            return await editor().page(campaign, kept, {}, done=request.args.get("done", ""))
        results = await campaigns().results(campaign_id, zone=me().timezone)
        hours = results.progress[Progress.WAITING] / campaign.rate
        return await render_template(
            "campaigns/show.html",
            campaign=campaign,
            results=results,
            time_left=timedelta(hours=hours),
            limits=campaigns().settings,
        )

    @blueprint.get("/<campaign_id>/results.csv")
    @allow(Who.ADMIN)
    async def numbers(campaign_id: str) -> Response:
        """The numbers by time zone."""
        campaign = await campaigns().get(campaign_id)
        results = await campaigns().results(campaign.id, zone=me().timezone)
        name = f'attachment; filename="campaign-{campaign.id}.csv"'
        return Response(
            table(results),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": name},
        )

    @blueprint.post("/<campaign_id>")
    @allow(Who.ADMIN)
    async def save(campaign_id: str) -> ResponseReturnValue:
        """Save the draft; with `do` also send it, or send a test."""
        form = dict((await request.form).items())
        campaign = await campaigns().get(campaign_id)
        try:
            await _save(campaign_id, form)
        except Invalid as error:
            return await editor().page(campaign, form, error.fields), 422
        done = "tried" if form.get("do") == "test" else "saved"
        return redirect(url_for(".show", campaign_id=campaign_id, done=done), 303)

    async def _save(campaign_id: str, form: forms.Fields) -> None:
        await campaigns().write(
            campaign_id,
            name=form.get("name", ""),
            topic=forms.topic_of(form),
            segment=forms.segment_of(form),
            words=forms.words_of(form),
            by=me(),
        )
        if form.get("do") == "test":
            await campaigns().send_test(
                campaign_id, reader=form.get("reader", ""), by=me(), caller=caller()
            )
        if form.get("do") == "schedule":
            start = forms.start_of(form, me().timezone)
            await campaigns().schedule(
                campaign_id, starts_at=start, rate=forms.rate_of(form), by=me(), caller=caller()
            )

    @blueprint.post("/<campaign_id>/count")
    @allow(Who.ADMIN, keeps=False, page="campaigns.show")
    async def count(campaign_id: str) -> str:
        """The part of the editor that says who gets it, for what was chosen in it."""
        form = await request.form
        campaign = await campaigns().get(campaign_id)
        chosen = replace(campaign, topic=forms.topic_of(form), segment=forms.segment_of(form))
        return await editor().count(chosen)

    @blueprint.post("/<campaign_id>/preview")
    @allow(Who.ADMIN, keeps=False, page="campaigns.show")
    async def preview(campaign_id: str) -> str:
        """The part of the editor that shows the mail, for what was typed in it."""
        form = dict((await request.form).items())
        return await editor().preview(await campaigns().get(campaign_id), form)

    async def back(campaign_id: str) -> ResponseReturnValue:
        return redirect(url_for(".show", campaign_id=campaign_id), 303)

    @blueprint.post("/<campaign_id>/pause")
    @allow(Who.ADMIN, page="campaigns.show", label="Pause the campaign")
    async def pause(campaign_id: str) -> ResponseReturnValue:
        await campaigns().pause(campaign_id, by=me(), caller=caller())
        return await back(campaign_id)

    @blueprint.post("/<campaign_id>/resume")
    @allow(Who.ADMIN, page="campaigns.show", label="Go on with the campaign")
    async def resume(campaign_id: str) -> ResponseReturnValue:
        await campaigns().resume(campaign_id, by=me(), caller=caller())
        return await back(campaign_id)

    @blueprint.post("/<campaign_id>/cancel")
    @allow(Who.ADMIN, page="campaigns.show", label="Stop the campaign")
    async def cancel(campaign_id: str) -> ResponseReturnValue:
        await campaigns().cancel(campaign_id, by=me(), caller=caller())
        return await back(campaign_id)

    return blueprint
