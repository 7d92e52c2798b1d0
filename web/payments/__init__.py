"""Payments on the web."""
