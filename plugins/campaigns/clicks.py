"""Follows the button of a mail, and counts it for those who allowed that."""

from __future__ import annotations

from dataclasses import dataclass, replace

from plugins.api import BookingId, Clock, Repositories, Store
from plugins.campaigns.consents import CONSENTS
from plugins.campaigns.mails import path_of
from plugins.campaigns.model import ATTEMPTED, CAMPAIGNS, PEOPLE, RECIPIENTS, recipient_id
from plugins.campaigns.numbers import save_row, transact
from plugins.campaigns.tokens import Tokens, UnknownLink


@dataclass(frozen=True, slots=True, kw_only=True)
class Clicks:
    store: Store
    tokens: Tokens
    clock: Clock

    async def follow(self, token: str, *, count: bool) -> str:
        """The path on this site to which the button leads. The first click of a person is counted
        if they allow it, still. Raises `UnknownLink`."""
        campaign_id, account = self.tokens.read(token)
        campaign = await self.store.repositories.documents(CAMPAIGNS).find(campaign_id)
        if campaign is None:
            raise UnknownLink
        if count:
            await self._count(campaign_id, account)
        return path_of(campaign.words.target, await self._developer(account)) or "/"

    async def _count(self, campaign: str, account: str) -> None:
        now = self.clock.now()

        async def step(repositories: Repositories) -> None:
            rows = repositories.documents(RECIPIENTS)
            row = await rows.find(recipient_id(campaign, account))
            consent = await repositories.documents(CONSENTS).find(account)
            allowed = row and row.clicks and consent and consent.clicks
            if row and allowed and row.progress in ATTEMPTED and row.clicked_at is None:
                await save_row(repositories, row, replace(row, clicked_at=now))

        await transact(self.store, step)

    async def _developer(self, account: str) -> str:
        """Of the last booking, if the profile is still public."""
        repositories = self.store.repositories
        person = await repositories.documents(PEOPLE).find(account)
        if person is None or not person.last_booking:
            return ""
        booking = await repositories.bookings.find(BookingId(person.last_booking))
        if booking is None:
            return ""
        developer = await repositories.developers.find_by_account(booking.developer.account_id)
        return developer.id if developer and developer.published else ""
