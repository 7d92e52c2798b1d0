"""Billing details, which everybody may have."""

from __future__ import annotations

from tests.web.route_samples import RouteSamples

DETAILS = {
    "name": "Krishnan Analytics",
    "address": "12 FC Road\nPune 411004",
    "state": "27",
    "country": "",
    "gstin": "27AAPFU0939F1ZV",
}

SAMPLES = RouteSamples(
    bodies={"billing.update": {"form": DETAILS}, "api_billing.change": {"json": DETAILS}}
)
