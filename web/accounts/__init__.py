"""Accounts on the web: registration, log-in, security, personal data, administration."""
