"""The chain of outbox messages of a campaign: each goes on with it and adds the next."""

from __future__ import annotations

from datetime import datetime

from plugins.api import Repositories, message
from plugins.campaigns.model import CAMPAIGNS, Campaign, GoOn


async def running(repositories: Repositories, campaign: Campaign) -> Campaign | None:
    """The stored campaign, if the message that has read it still goes on with it."""
    stored = await repositories.documents(CAMPAIGNS).find(campaign.id)
    return stored if stored and stored.runs(campaign.step) else None


async def add_next(repositories: Repositories, campaign: Campaign, *, due_at: datetime) -> Campaign:
    """Save the campaign with the message that goes on with it."""
    saved = await repositories.documents(CAMPAIGNS).save(campaign)
    payload = GoOn(saved.id, saved.step)
    await repositories.outbox.add(message(payload, f"{saved.id}.{saved.step}", due_at=due_at))
    return saved
