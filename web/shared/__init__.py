"""Shared code of the web layer."""
