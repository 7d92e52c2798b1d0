"""Chargebacks on the web: the words of their steps."""

from web.chargebacks import notices, wording
from web.shared.capabilities import WebCapability

__all__ = ["WEB"]

WEB = WebCapability(
    name="chargebacks",
    timeline=wording.TIMELINE,
    activity=wording.ACTIVITY,
    notices=notices.NOTICES,
)
