"""Mail over SMTP: any mail server, and the relays of Gmail, SES, Mailjet and their like."""
