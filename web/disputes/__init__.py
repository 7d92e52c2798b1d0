"""Disputes on the web."""

from web.disputes import (
    admin_list,
    admin_pages,
    api,
    no_shows,
    notices,
    pages,
    panels,
    problem,
    wording,
)
from web.shared.capabilities import Panel, Slot, WebCapability

__all__ = ["WEB"]

WEB = WebCapability(
    name="disputes",
    pages=(
        problem.blueprint,
        pages.blueprint,
        no_shows.blueprint,
        admin_list.blueprint,
        admin_pages.blueprint,
    ),
    api=(api.blueprint,),
    panels=(
        Panel(Slot.BOOKING, panels.job_panel),
        Panel(Slot.DELIVERY, panels.job_panel),
        Panel(Slot.OVERVIEW, panels.overview),
    ),
    timeline=wording.TIMELINE,
    activity=wording.ACTIVITY,
    notices=notices.NOTICES,
)
