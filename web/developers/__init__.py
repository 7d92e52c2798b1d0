"""Developers on the web."""
