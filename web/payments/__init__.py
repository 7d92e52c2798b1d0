"""Payments on the web."""

from pathlib import Path

from web.payments import api, checkout, notices, receipts, wallet, webhooks, wording
from web.payments.wording import MONEY_BADGES, MoneySummary, money_summary
from web.shared.assets import StaticFolder
from web.shared.capabilities import Link, WebCapability

__all__ = ["MONEY_BADGES", "WEB", "MoneySummary", "money_summary"]

WEB = WebCapability(
    name="payments",
    pages=(checkout.blueprint, receipts.blueprint, wallet.blueprint),
    api=(api.blueprint, webhooks.blueprint),
    static=StaticFolder("payments", Path(__file__).parent / "static", sheets=("receipts.css",)),
    navigation=(Link("Wallet", "/wallet", count=wallet.wallet_link),),
    timeline=wording.TIMELINE,
    notices=notices.NOTICES,
    activity=wording.ACTIVITY,
)
