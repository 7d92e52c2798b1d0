"""What the pages of disputes show: the case with its booking, work, conversation and money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from markupsafe import Markup

from core.bookings import Booking, BookingId
from core.chats import ChatId, chat_id
from core.deliveries import Delivery
from core.developers import DeveloperId
from core.dispute_parts import Offer, Reason
from core.disputes import ARGUED, Dispute
from core.files import StoredFile
from core.money import Money
from core.payments import Payment, PaymentId
from core.shares import Shares
from core.timeline import Actor, Entry
from web.disputes.wording import first
from web.files import texts_of
from web.shared.context import dependencies, now, services


@dataclass(frozen=True, slots=True)
class CaseView:
    """A dispute for `viewer`: one of its sides, or an administrator."""

    dispute: Dispute
    viewer: Actor
    booking: Booking
    payment: Payment
    deliveries: tuple[Delivery, ...]
    entries: tuple[Entry, ...]
    files: Mapping[str, StoredFile]
    """The files of statements and evidence by id; for an administrator also those delivered."""
    texts: Mapping[str, Markup]
    """The highlighted beginnings of texts among the files, by id."""
    messages: int
    """How many messages the conversation of the two has."""

    @property
    def client(self) -> str:
        return "you" if self.viewer is Actor.CLIENT else first(self.dispute.client.name)

    @property
    def developer(self) -> str:
        return "you" if self.viewer is Actor.DEVELOPER else first(self.dispute.developer.name)

    @property
    def other(self) -> str:
        """The first name of the other side."""
        party = self.dispute.developer if self.viewer is Actor.CLIENT else self.dispute.client
        return first(party.name)

    def who(self, actor: Actor) -> str:
        if actor is self.viewer:
            return "You"
        if actor in (Actor.CLIENT, Actor.DEVELOPER):
            return first(self.dispute.party(actor).name)
        return "An administrator" if actor is Actor.ADMIN else "The deadline"

    def files_of(self, ids: Sequence[str]) -> list[StoredFile]:
        return [self.files[each] for each in ids if each in self.files]

    @property
    def happened(self) -> list[tuple[datetime, str]]:
        """What was done so far, and when, in this order."""
        dispute, opened = self.dispute, self.who(self.dispute.opened_by)
        cancelled = dispute.reason is Reason.CANCELLATION
        done = [(dispute.opened_at, f"{opened} {'cancelled' if cancelled else 'opened the case'}")]
        done += [(said.at, f"{self.who(said.by)} answered") for said in dispute.statements[1:]]
        done += [(at, "An administrator opened the case") for at in dispute.readings]
        return sorted(done, key=itemgetter(0))

    def shares(self, refund: Money) -> Shares:
        return Shares.of(self.booking, refund)

    @property
    def argued(self) -> bool:
        return self.dispute.status in ARGUED

    @property
    def standing(self) -> Offer | None:
        return self.dispute.standing

    @property
    def may_answer(self) -> bool:
        """Whether the viewer can still make a statement."""
        said = self.dispute.statement(self.viewer)
        return said is None and self.dispute.status in ("proposed", "open", "evidence")

    @property
    def may_add_evidence(self) -> bool:
        until = self.dispute.evidence_until
        return self.dispute.status in ("open", "evidence") and (until is None or now() < until)

    @property
    def may_take_back(self) -> bool:
        return self.dispute.open and self.dispute.opened_by is self.viewer

    @property
    def may_deliver_once_more(self) -> bool:
        said = self.dispute.statement(Actor.CLIENT)
        wanted = said is not None and said.wish.kind == "changes"
        return wanted and self.argued and self.viewer is Actor.DEVELOPER

    @property
    def chat(self) -> ChatId:
        return chat_id(self.booking.client.account_id, DeveloperId(self.booking.developer.id))


async def view_of(dispute: Dispute, viewer: Actor) -> CaseView:
    """Six reads, five without files, and one for each text that is shown."""
    repositories = dependencies().store.repositories
    booking = await repositories.bookings.get(BookingId(dispute.booking_id))
    pair = chat_id(booking.client.account_id, DeveloperId(booking.developer.id))
    chat = await repositories.chats.find(pair)
    deliveries = await repositories.deliveries.of_job(dispute.job_id)
    wanted = [*dispute.files]
    if viewer is Actor.ADMIN:
        wanted += [file.id for delivery in deliveries for file in delivery.files]
    files = await services().attachments.of(repositories, wanted)
    return CaseView(
        dispute=dispute,
        viewer=viewer,
        booking=booking,
        payment=await repositories.payments.get(PaymentId(booking.payment_id)),
        deliveries=deliveries,
        entries=await repositories.timeline.of_booking(booking.id),
        files=files,
        texts=await texts_of(list(files.values())),
        messages=chat.last_seq if chat else 0,
    )
