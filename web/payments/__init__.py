"""Payments on the web."""

from web.payments import api, checkout, webhooks
from web.shared.capabilities import WebCapability

__all__ = [
    "WEB",
]

WEB = WebCapability(
    name="payments",
    pages=(checkout.blueprint,),
    api=(api.blueprint, webhooks.blueprint),
)
