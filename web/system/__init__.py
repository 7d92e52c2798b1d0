"""Health checks, CSP reports, the mail catcher and the API reference."""
