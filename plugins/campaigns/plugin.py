"""The hooks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from plugins.api import (
    BookingId,
    Capability,
    Dependencies,
    PluginContext,
    WebCapability,
    implements,
)
from plugins.campaigns.activity import CampaignActivity
from plugins.campaigns.clicks import Clicks
from plugins.campaigns.consent_service import ConsentService
from plugins.campaigns.consents import CONSENTS
from plugins.campaigns.mails import Mails
from plugins.campaigns.model import CAMPAIGNS, PEOPLE, RECIPIENTS, GoOn, TrialMail
from plugins.campaigns.numbers import CLICK_DAYS, NUMBERS
from plugins.campaigns.people import Bookings
from plugins.campaigns.personal_data import CampaignData
from plugins.campaigns.returns import POSITIONS, Returns
from plugins.campaigns.selecting import Selecting
from plugins.campaigns.sending import Sending
from plugins.campaigns.service import CampaignService
from plugins.campaigns.settings import CampaignSettings
from plugins.campaigns.tokens import Tokens
from plugins.campaigns.trials import Trials
from plugins.campaigns.web import web


class Campaigns:
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
            documents=(
                CAMPAIGNS,
                RECIPIENTS,
                PEOPLE,
                CONSENTS,
                POSITIONS,
                NUMBERS,
                CLICK_DAYS,
            ),
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


def services_of(dependencies: Dependencies, settings: CampaignSettings) -> dict[str, object]:
    d = dependencies
    tokens = Tokens(d.lasting_key)
    mails = Mails(
        templates=d.templates, formats=d.formats, tokens=tokens, clock=d.clock, site=d.site
    )
    consents = ConsentService(store=d.store, formats=d.formats, tokens=tokens, clock=d.clock)
    selecting = Selecting(store=d.store, clock=d.clock, settings=settings)
    return {
        "campaigns": CampaignService(
            store=d.store, mails=mails, clock=d.clock, ids=d.ids,
            settings=settings,
        ),
        "campaign_sending": Sending(
            store=d.store, selecting=selecting, mailer=d.mailer, mails=mails, clock=d.clock,
            settings=settings,
        ),
        "campaign_trials": Trials(store=d.store, mailer=d.mailer, mails=mails),
        "campaign_returns": Returns(store=d.store, consents=consents, clock=d.clock),
        "campaign_consents": consents,
        "campaign_clicks": Clicks(store=d.store, tokens=tokens, clock=d.clock),
        "campaign_bookings": Bookings(store=d.store),
    }  # fmt: skip
