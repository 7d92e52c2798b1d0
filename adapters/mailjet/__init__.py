"""E-mail with Mailjet's Send API v3.1."""

from adapters.mailjet.offer import OFFER

__all__ = ["OFFER"]
