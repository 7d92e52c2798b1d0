"""Billing details of clients and developers."""

from services.billing.documents import BILLING_DETAILS
from services.billing.personal_data import BillingData
from services.billing.service import BillingService
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies

__all__ = ["BILLING_DETAILS", "CAPABILITY", "BillingService"]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    return {"billing": BillingService(store=dependencies.store)}


CAPABILITY = Capability(
    name="billing", build=build, documents=(BILLING_DETAILS,), personal_data=BillingData()
)
