"""Addresses of pages that other programs open: e-mails, calendars, reminders."""

from __future__ import annotations


def booking_url(site: str, booking_id: str) -> str:
    """The page of a booking. `site` is the base URL."""
    return f"{site}/bookings/{booking_id}"


def call_url(site: str, booking_id: str) -> str:
    """Where both sides of a booking join the call."""
    return f"{booking_url(site, booking_id)}/call"
