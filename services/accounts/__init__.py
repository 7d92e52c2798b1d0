"""Accounts: registration, log-in, second factors, sessions, tokens, personal data, audit."""
