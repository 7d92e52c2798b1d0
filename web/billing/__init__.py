"""Billing details on the web."""

from web.billing import api, pages
from web.shared.capabilities import WebCapability

__all__ = ["WEB"]

WEB = WebCapability(name="billing", pages=(pages.blueprint,), api=(api.blueprint,))
