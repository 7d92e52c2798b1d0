"""The route of static files, which belongs to no capability."""

from __future__ import annotations

from tests.web.route_samples import PathVariable, RouteSamples

SAMPLES = RouteSamples(
    variables={
        "filename": PathVariable(
            example=lambda site: "look.css", known=lambda site: "look.css", absent="nothing.css"
        )
    }
)
