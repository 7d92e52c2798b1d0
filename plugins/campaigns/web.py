"""What the plugin adds to the web layer."""

from __future__ import annotations

from pathlib import Path

from plugins.api import Link, PluginContext, StaticFolder, WebCapability
from plugins.campaigns.activity import WORDS
from plugins.campaigns.api import api
from plugins.campaigns.pages import pages
from plugins.campaigns.preferences import panels, preferences
from plugins.campaigns.public import public


def web(context: PluginContext) -> WebCapability:
    return WebCapability(
        name="campaigns",
        api=(api(context),),
        pages=(pages(context), public(context), preferences(context)),
        administration=(Link("Campaigns", "/admin/campaigns"),),
        panels=panels(context),
        activity=WORDS,
        static=StaticFolder(
            "campaigns", Path(__file__).parent / "static", sheets=("campaigns.css",)
        ),
    )
