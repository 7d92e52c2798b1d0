"""The choice of a time zone by visitors."""

from __future__ import annotations

from tests.web.route_samples import RouteSamples

SAMPLES = RouteSamples(
    bodies={"home.choose_time_zone": {"form": {"timezone": "Europe/Madrid", "next": "/rules"}}}
)
