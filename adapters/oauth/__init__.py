"""Signing in with other sites: OpenID providers (Google among them), and GitHub."""
