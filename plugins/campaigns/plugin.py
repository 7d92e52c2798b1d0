"""The hooks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from plugins.api import BookingId, Capability, PluginContext, WebCapability, implements
from plugins.campaigns.activity import CampaignActivity
from plugins.campaigns.documents import DOCUMENTS
from plugins.campaigns.lasting import CampaignLinks
from plugins.campaigns.model import GoOn, TrialMail
from plugins.campaigns.people import Bookings
from plugins.campaigns.personal_data import CampaignData
from plugins.campaigns.services import services_of
from plugins.campaigns.settings import CampaignSettings
from plugins.campaigns.web import web


class Campaigns:
    lasting = CampaignLinks

    @implements
    def onehour_settings(self) -> type[CampaignSettings]:
        return CampaignSettings

    @implements
    def onehour_capabilities(self, context: PluginContext) -> list[Capability]:
        settings = context.settings(CampaignSettings)
        capability = Capability(
            name="campaigns",
            build=lambda dependencies, built: services_of(dependencies, settings),
            personal_data=CampaignData(),
            documents=DOCUMENTS,
            messages=(GoOn, TrialMail),
            activity=CampaignActivity,
            templates=Path(__file__).parent / "templates",
        )
        return [capability]

    @implements
    def onehour_web(self, context: PluginContext) -> list[WebCapability]:
        return [web(context)]

    @implements
    async def onehour_booking_event(
        self, event: str, facts: Mapping[str, str], context: PluginContext
    ) -> None:
        if event == "approved":
            await context.service(Bookings).finished(BookingId(facts["booking"]))
