"""What a step of a booking tells: one line of its timeline, mails, open browsers, plugins.

All of it is written in the step's own transaction and sent by relays afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.bookings import Booking
from core.outbox import OutboxMessage, message
from core.timeline import Actor, Entry, MoneyAt
from ports.store import Repositories


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened. `key` names it for ever: aggregate, version, and what.

    `mails` are pairs of letter name and account id.
    """

    key: str
    what: str
    actor: Actor
    at: datetime
    detail: str = ""
    money: MoneyAt | None = None
    mails: tuple[tuple[str, str], ...] = ()


async def tell(
    repositories: Repositories,
    booking: Booking,
    step: Step,
    *,
    owes: Iterable[OutboxMessage] = (),
    news: bool = False,
) -> None:
    """Write the timeline line and everything owed after the step, in two writes.

    `owes` are further effects of the same step, `news` whether plugins listen.
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
    await repositories.outbox.add(*owes, *_messages(booking, step, news=news))


def _messages(booking: Booking, step: Step, *, news: bool) -> Iterable[OutboxMessage]:
    key = f"{step.key}:{step.what}"
    facts = {"booking": booking.id, "what": step.what}
    accounts = f"{booking.client.account_id} {booking.developer.account_id}"
    yield message("live.booking", key, due_at=step.at, accounts=accounts, **facts)
    if step.what in SLOT_NEWS:
        developer = booking.developer.id
        yield message("live.slots", key, due_at=step.at, developer=developer)
        yield message("developers.refresh", key, due_at=step.at, developer=developer)
    for letter, account in step.mails:
        yield message(
            "notifications.mail", f"{key}:{letter}:{account}", due_at=step.at,
            letter=letter, account=account, booking=booking.id,
        )  # fmt: skip
    if news:
        yield message("plugins.news", key, due_at=step.at, **facts)


SLOT_NEWS = frozenset({"held", "expired", "given_back", "declined", "auto_cancelled", "cancelled"})
"""The steps after which other visitors see other free hours."""
