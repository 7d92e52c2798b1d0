"""Withdrawals on the web."""

from web.shared.capabilities import Link, WebCapability
from web.withdrawals import admin_pages, api, events, notices, pages, payout_account, wording

__all__ = ["WEB"]

WEB = WebCapability(
    name="withdrawals",
    pages=(pages.blueprint, payout_account.blueprint, admin_pages.blueprint),
    api=(api.blueprint,),
    live_events=(events.WITHDRAWAL_UPDATED,),
    administration=(Link("Withdrawals", "/admin/withdrawals"),),
    activity=wording.ACTIVITY,
    notices=notices.NOTICES,
)
