"""Protocols of repositories and gateways; their docstrings are the contracts of the adapters."""
