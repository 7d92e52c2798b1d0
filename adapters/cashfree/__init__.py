"""Cashfree: collects and refunds money with Payments, and pays developers with Payouts."""

from adapters.cashfree.offer import OFFER
from adapters.cashfree.payout_offer import PAYOUT_OFFER

__all__ = ["OFFER", "PAYOUT_OFFER"]
