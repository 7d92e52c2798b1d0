"""How billing details are stored."""

from core.billing import BillingDetails
from ports.documents import DocumentType

BILLING_DETAILS = DocumentType("billing_details", BillingDetails)
"""The id is the account's."""
