"""Withdrawals on the web."""

from web.shared.capabilities import Panel, Slot, WebCapability
from web.withdrawals import (
    admin_list,
    admin_pages,
    api,
    events,
    notices,
    pages,
    panels,
    payout_account,
    wording,
)
from web.withdrawals.wording import ADMINISTERED, BADGES

__all__ = ["ADMINISTERED", "BADGES", "WEB"]

WEB = WebCapability(
    name="withdrawals",
    pages=(pages.blueprint, payout_account.blueprint, admin_list.blueprint, admin_pages.blueprint),
    api=(api.blueprint,),
    live_events=(events.WITHDRAWAL_UPDATED,),
    panels=(Panel(Slot.OVERVIEW, panels.overview),),
    activity=wording.ACTIVITY,
    notices=notices.NOTICES,
)
