"""Cashfree: collects money and gives it back, over its Payments API."""

from adapters.cashfree.gateway import CashfreeGateway
from adapters.cashfree.settings import CashfreeSettings

__all__ = ["CashfreeGateway", "CashfreeSettings"]
