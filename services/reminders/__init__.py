"""Reminders of meetings, to both sides."""

from pathlib import Path

from core.reminders import NOTICE, RemindOfMeeting
from core.reminders_policy import ReminderPolicy
from services.reminders.emails import meeting_context
from services.reminders.service import ReminderService
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies
from services.shared.notices import REMINDERS, Notice

__all__ = ["CAPABILITY", "ReminderService"]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    policy = d.policies[ReminderPolicy]
    return {"reminders": ReminderService(store=d.store, clock=d.clock, policy=policy)}


CAPABILITY = Capability(
    name="reminders",
    build=build,
    messages=(RemindOfMeeting,),
    templates=Path(__file__).parent / "templates",
    notices=(
        Notice(
            NOTICE,
            f"reminders/{NOTICE}",
            REMINDERS,
            repeats=True,
            context=meeting_context,
            news=True,
        ),
    ),
    policy=ReminderPolicy,
    # Nothing is stored beside the messages, which name the booking.
    personal_data=None,
)
