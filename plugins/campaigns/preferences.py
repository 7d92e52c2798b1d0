"""Where people agree: after the sign-up, and among the preferences of notifications."""

from __future__ import annotations

from collections.abc import Mapping

from quart import Blueprint, redirect, render_template, request
from quart.typing import ResponseReturnValue

from plugins.api import Account, Panel, PluginContext, Slot, Who, allow, me
from plugins.campaigns.consent_service import ConsentService
from plugins.campaigns.consents import CLICKS, TOPICS, Topic
from plugins.campaigns.settings import CampaignSettings

PATHS = {"welcome": "/welcome", "preferences": "/notifications/preferences"}


def preferences(context: PluginContext) -> Blueprint:
    blueprint = Blueprint("campaigns_consents", __name__, template_folder="templates")

    @blueprint.post("/mail/consent/<origin>")
    @allow(Who.SIGNED_IN, page="notifications.preferences", label="Save which news you get")
    async def save(origin: str) -> ResponseReturnValue:
        form = await request.form
        chosen = [topic for topic in Topic if topic in form]
        await context.service(ConsentService).choose(chosen, clicks="clicks" in form, by=me().id)
        return redirect(f"{PATHS.get(origin, PATHS['preferences'])}#news", 303)

    return blueprint


def panels(context: PluginContext) -> tuple[Panel, ...]:
    async def render(facts: Mapping[str, object], origin: str) -> str | None:
        viewer = facts["viewer"]
        if not isinstance(viewer, Account):
            return None
        consent = await context.service(ConsentService).find(viewer.id)
        return await render_template(
            "campaigns/_consent.html",
            consent=consent,
            topics=TOPICS,
            clicks=CLICKS,
            limits=context.settings(CampaignSettings),
            origin=origin,
        )

    async def welcome(facts: Mapping[str, object]) -> str | None:
        return await render(facts, "welcome")

    async def chosen(facts: Mapping[str, object]) -> str | None:
        return await render(facts, "preferences")

    return Panel(Slot.WELCOME, welcome), Panel(Slot.PREFERENCES, chosen)
