"""Settlements on the web: the pages and the API of administrators."""

from web.settlements import admin_pages, api
from web.shared.capabilities import WebCapability

__all__ = ["WEB"]

WEB = WebCapability(name="settlements", pages=(admin_pages.blueprint,), api=(api.blueprint,))
