"""What administrators did with campaigns, in the activity of their own accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from plugins.api import Account, Caller, Repositories, audit_message
from plugins.campaigns.model import Campaign


class CampaignActivity(StrEnum):
    """Kinds of audit entries. The values are stored."""

    CREATED = "campaign_created"
    TESTED = "campaign_tested"
    SCHEDULED = "campaign_scheduled"
    PAUSED = "campaign_paused"
    RESUMED = "campaign_resumed"
    CANCELLED = "campaign_cancelled"


WORDS: Mapping[str, str] = {
    CampaignActivity.CREATED: "Campaign created",
    CampaignActivity.TESTED: "Test of a campaign sent",
    CampaignActivity.SCHEDULED: "Campaign scheduled",
    CampaignActivity.PAUSED: "Campaign paused",
    CampaignActivity.RESUMED: "Campaign resumed",
    CampaignActivity.CANCELLED: "Campaign stopped",
}


async def record(
    repositories: Repositories,
    what: CampaignActivity,
    campaign: Campaign,
    *,
    by: Account,
    caller: Caller,
    at: datetime,
    key: str = "",
) -> None:
    """In the transaction of the change itself. `key` is for actions that do not change the
    campaign, and can be repeated."""
    entry = audit_message(
        what,
        key or f"{campaign.id}:{campaign.version}",
        account=by.id,
        at=at,
        address=caller.place,
        device=caller.device,
        campaign=campaign.name,
    )
    await repositories.outbox.add(entry)
