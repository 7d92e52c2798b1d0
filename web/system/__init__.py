"""Health checks, CSP reports, the API reference and, in development, caught mail."""

from web.shared.capabilities import WebCapability
from web.system import health, mail_catcher, reference, reports

__all__ = ["MAIL_CATCHER", "WEB"]

WEB = WebCapability(name="system", pages=(health.blueprint, reports.blueprint, reference.blueprint))
MAIL_CATCHER = WebCapability(name="mail_catcher", pages=(mail_catcher.blueprint,))
"""Only where mail is caught instead of sent."""
