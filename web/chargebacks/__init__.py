"""Chargebacks on the web: the pages and API of administrators, and the words of their steps."""

from web.chargebacks import admin_pages, api, notices, wording
from web.chargebacks.wording import BADGES
from web.shared.capabilities import WebCapability

__all__ = ["BADGES", "WEB"]

WEB = WebCapability(
    name="chargebacks",
    pages=(admin_pages.blueprint,),
    api=(api.blueprint,),
    timeline=wording.TIMELINE,
    activity=wording.ACTIVITY,
    notices=notices.NOTICES,
)
