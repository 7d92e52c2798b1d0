"""Deliveries, approvals and requests for changes."""

from __future__ import annotations

from tests.web.route_samples import DELIVERED, NO_BODY, PathVariable, RouteSamples

SAMPLES = RouteSamples(
    bodies={
        "jobs.deliver": {"form": {"note": "Done."}},
        "jobs.approve": {"form": {"delivery": "1"}},
        "jobs.request_changes": {"form": {"notes": "Explain step 3."}},
        "api_jobs.send_again": {"json": {"notes": "The ZIP is empty."}},
        "api_jobs.deliver": {"json": {"note": "Done."}},
        "api_jobs.approve": NO_BODY,
        "api_jobs.request_changes": {"json": {"notes": "Explain step 3."}},
    },
    states={
        "deliveries.show": DELIVERED,
        "jobs.approve": DELIVERED,
        "jobs.request_changes": DELIVERED,
        "api_jobs.approve": DELIVERED,
        "api_jobs.request_changes": DELIVERED,
        "api_jobs.send_again": DELIVERED,
    },
    variables={
        "job_id": PathVariable(
            example=lambda site: site.job_id,
            own=lambda person, booking: booking.job_id if booking else None,
            absent=f"job_{'9' * 26}",
        ),
    },
)
