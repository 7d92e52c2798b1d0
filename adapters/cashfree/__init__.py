"""Cashfree: collects money and gives it back, over its Payments API."""

from adapters.cashfree.offer import OFFER

__all__ = ["OFFER"]
