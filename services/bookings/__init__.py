"""Bookings: held, requested, confirmed, completed."""

from pathlib import Path

from core.bookings import BookingStep
from core.bookings_messages import AutoCancel, ExpireHold, RemindToAnswer, RemoveBriefFiles
from core.bookings_policy import BookingPolicy
from core.calls_policy import CallPolicy
from core.jobs_policy import JobPolicy
from core.payments_policy import PaymentPolicy
from core.reminders_policy import ReminderPolicy
from services.bookings.answers import AnswerService
from services.bookings.briefs import BriefFiles
from services.bookings.drafts import Held, Quote
from services.bookings.emails import BookingContext
from services.bookings.personal_data import BookingData
from services.bookings.service import BookingService
from services.disputes import Opening
from services.files import Attachments
from services.payments import HeldMoney, PaymentService
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies
from services.shared.notices import REMINDERS, about_bookings

__all__ = ["CAPABILITY", "AnswerService", "BookingContext", "BookingService", "Held", "Quote"]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    briefs = BriefFiles(store=d.store, attachments=built[Attachments], clock=d.clock)
    bookings = BookingService(
        store=d.store,
        briefs=briefs,
        payments=built[PaymentService],
        extensions=d.extensions,
        clock=d.clock,
        ids=d.ids,
        policy=d.policies[BookingPolicy],
        call_policy=d.policies[CallPolicy],
        payment_policy=d.policies[PaymentPolicy],
        provider=d.provider,
    )
    answers = AnswerService(
        store=d.store,
        held=built[HeldMoney],
        disputes=built[Opening],
        extensions=d.extensions,
        clock=d.clock,
        policy=d.policies[JobPolicy],
        reminder_policy=d.policies[ReminderPolicy],
    )
    return {"bookings": bookings, "answers": answers, "briefs": briefs}


CAPABILITY = Capability(
    name="bookings",
    build=build,
    repositories=("bookings",),
    messages=(ExpireHold, AutoCancel, RemindToAnswer, RemoveBriefFiles),
    templates=Path(__file__).parent / "templates",
    personal_data=BookingData(),
    notices=(
        *about_bookings("accepted", "cancelled", invites=True),
        *about_bookings("declined", "auto_cancelled", "expired"),
        *about_bookings("remind_answer", group=REMINDERS),
    ),
    timeline=BookingStep,
    policy=BookingPolicy,
)
