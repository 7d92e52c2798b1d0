"""The billing details of a person, for the documents that are issued from now on."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.billing import NOBODY, BillingDetails, TaxParty, checked_billing
from ports.store import Repositories, Store
from services.billing.documents import BILLING_DETAILS


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingService:
    """`by` is the acting account."""

    store: Store

    async def details(self, *, by: str) -> TaxParty:
        """`NOBODY` for an account that has given none."""
        stored = await self.store.repositories.documents(BILLING_DETAILS).find(by)
        return stored.party if stored else NOBODY

    async def change(self, given: TaxParty, *, by: str) -> TaxParty:
        """Store the details, or remove them if all fields are empty. Raises `Invalid` with all
        fields that are not valid."""
        party = checked_billing(given)

        async def step(repositories: Repositories) -> TaxParty:
            documents = repositories.documents(BILLING_DETAILS)
            stored = await documents.find(by)
            if stored and party == NOBODY:
                await documents.remove(by)
            elif stored:
                await documents.save(replace(stored, party=party))
            elif party != NOBODY:
                await documents.add(BillingDetails(by, party))
            return party

        return await self.store.transact(step)
