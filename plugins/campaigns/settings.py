"""What an operator can set: ONEHOUR_PLUGIN_CAMPAIGNS_…"""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from plugins.api import QuietHours

CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"


class CampaignSettings(BaseSettings):
    """At most `per_week` mails to one person in seven days, none from `quiet_from` to `quiet_until`
    on the clocks of that person, and `fastest` mails an hour at most. Source of the numbers: the
    rules of campaigns in docs/campaigns.md."""

    model_config = SettingsConfigDict(
        env_prefix="ONEHOUR_PLUGIN_CAMPAIGNS_", frozen=True, hide_input_in_errors=True
    )

    per_week: int = Field(default=2, ge=1, le=7)
    quiet_from: str = Field(default="21:00", pattern=CLOCK)
    quiet_until: str = Field(default="09:00", pattern=CLOCK)
    fastest: int = Field(default=3_600, ge=1, le=100_000)

    @property
    def quiet(self) -> QuietHours:
        return QuietHours(self.quiet_from, self.quiet_until)
