"""Jobs: deliveries, changes, approval."""

from core.jobs import AutoApprove, GiveUp, JobStep, RemindToDeliver, RemindToReview
from core.jobs_policy import JobPolicy
from services.files import Attachments
from services.jobs.deadlines import moved_deadlines, resumed_deadlines, work_deadlines
from services.jobs.personal_data import JobData
from services.jobs.service import JobService
from services.payments import HeldMoney
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies
from services.shared.notices import PAYMENTS, REMINDERS, WORK, about_bookings

__all__ = [
    "CAPABILITY",
    "JobService",
    "moved_deadlines",
    "resumed_deadlines",
    "work_deadlines",
]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    service = JobService(
        store=d.store,
        held=built[HeldMoney],
        attachments=built[Attachments],
        extensions=d.extensions,
        clock=d.clock,
        policy=d.policies[JobPolicy],
    )
    return {"jobs": service}


CAPABILITY = Capability(
    name="jobs",
    build=build,
    repositories=("jobs", "deliveries"),
    messages=(AutoApprove, GiveUp, RemindToReview, RemindToDeliver),
    personal_data=JobData(),
    notices=(
        *about_bookings("released", "approved", group=PAYMENTS),
        *about_bookings("not_delivered", group=WORK),
        *about_bookings("delivered", "changes_requested", "send_again", group=WORK, repeats=True),
        *about_bookings("remind_review", "remind_delivery", group=REMINDERS, repeats=True),
    ),
    timeline=JobStep,
    policy=JobPolicy,
)
