"""Wording of disputes: states, reasons, wishes, timeline entries and audit entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from core.bundle_checks import BundleCheck
from core.dispute_parts import How, OfferState, Reason, Wish, WishKind
from core.disputes import Dispute, DisputeActivity, DisputeStep, Status
from core.shares import Shares
from core.timeline import Actor, Entry
from services.timeline import BookingDetails
from web.shared.context import formats
from web.shared.sides import Badge, Side
from web.shared.timeline import Line, Wording

REASONS: Mapping[Reason, str] = {
    Reason.NOT_AS_AGREED: "The work is not what we agreed",
    Reason.NO_CONTACT: "The other side does not answer, or did not come",
    Reason.OTHER: "Something else",
    Reason.NO_SHOW: "The other side did not come to the meeting",
    Reason.CANCELLATION: "The client cancelled after a delivery",
}
BADGES: Mapping[Status, Badge] = {
    Status.PROPOSED: Badge("hourglass", "Cancellation proposed", "wait"),
    Status.OPEN: Badge("scale", "In dispute", "stop"),
    Status.EVIDENCE: Badge("scale", "In dispute", "stop"),
    Status.DECISION: Badge("scale", "Being decided", "stop"),
    Status.SETTLED: Badge("circle-check", "Settled", "go"),
    Status.WITHDRAWN: Badge("undo-2", "Taken back", "off"),
    Status.RESUMED: Badge("rotate-ccw", "Delivered once more", "off"),
}
WAITS: Mapping[Status, Badge] = {
    Status.PROPOSED: Badge("hourglass", "The developer’s answer", "off"),
    Status.OPEN: Badge("hourglass", "An answer", "off"),
    Status.EVIDENCE: Badge("file-text", "Evidence", "off"),
    Status.DECISION: Badge("scale", "Your decision", "wait"),
}
"""What an open dispute waits for, for administrators."""
OFFERS: Mapping[OfferState, Badge] = {
    OfferState.REPLACED: Badge("undo-2", "Replaced", "off"),
    OfferState.ACCEPTED: Badge("circle-check", "Accepted", "go"),
    OfferState.LAPSED: Badge("clock-alert", "Ended with the case", "off"),
}
HOW: Mapping[How, str] = {
    How.AGREED: "Both sides agreed",
    How.DECIDED: "An administrator decided",
    How.UNCONTESTED: "The cancellation was not contested",
    How.NOT_ANSWERED: "The claim of not having come was not answered",
    How.TIME_OVER: "The longest time was over",
}
ENDS: Mapping[How, str] = {
    How.AGREED: "agreed",
    How.DECIDED: "decided",
    How.UNCONTESTED: "not contested",
    How.NOT_ANSWERED: "not answered",
    How.TIME_OVER: "ended by time",
}
"""The same in a list of several cases."""
ACTIVITY: Mapping[str, str] = {DisputeActivity.DECIDED: "A case was decided"}


def wish_words(wish: Wish, dispute: Dispute, viewer: Actor) -> str:
    """What a side wants, for one side or an administrator."""
    to = "you" if viewer is Actor.CLIENT else first(dispute.client.name)
    money = formats().money
    match wish.kind:
        case WishKind.ALL:
            return f"All the money back to {to}, {money(dispute.held)}"
        case WishKind.PART if wish.amount:
            return f"A part of the money back to {to}, {money(wish.amount)}"
        case WishKind.NOTHING_BACK:
            return f"Nothing back to {to}"
        case WishKind.CHANGES:
            return "Changes to the work"
        case _:
            return "Something else, as described"


def earlier_words(others: Sequence[Dispute]) -> str:
    """'2 cases before: 1 agreed, 1 open'; what other cases of one side came to."""
    if not others:
        return "No case before"
    ends = Counter(_end(each) for each in others)
    cases = "case" if len(others) == 1 else "cases"
    return f"{len(others)} {cases} before: {', '.join(f'{n} {end}' for end, n in ends.items())}"


def waiting_words(counts: Mapping[Status, int]) -> dict[str, int]:
    """How many open cases wait for what: those that wait for an administrator first, and nothing
    that no case waits for."""
    ordered = sorted(counts, key=lambda status: status is not Status.DECISION)
    return {WAITS[status].words: counts[status] for status in ordered if counts[status]}


def lacking(check: BundleCheck) -> str:
    """'1 is not stored any more, 2 have changed'; which files a bundle does not have."""
    counts = {
        ("is not stored any more", "are not stored any more"): check.gone,
        ("has changed since it was sent", "have changed since they were sent"): check.changed,
        ("is over the limit", "are over the limit"): check.left_out,
    }
    found = ((n, one if n == 1 else many) for (one, many), n in counts.items() if n)
    return ", ".join(f"{number} {words}" for number, words in found)


def _end(dispute: Dispute) -> str:
    if dispute.settlement:
        return ENDS[dispute.settlement.how]
    return "open" if dispute.open else "taken back"


def first(name: str) -> str:
    return name.split(" ", 1)[0]


def _who(entry: Entry, side: Side) -> str:
    if entry.actor is Actor.ADMIN:
        return "An administrator"
    return "" if entry.actor is Actor.DEADLINE else side.who(entry.actor)


def _acted(words: str) -> Wording:
    """`words` follow who did it; what was written is quoted."""

    def wording(entry: Entry, details: BookingDetails, side: Side) -> Line:
        return Line(f"{_who(entry, side)} {words}", quote=entry.detail)

    return wording


def _stated(heading: str, detail: str) -> Wording:
    return lambda entry, details, side: Line(heading, detail)


def _opened(entry: Entry, details: BookingDetails, side: Side) -> Line:
    held = formats().money(details.booking.price)
    detail = f"{held} stays held until it is settled, and all deadlines stop"
    return Line(f"{_who(entry, side)} opened a case", detail, entry.detail)


def _proposed(entry: Entry, details: BookingDetails, side: Side) -> Line:
    developer = side.name if side.is_client else "you"
    verb = "contests" if side.is_client else "contest"
    detail = f"It stands unless {developer} {verb} it in time"
    return Line(f"{_who(entry, side)} cancelled after a delivery", detail, entry.detail)


def _settled(entry: Entry, details: BookingDetails, side: Side) -> Line:
    shares, money = Shares.known(details.booking, details.payment), formats().money
    client, developer = ("you", side.name) if side.is_client else (side.name, "you")
    detail = (
        f"{money(shares.refund)} to {client}, {money(shares.earning)} to {developer}, "
        f"{money(shares.fee)} fee"
    )
    heads: Mapping[Actor, str] = {
        Actor.ADMIN: "An administrator decided the case",
        Actor.DEADLINE: "The time of the case is over",
    }
    heading = heads.get(entry.actor) or f"{side.who(entry.actor)} accepted the offer"
    return Line(heading, detail, entry.detail)


TIMELINE: Mapping[str, Wording] = {
    DisputeStep.OPENED: _opened,
    DisputeStep.ANSWERED: _acted("answered in the case"),
    DisputeStep.EVIDENCE: _acted("added evidence"),
    DisputeStep.OFFERED: _acted("made an offer"),
    DisputeStep.UNANSWERED: _stated(
        "The time to answer is over", "Both can add evidence now. An answer is still possible"
    ),
    DisputeStep.DECIDING: _stated(
        "The time for evidence is over", "An administrator decides. You can still agree"
    ),
    DisputeStep.ASKED: _acted("asks both of you"),
    DisputeStep.READ: _stated("An administrator has opened the case", "To decide it"),
    DisputeStep.SETTLED: _settled,
    DisputeStep.WITHDRAWN: _acted("took the case back"),
    DisputeStep.RESUMED: _acted("will deliver once more"),
    DisputeStep.PROPOSED: _proposed,
    DisputeStep.CONTESTED: _acted("contested the cancellation"),
    DisputeStep.KEPT: _acted("took the cancellation back"),
}
