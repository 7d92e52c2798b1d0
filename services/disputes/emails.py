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
from services.files import FILES
from services.shared.notices import PAYMENTS, Notice, NoticeReader

REMINDER = "remind_dispute"
NAMED_FILES = 5
"""How many files of one step an e-mail names."""
SAYS = frozenset({DisputeStep.OPENED, DisputeStep.ANSWERED, DisputeStep.CONTESTED})
"""The steps that are the statement of a side."""


@dataclass(frozen=True, slots=True)
class DisputeContext:
    """A dispute from the point of view of one side.

    `other` is the first name of the other side. `acted` is who did the step: 'You', that name, or
    'An administrator'; empty for a deadline. `offer` is the offer the step is about, `shares` how
    the money is divided by that offer or by the settlement. `files` is how many the step added,
    `file_names` are the names of the first `named_files`, one a line.
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
    files: int
    file_names: str
    named_files: int = NAMED_FILES


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
    names = await _file_names(repositories, dispute, entry)
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
        files=len(names),
        file_names="\n".join(names[:NAMED_FILES]),
    )


async def _file_names(
    repositories: Repositories, dispute: Dispute, entry: Entry | None
) -> list[str]:
    """Of those files that still exist. Each name was made short and safe when it was uploaded."""
    ids = _added(dispute, entry) if entry else ()
    stored = await repositories.documents(FILES).many(ids) if ids else {}
    return [stored[each].name for each in ids if each in stored]


def _added(dispute: Dispute, entry: Entry) -> tuple[str, ...]:
    """The ids of the files that a step added. An entry of the timeline is written after what it is
    about, and before the next piece of evidence."""
    if entry.what in SAYS:
        said = dispute.statement(entry.actor)
        return said.files if said else ()
    if entry.what != DisputeStep.EVIDENCE:
        return ()
    told = (each for each in reversed(dispute.evidence) if each.by is entry.actor)
    found = (each for each in told if each.text == entry.detail and each.at <= entry.at)
    return next((each.files for each in found), ())


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
