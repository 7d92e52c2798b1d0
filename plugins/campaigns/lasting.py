"""What stays of campaigns while the plugin is not enabled at all: links in mails that people have,
so that everybody can withdraw their consent, and what is stored about them, for their exports and
erasures. Nobody is asked for a consent, and nothing is sent."""

from __future__ import annotations

from plugins.api import Capability, PluginContext, WebCapability, implements
from plugins.campaigns.api import links
from plugins.campaigns.documents import DOCUMENTS
from plugins.campaigns.personal_data import CampaignData
from plugins.campaigns.public import public
from plugins.campaigns.services import link_services


class CampaignLinks:
    @implements
    def onehour_capabilities(self) -> list[Capability]:
        capability = Capability(
            name="campaigns",
            build=lambda dependencies, built: link_services(dependencies),
            personal_data=CampaignData(),
            documents=DOCUMENTS,
        )
        return [capability]

    @implements
    def onehour_web(self, context: PluginContext) -> list[WebCapability]:
        pages = (public(context, asks=False),)
        return [WebCapability(name="campaigns", pages=pages, api=(links(context),))]
