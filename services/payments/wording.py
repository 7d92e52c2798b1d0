"""Names of payment methods and providers, for e-mails, pages and receipts."""

from __future__ import annotations

from core.payments import Payment

METHODS = {
    "upi": "UPI",
    "emi": "EMI",
    "net_banking": "net banking",
    "netbanking": "net banking",
    "paylater": "pay later",
}
"""Names of methods that are more than their words."""


def method_name(payment: Payment) -> str:
    """'UPI' or 'credit card': the method of the attempt that paid, as the provider reported it.
    Empty if it reported none."""
    attempt = payment.paid_by
    method = attempt.method.strip().lower() if attempt else ""
    return METHODS.get(method, method.replace("_", " "))


def provider_name(name: str) -> str:
    """The name of an adapter with a capital letter."""
    return name.replace("_", " ").capitalize()


def paid_with(payment: Payment) -> str:
    """'UPI', or the name of the provider if it reported no method."""
    return method_name(payment) or provider_name(payment.provider)
