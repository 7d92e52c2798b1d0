"""Jobs on the web."""

from web.jobs import api, deliveries, notices, pages, wording
from web.shared.capabilities import WebCapability

__all__ = [
    "WEB",
]

WEB = WebCapability(
    name="jobs",
    pages=(pages.blueprint, deliveries.blueprint),
    api=(api.blueprint,),
    timeline=wording.TIMELINE,
    notices=notices.NOTICES,
)
