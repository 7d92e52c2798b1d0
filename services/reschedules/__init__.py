"""Reschedules: one side proposes another time, the other accepts it or keeps the booked one."""

from pathlib import Path

from core.bookings_policy import BookingPolicy
from core.jobs_policy import JobPolicy
from core.reminders_policy import ReminderPolicy
from core.reschedules import ExpireProposal, RescheduleStep
from core.reschedules_policy import ReschedulePolicy
from services.reschedules.service import RescheduleService
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies
from services.shared.notices import Notice

__all__ = ["CAPABILITY", "RescheduleService"]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    reschedules = RescheduleService(
        store=d.store,
        extensions=d.extensions,
        clock=d.clock,
        policy=d.policies[ReschedulePolicy],
        booking_policy=d.policies[BookingPolicy],
        job_policy=d.policies[JobPolicy],
        reminder_policy=d.policies[ReminderPolicy],
    )
    return {"reschedules": reschedules}


CAPABILITY = Capability(
    name="reschedules",
    build=build,
    messages=(ExpireProposal,),
    templates=Path(__file__).parent / "templates",
    notices=tuple(
        Notice(
            step.value,
            f"reschedules/{step.value}",
            repeats=True,
            invites=step is RescheduleStep.MOVED,
        )
        for step in RescheduleStep
    ),
    timeline=RescheduleStep,
    policy=ReschedulePolicy,
    # The proposed times are stored with the booking, and their steps in its timeline.
    personal_data=None,
)
