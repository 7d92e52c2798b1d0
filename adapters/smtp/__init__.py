"""Mail over SMTP: any mail server, and the relays of Gmail, SES, Mailjet and their like."""

from adapters.smtp.offer import OFFER

__all__ = ["OFFER"]
