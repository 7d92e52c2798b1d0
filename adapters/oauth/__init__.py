"""Signing in with other sites: OpenID providers (Google among them), and GitHub."""

from adapters.oauth.client import Registration
from adapters.oauth.github import GitHubProvider
from adapters.oauth.openid import OpenIdProvider

__all__ = ["GitHubProvider", "OpenIdProvider", "Registration"]
