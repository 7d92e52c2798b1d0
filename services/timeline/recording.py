"""What a step of a booking tells: one line of its timeline, mails, open browsers, plugins.

All of it is written in the step's own transaction and sent by relays afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.bookings import Booking
from core.developers import DeveloperId, RefreshNextTimes
from core.extensions import BookingEvent
from core.live import BookingChanged, SlotsChanged
from core.notifications import BookingEmail
from core.outbox import OutboxMessage, message
from core.timeline import Actor, Entry, MoneyPosition
from ports.store import Repositories


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """One thing that happened. `key` names it for ever: aggregate, version, and what.

    `mails` are pairs of letter name and account id.
    """

    key: str
    what: str
    actor: Actor
    at: datetime
    detail: str = ""
    money: MoneyPosition | None = None
    emails: tuple[tuple[str, str], ...] = ()


async def record(
    repositories: Repositories,
    booking: Booking,
    step: TimelineStep,
    *,
    messages: Iterable[OutboxMessage] = (),
    events: bool = False,
) -> None:
    """Write the timeline line and everything owed after the step, in two writes.

    `messages` are further messages of the same step, `events` whether plugins listen.
    """
    await repositories.timeline.add(
        Entry(
            id=f"{step.key}:{step.what}",
            booking_id=booking.id,
            at=step.at,
            what=step.what,
            actor=step.actor,
            detail=step.detail,
            money=step.money,
        )
    )
    await repositories.outbox.add(*messages, *_messages(booking, step, events=events))


def _messages(booking: Booking, step: TimelineStep, *, events: bool) -> Iterable[OutboxMessage]:
    key = f"{step.key}:{step.what}"
    accounts = f"{booking.client.account_id} {booking.developer.account_id}"
    yield message(BookingChanged(accounts, booking.id, step.what), key, due_at=step.at)
    if step.what in SLOT_CHANGING_STEPS:
        developer = DeveloperId(booking.developer.id)
        yield message(SlotsChanged(developer), key, due_at=step.at)
        yield message(RefreshNextTimes(developer), key, due_at=step.at)
    for letter, account in step.emails:
        email = BookingEmail(letter, account, booking.id)
        yield message(email, f"{key}:{letter}:{account}", due_at=step.at)
    if events:
        yield message(BookingEvent(booking.id, step.what, key), key, due_at=step.at)


SLOT_CHANGING_STEPS = frozenset(
    {"held", "expired", "given_back", "declined", "auto_cancelled", "cancelled"}
)
"""The steps after which other visitors see other free hours."""
