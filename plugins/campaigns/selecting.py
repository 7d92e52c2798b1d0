"""Selects the recipients of a campaign: a row for each person, page by page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from plugins.api import Account, Clock, Repositories, Store
from plugins.campaigns.audience import Answer, Candidate, answer, candidates
from plugins.campaigns.chain import add_next, running
from plugins.campaigns.model import RECIPIENTS, Campaign, Recipient, recipient_id
from plugins.campaigns.numbers import add_rows
from plugins.campaigns.settings import CampaignSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Selecting:
    store: Store
    clock: Clock
    settings: CampaignSettings

    async def select_page(self, campaign: Campaign) -> None:
        """A row for each person of the next page of those who agreed, and the message that goes
        on."""
        now = self.clock.now()

        async def step(repositories: Repositories) -> None:
            stored = await running(repositories, campaign)
            if stored is None:
                return
            found, cursor = await candidates(repositories, stored.topic, cursor=stored.cursor)
            rows = [
                self._row(stored, each.account, now)
                for each in found
                if self._gets(stored, each, now)
            ]
            known = await repositories.documents(RECIPIENTS).many([row.id for row in rows])
            await add_rows(repositories, [row for row in rows if row.id not in known])
            stored = replace(
                stored.begin(at=now), cursor=cursor, selected=cursor is None, step=stored.step + 1
            )
            await add_next(repositories, stored, due_at=now)

        await self.store.transact(step)

    def _gets(self, campaign: Campaign, candidate: Candidate, now: datetime) -> bool:
        given = answer(
            candidate,
            campaign.segment,
            campaign=campaign.id,
            per_week=self.settings.per_week,
            now=now,
        )
        return given is Answer.YES

    def _row(self, campaign: Campaign, account: Account, now: datetime) -> Recipient:
        return Recipient(
            recipient_id(campaign.id, account.id),
            campaign.id,
            account.id,
            account.timezone,
            self.settings.quiet.over_at(now, account.timezone),
        )
