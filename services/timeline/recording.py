"""Records a step of a booking: its timeline entry, and messages for notices, live updates and
plugins.

Everything is written in the transaction of the step; the relay sends the messages afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.bookings import Booking, BookingStep
from core.developers import DeveloperId, RefreshNextTimes
from core.disputes import DisputeStep
from core.extensions import BookingEvent
from core.notifications import BookingNews
from core.outbox import OutboxMessage, message
from core.payments import PaymentStep
from core.reschedules import RescheduleStep
from core.timeline import Actor, Entry, MoneyPosition, MovedTimes
from ports.store import Repositories


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """One step of a booking. `key` identifies it: the id and the version of the aggregate.

    `what` is a member of the `timeline` enumeration of a capability. `emails` are pairs of notice
    name and account id.
    """

    key: str
    what: StrEnum
    actor: Actor
    at: datetime
    detail: str = ""
    money: MoneyPosition | None = None
    emails: tuple[tuple[str, str], ...] = ()
    times: MovedTimes | None = None


def to_both(notice: str, booking: Booking) -> tuple[tuple[str, str], ...]:
    """The notice for both parties, for `TimelineStep.emails`."""
    return (notice, booking.client.account_id), (notice, booking.developer.account_id)


async def record(
    repositories: Repositories,
    booking: Booking,
    step: TimelineStep,
    *,
    messages: Iterable[OutboxMessage] = (),
    events: bool = False,
) -> None:
    """Add the timeline entry and the messages of the step, in two writes.

    `messages` are further messages of the same step; `events`: plugins listen to booking events.
    """
    await repositories.timeline.add(
        Entry(
            id=f"{step.key}:{step.what}",
            booking_id=booking.id,
            at=step.at,
            what=step.what.value,
            actor=step.actor,
            detail=step.detail,
            money=step.money,
            times=step.times,
        )
    )
    await repositories.outbox.add(*messages, *_messages(booking, step, events=events))


def _messages(booking: Booking, step: TimelineStep, *, events: bool) -> Iterable[OutboxMessage]:
    key = f"{step.key}:{step.what}"
    changes_slots, developer = step.what in SLOT_CHANGING_STEPS, DeveloperId(booking.developer.id)
    news = BookingNews(
        booking=booking.id,
        what=step.what.value,
        fact=key,
        accounts=f"{booking.client.account_id} {booking.developer.account_id}",
        slots_of=developer if changes_slots else "",
        notices=" ".join(f"{notice}:{account}" for notice, account in step.emails),
    )
    yield message(news, key, due_at=step.at)
    if changes_slots:
        yield message(RefreshNextTimes(developer), key, due_at=step.at)
    if events:
        yield message(BookingEvent(booking.id, step.what.value, key), key, due_at=step.at)


SLOT_CHANGING_STEPS: frozenset[StrEnum] = frozenset(
    {
        BookingStep.HELD,
        BookingStep.EXPIRED,
        BookingStep.RELEASED,
        BookingStep.DECLINED,
        BookingStep.AUTO_CANCELLED,
        BookingStep.CANCELLED,
        RescheduleStep.MOVED,
        DisputeStep.SETTLED,
        PaymentStep.REFUND_DECIDED,
    }
)
"""The steps that change the developer's free times."""
