"""Jobs and their deliveries."""

from __future__ import annotations

from typing import Any

from core.deliveries import DeliveredFile, Delivery, DeliveryId
from core.jobs import Job, JobId
from core.jobs import Status as JobStatus
from core.policy import DAY
from onehour.testing.samples.bookings import DEV, GITA, TERMS
from onehour.testing.samples.sample import NOW, Sample


def a_job(number: int = 1, **changes: Any) -> Job:
    values: dict[str, Any] = {
        "id": JobId(f"job_{number:04d}"),
        "booking_id": f"bkg_{number:04d}",
        "client": GITA,
        "developer": DEV,
        "terms": TERMS,
        "created_at": NOW,
        "deliver_by": NOW + 14 * DAY,
        "revisions_allowed": 2,
        "status": JobStatus.DELIVERED,
        "deliveries": 2,
        "revisions_used": 1,
        "approve_by": NOW + 3 * DAY,
        "booked_end": NOW + DAY,
        "frozen_from": JobStatus.DELIVERED,
        "frozen_at": NOW + DAY,
        "dispute_id": f"dsp_{number:04d}",
    }
    return Job(**{**values, **changes})


def a_delivery(number: int = 1) -> Delivery:
    file = DeliveredFile(f"fil_{number}", "index.sql", 120, "0" * 64)
    return Delivery(
        DeliveryId(f"dlv_{number}"), "job_1", "bkg_1", number, "It is done.", NOW, (file,)
    )


SAMPLES = (
    Sample(
        "jobs",
        a_job(),
        lambda repositories: repositories.jobs.add(a_job()),
        lambda repositories: repositories.jobs.get(a_job().id),
    ),
    Sample(
        "deliveries",
        (a_delivery(),),
        lambda repositories: repositories.deliveries.add(a_delivery()),
        lambda repositories: repositories.deliveries.of_job(a_delivery().job_id),
    ),
)
