"""How the services are built."""

from __future__ import annotations

from plugins.api import Dependencies
from plugins.campaigns.clicks import Clicks
from plugins.campaigns.consent_service import ConsentService
from plugins.campaigns.mails import Mails
from plugins.campaigns.people import Bookings
from plugins.campaigns.returns import Returns
from plugins.campaigns.selecting import Selecting
from plugins.campaigns.sending import Sending
from plugins.campaigns.service import CampaignService
from plugins.campaigns.settings import CampaignSettings
from plugins.campaigns.tokens import Tokens
from plugins.campaigns.trials import Trials


def link_services(dependencies: Dependencies) -> dict[str, object]:
    """Those behind the links of mails."""
    d, tokens = dependencies, Tokens(dependencies.lasting_key)
    return {
        "campaign_consents": ConsentService(
            store=d.store, formats=d.formats, tokens=tokens, clock=d.clock
        ),
        "campaign_clicks": Clicks(store=d.store, tokens=tokens, clock=d.clock),
    }


def services_of(dependencies: Dependencies, settings: CampaignSettings) -> dict[str, object]:
    d = dependencies
    tokens = Tokens(d.lasting_key)
    mails = Mails(
        templates=d.templates, formats=d.formats, tokens=tokens, clock=d.clock, site=d.site
    )
    consents = ConsentService(store=d.store, formats=d.formats, tokens=tokens, clock=d.clock)
    selecting = Selecting(store=d.store, clock=d.clock, settings=settings)
    return {
        **link_services(dependencies),
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
        "campaign_bookings": Bookings(store=d.store),
    }  # fmt: skip
