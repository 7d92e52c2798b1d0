"""Wording of notifications about disputes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.dispute_parts import Offer, Reason
from core.disputes import Dispute, DisputeStep
from core.money import Money
from core.notifications import Notification
from core.timeline import Actor
from web.disputes.wording import first
from web.shared.context import formats, me, services
from web.shared.notices import NoticeLine, NoticeWording, NoticeWords


@dataclass(frozen=True, slots=True)
class Facts:
    """A dispute for the viewer, who is one of its sides."""

    dispute: Dispute
    side: Actor
    offer: Offer | None

    @property
    def other(self) -> str:
        party = self.dispute.developer if self.side is Actor.CLIENT else self.dispute.client
        return first(party.name)

    @property
    def client(self) -> str:
        return "you" if self.side is Actor.CLIENT else first(self.dispute.client.name)

    @property
    def held(self) -> str:
        return formats().money(self.dispute.held)

    def money(self, amount: Money | None) -> str:
        return formats().money(amount) if amount is not None else ""


async def _facts(entries: Sequence[Notification]) -> Mapping[str, Facts]:
    """The disputes of the entries: one read for all of them."""
    wanted = {each.id: each.fact.split(":") for each in entries}
    found = await services().disputes.many(sorted({fact[0] for fact in wanted.values()}))
    viewer = me().id
    return {
        name: Facts(dispute, dispute.side(viewer), _offer(dispute, fact[1:2]))
        for name, fact in wanted.items()
        if (dispute := found.get(fact[0]))
        and viewer in (dispute.client.account_id, dispute.developer.account_id)
    }


def _offer(dispute: Dispute, key: Sequence[str]) -> Offer | None:
    return next((each for each in dispute.offers if [each.id] == list(key)), None)


def _line(you: str, other: str, detail: str, icon: str = "scale") -> NoticeWording:
    """The wording of a step: `you` if the viewer did it, `other` with `{other}` otherwise. `detail`
    may contain `{held}`, `{client}`, `{back}` and `{offer}`."""

    def wording(entry: Notification, about: Facts) -> NoticeLine:
        own = entry.actor == me().id
        end = about.dispute.settlement
        words = {
            "other": about.other,
            "held": about.held,
            "client": about.client,
            "offer": about.money(about.offer.refund if about.offer else None),
            "back": about.money(end.refund if end else None),
            "number": about.dispute.booking_number,
        }
        heading = (you if own else other).format(**words)
        path = f"/disputes/{about.dispute.id}"
        return NoticeLine(heading, f"{detail} ({{number}})".format(**words), path, icon)

    return wording


HELD = "{held} stays held until the case is settled."
OPENED = _line("You opened a case", "{other} opened a case", HELD)
NO_SHOW = _line(
    "You said that {other} did not come",
    "{other} says that you did not come",
    "Without an answer the claim stands. " + HELD,
    "clock-alert",
)
WORDS: Mapping[str, NoticeWording] = {
    DisputeStep.OPENED: lambda entry, about: (
        NO_SHOW if about.dispute.reason is Reason.NO_SHOW else OPENED
    )(entry, about),
    DisputeStep.ANSWERED: _line("You answered in the case", "{other} answered in the case", HELD),
    DisputeStep.EVIDENCE: _line("You added evidence", "{other} added evidence", HELD),
    DisputeStep.OFFERED: _line(
        "You offered {offer} back to {client}",
        "{other} offers {offer} back to {client}",
        "Of {held} that is held. Who accepts settles the case at once.",
        "hand-coins",
    ),
    DisputeStep.UNANSWERED: _line(
        "",
        "The time to answer in the case is over",
        "Both can add evidence now, and an answer is still possible. " + HELD,
        "clock-alert",
    ),
    DisputeStep.DECIDING: _line("", "An administrator decides the case", HELD),
    DisputeStep.ASKED: _line("", "An administrator asks both of you", HELD),
    DisputeStep.READ: _line("", "An administrator has opened your case", HELD, "eye"),
    DisputeStep.SETTLED: _line(
        "The case is settled: {back} back to {client}",
        "The case is settled: {back} back to {client}",
        "Of {held} that was held. The rest is released, less the fee.",
        "circle-check",
    ),
    DisputeStep.WITHDRAWN: _line(
        "You took the case back",
        "{other} took the case back",
        "The booking goes on, and {held} stays held.",
        "undo-2",
    ),
    DisputeStep.RESUMED: _line(
        "You deliver once more",
        "{other} delivers once more",
        "No round of changes is used, and {held} stays held.",
        "rotate-ccw",
    ),
    DisputeStep.PROPOSED: _line(
        "You cancelled after a delivery",
        "{other} cancels after your delivery",
        "The cancellation stands unless the developer contests it in time. {held} is held.",
        "ban",
    ),
    DisputeStep.CONTESTED: _line(
        "You contested the cancellation", "{other} contested the cancellation", HELD
    ),
    DisputeStep.KEPT: _line(
        "You kept the booking",
        "{other} kept the booking",
        "Nothing is cancelled, and {held} stays held.",
        "undo-2",
    ),
    "remind_dispute": _line("", "{other} waits for your answer in the case", HELD, "clock"),
}
NOTICES = NoticeWords(WORDS, _facts)
