"""What administrators do with money."""

from __future__ import annotations

from tests.web.route_samples import RouteSamples

REFUND = {"amount": {"amount": 100}, "reason": "Agreed."}
FORM = {"paise": "100", "reason": "Agreed.", "preview": "0"}

SAMPLES = RouteSamples(
    bodies={
        "admin_refunds.check": {"form": {"amount": "1.00", "reason": "Agreed."}},
        "admin_refunds.refund": {"form": FORM},
        "api_admin_refunds.preview": {"json": REFUND},
        "api_admin_refunds.refund": {"json": REFUND},
    }
)
