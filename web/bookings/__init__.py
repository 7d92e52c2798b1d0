"""Bookings on the web."""
