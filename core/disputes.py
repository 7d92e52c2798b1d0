"""Disputes: both sides of a paid booking tell what is wrong, and agree on a split of the money that
is held, or an administrator decides.

A client who cancels after a delivery proposes the cancellation: the same entity, with the status
`PROPOSED`, until the developer agrees, contests or lets the time pass.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType, Self

from core.bookings import Party
from core.dispute_parts import (
    Evidence,
    How,
    Offer,
    OfferId,
    OfferState,
    Reason,
    Settlement,
    Statement,
    Wish,
    WishKind,
    checked_refund,
)
from core.disputes_policy import DisputePolicy
from core.errors import Conflict, NotFound
from core.money import Money
from core.timeline import Actor

DisputeId = NewType("DisputeId", str)

EVIDENCE_MAXIMUM = 100
OFFERS_MAXIMUM = 100
READINGS_KEPT = 50
"""Pieces of evidence and offers in one dispute, and times at which administrators read it."""


class Status(StrEnum):
    """What the dispute waits for. The values are stored."""

    PROPOSED = "proposed"
    OPEN = "open"
    EVIDENCE = "evidence"
    DECISION = "decision"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"
    RESUMED = "resumed"


NEXT: dict[Status, frozenset[Status]] = {
    # The developer contests, or agrees or is silent; or the client keeps the booking.
    Status.PROPOSED: frozenset({Status.EVIDENCE, Status.SETTLED, Status.WITHDRAWN}),
    Status.OPEN: frozenset({Status.EVIDENCE, Status.SETTLED, Status.WITHDRAWN, Status.RESUMED}),
    Status.EVIDENCE: frozenset({Status.DECISION, Status.SETTLED, Status.WITHDRAWN, Status.RESUMED}),
    # A question of an administrator gives both sides time for evidence again.
    Status.DECISION: frozenset({Status.EVIDENCE, Status.SETTLED, Status.WITHDRAWN, Status.RESUMED}),
    Status.SETTLED: frozenset(),
    Status.WITHDRAWN: frozenset(),
    Status.RESUMED: frozenset(),
}
"""The allowed transitions."""

CLOSED = frozenset(status for status, following in NEXT.items() if not following)
ARGUED = frozenset({Status.OPEN, Status.EVIDENCE, Status.DECISION})
"""Both sides can make offers, and an administrator can decide."""


class DisputeStep(StrEnum):
    """Kinds of timeline entries of a dispute. The values are stored."""

    OPENED = "dispute_opened"
    ANSWERED = "dispute_answered"
    EVIDENCE = "dispute_evidence"
    OFFERED = "dispute_offered"
    UNANSWERED = "dispute_unanswered"
    DECIDING = "dispute_deciding"
    ASKED = "dispute_asked"
    READ = "dispute_read"
    SETTLED = "dispute_settled"
    WITHDRAWN = "dispute_withdrawn"
    RESUMED = "dispute_resumed"
    PROPOSED = "cancellation_proposed"
    CONTESTED = "cancellation_contested"
    KEPT = "cancellation_withdrawn"


class DisputeActivity(StrEnum):
    """Kinds of audit entries about disputes. The values are stored."""

    DECIDED = "dispute_decided"


class IllegalTransition(Conflict):
    """The case has changed in the meantime. Check its current state."""

    code = "dispute_moved_on"


class OfferGone(Conflict):
    """This offer is no longer open: a newer one has replaced it, or the case is settled."""

    code = "offer_gone"


class OwnOffer(Conflict):
    """This is your own offer. The other side can accept it."""

    code = "own_offer"


class AlreadyAnswered(Conflict):
    """Each side makes one statement. Add evidence, or make an offer."""

    code = "already_answered"


class EvidenceOver(Conflict):
    """The time for evidence is over."""

    code = "evidence_over"


class TooMuch(Conflict):
    """This case has as much as it can hold. An administrator will decide."""

    code = "dispute_full"


@dataclass(frozen=True, slots=True)
class Dispute:
    """One case about the money of one booking. `held` is that money. The first statement is that of
    `opened_by`. At most one offer waits: the newest. Times are in UTC.

    `answer_by` is when the time to answer, or to contest, ends. `evidence_until` is set from the
    answer on. `readings` are the times at which administrators opened the case.
    """

    id: DisputeId
    booking_id: str
    booking_number: str
    job_id: str
    client: Party
    developer: Party
    held: Money
    opened_by: Actor
    reason: Reason
    statements: tuple[Statement, ...]
    opened_at: datetime
    answer_by: datetime
    ends_at: datetime
    status: Status = Status.OPEN
    evidence_until: datetime | None = None
    evidence: tuple[Evidence, ...] = ()
    offers: tuple[Offer, ...] = ()
    settlement: Settlement | None = None
    readings: tuple[datetime, ...] = ()
    closed_at: datetime | None = None
    version: int = 0

    @classmethod
    def propose_cancellation(
        cls, dispute: Dispute, *, refund: Money, now: datetime, policy: DisputePolicy
    ) -> Dispute:
        """The dispute as a proposed cancellation: `refund` is the client's offer."""
        offer = Offer(OfferId("ofr_1"), Actor.CLIENT, now, refund)
        return replace(
            dispute,
            status=Status.PROPOSED,
            offers=(offer,),
            answer_by=now + policy.contest_within,
        )

    @classmethod
    def claim_no_show(
        cls,
        dispute: Dispute,
        *,
        refund: Money,
        attendance: str,
        now: datetime,
        answer_within: timedelta,
    ) -> Dispute:
        """The dispute as the claim that the other side did not come. `refund` is what goes back to
        the client if the other side agrees or does not answer; `attendance` is evidence."""
        by = dispute.opened_by
        return replace(
            dispute,
            offers=(Offer(OfferId("ofr_1"), by, now, refund),),
            evidence=(Evidence(by, now, attendance),),
            answer_by=now + answer_within,
        )

    @property
    def stands_unanswered(self) -> bool:
        """Whether silence ends it as the side that opened it wants: no administrator decides."""
        return self.reason is Reason.NO_SHOW and self.status is Status.OPEN

    @property
    def open(self) -> bool:
        return self.status not in CLOSED

    @property
    def other(self) -> Actor:
        """The side that did not open it."""
        return Actor.DEVELOPER if self.opened_by is Actor.CLIENT else Actor.CLIENT

    @property
    def standing(self) -> Offer | None:
        """The offer that can be accepted."""
        return next((o for o in reversed(self.offers) if o.state is OfferState.WAITING), None)

    @property
    def answered(self) -> bool:
        return len(self.statements) > 1

    @property
    def files(self) -> tuple[str, ...]:
        """The ids of all files that the two sides have added."""
        lists = [*(each.files for each in self.statements), *(each.files for each in self.evidence)]
        return tuple(file for files in lists for file in files)

    @property
    def due(self) -> datetime:
        """When the next deadline is."""
        match self.status:
            case Status.PROPOSED | Status.OPEN:
                return self.answer_by
            case Status.EVIDENCE if self.evidence_until:
                return self.evidence_until
            case _:
                return self.ends_at

    def side(self, account_id: str) -> Actor:
        """Client or developer. Raises `NotFound` for an account that is no party."""
        if account_id == self.client.account_id:
            return Actor.CLIENT
        if account_id == self.developer.account_id:
            return Actor.DEVELOPER
        raise NotFound

    def party(self, side: Actor) -> Party:
        return self.client if side is Actor.CLIENT else self.developer

    def statement(self, side: Actor) -> Statement | None:
        return next((each for each in self.statements if each.by is side), None)

    def asked_by(self, side: Actor) -> Money | None:
        """What a side last wanted to go back to the client: its newest offer, else its wish."""
        offer = next((each for each in reversed(self.offers) if each.by is side), None)
        said = self.statement(side)
        return offer.refund if offer else said.wish.amount if said else None

    def answer(
        self,
        text: str,
        wish: Wish,
        *,
        by: Actor,
        now: datetime,
        policy: DisputePolicy,
        files: tuple[str, ...] = (),
    ) -> Self:
        """The statement of the other side; from then on both have time for evidence. It is possible
        until the decision is due. Raises `AlreadyAnswered` and `IllegalTransition`."""
        if self.statement(by):
            raise AlreadyAnswered
        if self.status is Status.DECISION:
            raise IllegalTransition
        statement = Statement(by, now, text, wish, files)
        said = replace(self, statements=(*self.statements, statement))
        if self.status is Status.EVIDENCE:
            return said
        return said._hear(now, policy)

    def stop_waiting(self, *, now: datetime, policy: DisputePolicy) -> Self:
        """Nobody has answered in time: the time for evidence begins. Raises `IllegalTransition`
        before that time."""
        if self.status is not Status.OPEN or self.stands_unanswered or now < self.answer_by:
            raise IllegalTransition
        return self._hear(now, policy)

    def end_evidence(self, *, now: datetime) -> Self:
        """An administrator decides now. Raises `IllegalTransition` before that time."""
        if self.evidence_until is None or now < self.evidence_until:
            raise IllegalTransition
        return self._to(Status.DECISION)

    def add_evidence(
        self, text: str, *, by: Actor, now: datetime, files: tuple[str, ...] = ()
    ) -> Self:
        """Raises `EvidenceOver`, `TooMuch` and `IllegalTransition`."""
        if self.status not in ARGUED:
            raise IllegalTransition
        late = self.evidence_until is not None and now >= self.evidence_until
        if self.status is Status.DECISION or late:
            raise EvidenceOver
        return self._with_evidence(Evidence(by, now, text, files))

    def ask(self, text: str, *, now: datetime, policy: DisputePolicy) -> Self:
        """A question of an administrator to both, who have time for evidence again; not after the
        end of a dispute that only waits for a bank. Raises `IllegalTransition`."""
        if self.status not in ARGUED:
            raise IllegalTransition
        asked = self._with_evidence(Evidence(Actor.ADMIN, now, text))
        if self.status is Status.OPEN or now >= self.ends_at:
            return asked
        until = min(now + policy.dispute_evidence_within, self.ends_at)
        until = max(until, self.evidence_until or until)
        return replace(asked, status=Status.EVIDENCE, evidence_until=until)

    def offer(self, refund: Money, note: str, *, by: Actor, now: datetime) -> Self:
        """A new offer, which replaces the one before. Raises `Invalid` for more than is held,
        `TooMuch` and `IllegalTransition`."""
        if self.status not in ARGUED:
            raise IllegalTransition
        if len(self.offers) >= OFFERS_MAXIMUM:
            raise TooMuch
        made = Offer(
            OfferId(f"ofr_{len(self.offers) + 1}"), by, now,
            checked_refund(refund, held=self.held), note,
        )  # fmt: skip
        before = tuple(each.ends_as(OfferState.REPLACED) for each in self.offers)
        return replace(self, offers=(*before, made))

    def accept(self, offer_id: OfferId, *, by: Actor, reason: str, now: datetime) -> Self:
        """The other side accepts the standing offer. Raises `OfferGone`, `OwnOffer` and
        `IllegalTransition`."""
        offer = next((each for each in self.offers if each.id == offer_id), None)
        if offer is None:
            raise NotFound
        if offer.state is not OfferState.WAITING:
            raise OfferGone
        if offer.by is by:
            raise OwnOffer
        accepted = tuple(each.ends_as(OfferState.ACCEPTED) for each in self.offers)
        settlement = Settlement(offer.refund, How.AGREED, by, now, reason)
        return replace(self, offers=accepted)._settle(settlement)

    def decide(self, refund: Money, *, reason: str, now: datetime) -> Self:
        """An administrator decides, at any time while it is argued. Raises `Invalid` for more than
        is held, and `IllegalTransition`."""
        if self.status not in ARGUED:
            raise IllegalTransition
        refund = checked_refund(refund, held=self.held)
        return self._settle(Settlement(refund, How.DECIDED, Actor.ADMIN, now, reason))

    def let_stand(self, *, reason: str, now: datetime) -> Self:
        """Nobody has contested the proposed cancellation, or answered that they came. Raises
        `IllegalTransition` before the time for that is over."""
        claimed = self.stands_unanswered
        offer = self.offers[0] if claimed else self.standing
        waits = claimed or self.status is Status.PROPOSED
        if not waits or offer is None or now < self.answer_by:
            raise IllegalTransition
        accepted = tuple(
            each.ends_as(OfferState.ACCEPTED if each is offer else OfferState.LAPSED)
            for each in self.offers
        )
        how = How.NOT_ANSWERED if claimed else How.UNCONTESTED
        settlement = Settlement(offer.refund, how, Actor.DEADLINE, now, reason)
        return replace(self, offers=accepted)._settle(settlement)

    def end(self, *, reason: str, now: datetime) -> Self:
        """The longest time is over (docs/rules.md, disputes): the client gets back what the client
        last asked for, and all without an amount. Raises `IllegalTransition` before that time."""
        if self.status not in ARGUED or now < self.ends_at:
            raise IllegalTransition
        asked = self.asked_by(Actor.CLIENT)
        refund = self.held if asked is None else asked
        return self._settle(Settlement(refund, How.TIME_OVER, Actor.DEADLINE, now, reason))

    def withdraw(self, *, by: Actor, now: datetime) -> Self:
        """Whoever opened it takes it back, and the work goes on. Raises `IllegalTransition`, also
        for the other side."""
        if by is not self.opened_by:
            raise IllegalTransition("Only the side that opened the case can take it back.")
        return self._close(Status.WITHDRAWN, now)

    def drop(self, *, now: datetime) -> Self:
        """There is no money left to divide. Raises `IllegalTransition`."""
        return self._close(Status.WITHDRAWN, now)

    def resume(self, *, by: Actor, now: datetime) -> Self:
        """The developer delivers once more, and the work goes on. Raises `IllegalTransition` unless
        the client wishes changes."""
        said = self.statement(Actor.CLIENT)
        wanted = said is not None and said.wish.kind is WishKind.CHANGES
        if by is not Actor.DEVELOPER or not wanted:
            raise IllegalTransition
        return self._close(Status.RESUMED, now)

    def read(self, *, now: datetime) -> Self:
        """An administrator has opened the case."""
        return replace(self, readings=(*self.readings, now)[-READINGS_KEPT:])

    def _hear(self, now: datetime, policy: DisputePolicy) -> Self:
        until = min(now + policy.dispute_evidence_within, self.ends_at)
        return replace(self._to(Status.EVIDENCE), evidence_until=until)

    def _with_evidence(self, evidence: Evidence) -> Self:
        if len(self.evidence) >= EVIDENCE_MAXIMUM:
            raise TooMuch
        return replace(self, evidence=(*self.evidence, evidence))

    def _settle(self, settlement: Settlement) -> Self:
        return replace(self._close(Status.SETTLED, settlement.at), settlement=settlement)

    def _close(self, status: Status, now: datetime) -> Self:
        offers = tuple(each.ends_as(OfferState.LAPSED) for each in self.offers)
        return replace(self._to(status), offers=offers, closed_at=now)

    def _to(self, status: Status) -> Self:
        if status not in NEXT[self.status]:
            raise IllegalTransition
        return replace(self, status=status)
