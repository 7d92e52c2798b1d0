"""Moves of confirmed bookings."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from core.bookings import BookingId
from tests.app import MONDAY
from tests.web.route_samples import BuildRequest, RouteSamples, Sent

if TYPE_CHECKING:
    from tests.web.every_role import Person, SiteWithEveryRole

START = MONDAY + timedelta(days=13)
PROPOSAL = {"start": START.isoformat(), "reason": "Our release moved."}


def proposed(sent: Sent, *, by_sender: bool) -> BuildRequest:
    """A time is proposed first, by the sender or by the other side."""

    async def prepared(site: SiteWithEveryRole, person: Person, thing: str) -> Sent:
        booking = await site.app.store.repositories.bookings.find(BookingId(thing))
        account = person.account.id if person.account else ""
        if booking and booking.is_party(account):
            sides = {booking.client.account_id, booking.developer.account_id}
            by = account if by_sender else (sides - {account}).pop()
            await site.app.services.reschedules.propose(booking.id, by=by, start=START)
        return sent

    return prepared


SAMPLES = RouteSamples(
    bodies={
        "reschedules.propose": {"form": PROPOSAL},
        "reschedules.answer": proposed(
            {"form": {"accept": "yes", "start": START.isoformat()}}, by_sender=False
        ),
        "reschedules.withdraw": proposed({}, by_sender=True),
        "api_reschedules.propose": {"json": PROPOSAL},
        "api_reschedules.answer": proposed({"json": {"accept": True}}, by_sender=False),
        "api_reschedules.withdraw": proposed({}, by_sender=True),
    },
)
