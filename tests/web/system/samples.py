"""Reports of browsers, and the mail catcher."""

from __future__ import annotations

from tests.web.route_samples import PathVariable, RouteSamples, Sent

REPORT: Sent = {
    "data": b'{"csp-report": {"blocked-uri": "eval"}}',
    "headers": {"Content-Type": "application/csp-report"},
}

SAMPLES = RouteSamples(
    bodies={"reports.collect": REPORT},
    variables={
        "number": PathVariable(example=lambda site: "1", known=lambda site: "1", absent="999")
    },
)
