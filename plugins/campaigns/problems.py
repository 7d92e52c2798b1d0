"""When a campaign pauses by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from plugins.api import Finding, Repositories
from plugins.campaigns.model import CAMPAIGNS, Campaign
from plugins.campaigns.numbers import Numbers

MOST_BOUNCES_PERCENT, MOST_COMPLAINTS_PER_1000 = 5, 3
FEWEST_BOUNCES, FEWEST_COMPLAINTS = 5, 3
"""A campaign pauses by itself at these shares, but not before there are so many."""


def too_many_problems(numbers: Iterable[Numbers]) -> str:
    """Why the campaign should pause by itself; '' if all is well."""
    found = tuple(numbers)
    tried = sum(each.attempted for each in found)
    bounced = sum(each.bounced for each in found)
    complained = sum(each.complained for each in found)
    if bounced >= FEWEST_BOUNCES and bounced * 100 >= MOST_BOUNCES_PERCENT * tried:
        return f"{bounced} of {tried} mails came back."
    if complained >= FEWEST_COMPLAINTS and complained * 1000 >= MOST_COMPLAINTS_PER_1000 * tried:
        return f"{complained} of {tried} people complained."
    return ""


async def pause_for(
    repositories: Repositories, campaign: Campaign, reason: str, now: datetime
) -> None:
    """Pause it, and tell the operators."""
    paused = campaign.pause(by="The site", at=now, reason=reason)
    saved = await repositories.documents(CAMPAIGNS).save(paused)
    finding = f"campaign_paused:{saved.id}:{saved.step}"
    await repositories.findings.report(Finding(finding, "campaign_paused", saved.id, reason, now))
