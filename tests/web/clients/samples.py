"""Changes of a client's profile."""

from __future__ import annotations

from tests.web.route_samples import RouteSamples

SAMPLES = RouteSamples(
    bodies={
        "clients.update": {"form": {"name": "Somebody", "timezone": "Asia/Kolkata"}},
        "api_clients.change": {"json": {"phone": "9876543210"}},
    }
)
