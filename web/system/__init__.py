"""Health checks, CSP reports, the API reference and, in development, captured e-mails."""

from pathlib import Path

from web.shared.assets import StaticFolder
from web.shared.capabilities import WebCapability
from web.system import health, mail_catcher, reference, reports

__all__ = ["MAIL_CATCHER", "WEB"]

WEB = WebCapability(
    name="system",
    pages=(health.blueprint, reports.blueprint, reference.blueprint),
    static=StaticFolder("system", Path(__file__).parent / "static", sheets=("system.css",)),
)
MAIL_CATCHER = WebCapability(name="mail_catcher", pages=(mail_catcher.blueprint,))
"""Only where e-mails are caught instead of sent."""
