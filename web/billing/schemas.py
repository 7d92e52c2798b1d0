"""API schema of billing details."""

from __future__ import annotations

from typing_extensions import TypedDict

from core.billing import TaxParty


class BillingSchema(TypedDict):
    """Texts that are not given are empty. `state` is the code of a state of India, or `96` for an
    address outside India, and then `country` is a name."""

    name: str
    address: str
    state: str
    country: str
    gstin: str


def billing(value: TaxParty) -> BillingSchema:
    return {
        "name": value.name,
        "address": value.address,
        "state": value.state,
        "country": value.country,
        "gstin": value.gstin,
    }
