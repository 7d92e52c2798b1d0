"""E-mail with SMTP: any mail server, and the SMTP relays of Gmail, SES, Mailjet and others."""

from adapters.smtp.offer import OFFER

__all__ = ["OFFER"]
