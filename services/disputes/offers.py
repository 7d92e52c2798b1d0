"""Offers of the two parties: the newest can be accepted, and settles the dispute at once."""

from __future__ import annotations

from dataclasses import dataclass

from core.dispute_parts import OfferId, checked_offer_note, checked_split
from core.disputes import Dispute, DisputeId, DisputeStep
from core.money import Money
from ports.clock import Clock
from ports.store import Repositories, Store
from services.disputes.cases import Cases
from services.disputes.storage import dispute_of_party


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferService:
    """`by` is the acting account; raises `NotFound` for accounts without access."""

    store: Store
    cases: Cases
    clock: Clock

    async def offer(
        self, dispute_id: DisputeId, *, by: str, refund: Money, note: str = ""
    ) -> Dispute:
        """Offer that `refund` goes back to the client, and the rest to the developer. It replaces
        the offer before. Raises `Invalid`, `TooMuch` and `IllegalTransition`."""

        async def step(repositories: Repositories) -> Dispute:
            dispute, side = await dispute_of_party(repositories, dispute_id, by)
            said = checked_split(refund, note, held=dispute.held, check=checked_offer_note)
            offered = dispute.offer(refund, said, by=side, now=self.clock.now())
            key = offered.offers[-1].id
            return await self.cases.save(
                repositories, offered, DisputeStep.OFFERED, side, detail=said, key=key
            )

        return await self.store.transact(step)

    async def accept(self, dispute_id: DisputeId, offer_id: OfferId, *, by: str) -> Dispute:
        """Accept the offer of the other side; a developer also agrees so to a proposed
        cancellation. The money is divided at once. Raises `OfferGone` and `OwnOffer`."""

        async def step(repositories: Repositories) -> Dispute:
            dispute, side = await dispute_of_party(repositories, dispute_id, by)
            offer = next((each for each in dispute.offers if each.id == offer_id), None)
            reason = (offer.note if offer else "") or "Both sides agreed on this split."
            accepted = dispute.accept(offer_id, by=side, reason=reason, now=self.clock.now())
            return await self.cases.settle(repositories, accepted)

        return await self.store.transact(step)
