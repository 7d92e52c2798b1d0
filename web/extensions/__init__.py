"""Plugins on the web: the page of administrators, and the words of notices and audit entries."""

from web.extensions import wording
from web.extensions.pages import blueprint, overview
from web.shared.capabilities import Panel, Slot, WebCapability

__all__ = ["WEB"]

WEB = WebCapability(
    name="extensions",
    pages=(blueprint,),
    panels=(Panel(Slot.OVERVIEW, overview),),
    activity=wording.ACTIVITY,
    notices=wording.NOTICES,
)
