"""Payments on the web."""

from pathlib import Path

from web.payments import api, checkout, webhooks
from web.shared.assets import StaticFolder
from web.shared.capabilities import WebCapability

__all__ = [
    "WEB",
]

WEB = WebCapability(
    name="payments",
    pages=(checkout.blueprint,),
    api=(api.blueprint, webhooks.blueprint),
    static=StaticFolder("payments", Path(__file__).parent / "static"),
)
