"""Mail over Mailjet's Send API v3.1."""
