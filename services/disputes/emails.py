"""What the e-mails about disputes show, read when they are sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.accounts import first_name
from core.bookings import Booking, BookingId
from core.dispute_parts import Offer, Settlement, Statement
from core.disputes import Dispute, DisputeId, DisputeStep
from core.money import Money
from core.shares import Shares
from core.timeline import Actor, Entry
from ports.store import Repositories
from services.disputes.storage import disputes
from services.shared.notices import PAYMENTS, Notice, NoticeReader

REMINDER = "remind_dispute"


@dataclass(frozen=True, slots=True)
class DisputeContext:
    """A dispute from the point of view of one side.

    `other` is the first name of the other side. `acted` is who did the step: 'You', that name, or
    'An administrator'; empty for a deadline. `offer` is the offer the step is about, `shares` how
    the money is divided by that offer or by the settlement.
    """

    dispute: Dispute
    booking: Booking
    notice: str
    to_client: bool
    other: str
    other_name: str
    acted: str
    own: bool
    entry: Entry | None
    said: Statement | None
    offer: Offer | None
    settlement: Settlement | None
    shares: Shares | None
    asked: Money | None
    due: datetime
    url: str


async def dispute_context(
    repositories: Repositories, reader: NoticeReader
) -> DisputeContext | None:
    """None for a reminder when the side has answered meanwhile."""
    delivery = reader.delivery
    dispute_id, _, rest = delivery.fact.partition(":")
    dispute = await disputes(repositories).get(DisputeId(dispute_id))
    side = dispute.side(reader.account.id)
    if delivery.notice == REMINDER and (dispute.statement(side) or not dispute.open):
        return None
    booking = await repositories.bookings.get(BookingId(dispute.booking_id))
    entries = await repositories.timeline.of_booking(booking.id)
    entry = next((each for each in entries if each.id == delivery.fact), None)
    offer = next((each for each in dispute.offers if each.id == rest.partition(":")[0]), None)
    if offer is None and delivery.notice == DisputeStep.PROPOSED:
        offer = dispute.offers[0]
    other = dispute.developer if side is Actor.CLIENT else dispute.client
    end = dispute.settlement
    refund = offer.refund if offer else end.refund if end else None
    actor = entry.actor if entry else Actor.DEADLINE
    return DisputeContext(
        dispute=dispute,
        booking=booking,
        notice=delivery.notice,
        to_client=side is Actor.CLIENT,
        other=first_name(other.name),
        other_name=other.name,
        acted=_who(actor, side, first_name(other.name)),
        own=actor is side,
        entry=entry,
        said=dispute.statement(actor),
        offer=offer,
        settlement=end,
        shares=Shares.of(booking, refund) if refund is not None else None,
        asked=dispute.asked_by(Actor.CLIENT),
        due=dispute.due,
        url=f"{reader.site}/disputes/{dispute.id}",
    )


def _who(actor: Actor, side: Actor, other: str) -> str:
    if actor is Actor.ADMIN:
        return "An administrator"
    if actor not in (Actor.CLIENT, Actor.DEVELOPER):
        return ""
    return "You" if actor is side else other


NOTICES = tuple(
    Notice(
        name,
        "disputes/step",
        PAYMENTS,
        repeats=True,
        context=dispute_context,
        invites=name == DisputeStep.SETTLED,
    )
    for name in (*(step.value for step in DisputeStep), REMINDER)
)
"""Like those about payments they cannot be turned off: they are about money that is held."""
