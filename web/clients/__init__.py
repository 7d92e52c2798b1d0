"""Clients on the web."""
