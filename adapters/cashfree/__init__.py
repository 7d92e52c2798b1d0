"""Cashfree: collects and refunds money with the Cashfree Payments API."""

from adapters.cashfree.offer import OFFER

__all__ = ["OFFER"]
