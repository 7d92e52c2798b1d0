"""Reminders on the web."""

from web.reminders import notices
from web.reminders.notices import length
from web.shared.capabilities import WebCapability

__all__ = ["WEB", "length"]

WEB = WebCapability(name="reminders", notices=notices.NOTICES)
