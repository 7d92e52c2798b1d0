"""Bookings: held, requested, confirmed, completed."""
