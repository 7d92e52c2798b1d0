"""Settlements on the web: the pages of administrators."""

from web.settlements import admin_pages
from web.shared.capabilities import WebCapability

__all__ = ["WEB"]

WEB = WebCapability(name="settlements", pages=(admin_pages.blueprint,))
