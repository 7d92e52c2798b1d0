"""Clients on the web."""

from web.clients import api, pages
from web.shared.capabilities import WebCapability

__all__ = [
    "WEB",
]

WEB = WebCapability(
    name="clients",
    pages=(pages.blueprint,),
    api=(api.blueprint,),
)
